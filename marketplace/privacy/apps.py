from datetime import datetime

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "marketplace.privacy"
    label = "privacy"
    verbose_name = "Privacy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.core import checks

        from marketplace.kernel import personal, registry
        from marketplace.kernel.jobs import ring_due
        from marketplace.privacy import actions, queries, tasks  # models must be ready
        from marketplace.privacy.checks import erasure_list_is_configured
        from marketplace.privacy.models import DataCopy, ErasureRequest
        from marketplace.privacy.personal import ROOM

        checks.register(erasure_list_is_configured, checks.Tags.security, deploy=True)
        personal.register(ROOM)
        registry.for_the_person_alone.add("privacy:")
        registry.register_notice_kinds(registry.NoticeKind("privacy", "Your data and erasure", essential=True))
        registry.register_navigation(
            registry.NavItem("account", "Your data", "download", "privacy:mine", 80),
            registry.NavItem("support", "Erasure", "trash-2", "privacy:requests", 10, badge=queries.requests_waiting),
        )

        def ring_copies(now: datetime) -> int:
            return ring_due(DataCopy.objects.to_write(), now=now, ring=lambda pk: tasks.write_copy.delay(copy_id=pk))

        def ring_erasures(now: datetime) -> int:
            return ring_due(
                ErasureRequest.objects.to_work(), now=now, ring=lambda pk: tasks.erase_person.delay(request_id=pk)
            )

        registry.sweeps["privacy.copies"] = ring_copies
        registry.sweeps["privacy.parked_copies"] = lambda now: actions.give_up_parked_copies(now=now)
        registry.sweeps["privacy.outlived_copies"] = lambda now: actions.expire_copies(now=now)
        registry.sweeps["privacy.erasures"] = ring_erasures
        registry.sweeps["privacy.outlived_identities"] = lambda now: actions.drop_outlived_identities(now=now)
