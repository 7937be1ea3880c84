from django.apps import AppConfig


class CredentialsConfig(AppConfig):
    name = "experts.credentials"
    label = "credentials"
    verbose_name = "Credentials"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from experts.credentials import actions  # models must be ready
        from experts.credentials.models import Document, FileEvent
        from experts.credentials.personal import ROOM
        from experts.credentials.tasks import check_document, deliver_event
        from marketplace.kernel import personal, registry
        from marketplace.kernel.jobs import ring_due

        personal.register(ROOM)
        registry.for_the_person_alone.add("credentials:document")
        registry.register_navigation(
            registry.NavItem("expert", "Credentials", "badge-check", "credentials:list", order=60),
        )
        registry.register_notice_kinds(registry.NoticeKind("credentials", "Credentials and documents"))
        registry.sweeps["credentials.documents"] = lambda now: ring_due(
            Document.objects.all(), now=now, ring=lambda pk: check_document.delay(document_id=pk)
        )
        registry.sweeps["credentials.parked_documents"] = lambda now: actions.refuse_parked_documents(now=now)
        registry.sweeps["credentials.events"] = lambda now: ring_due(
            FileEvent.objects.all(), now=now, ring=lambda pk: deliver_event.delay(event_id=pk)
        )
        registry.sweeps["credentials.partial_uploads"] = lambda now: actions.drop_old_uploads(now=now)
        # Warned first, so that a credential that lapses today was not forgotten; compared last, on what still counts.
        registry.sweeps["credentials.warnings"] = lambda now: actions.warn_of_expiry(now=now)
        registry.sweeps["credentials.expired"] = lambda now: actions.lapse_expired(now=now)
        registry.sweeps["credentials.confirmations"] = lambda now: actions.lapse_confirmations(now=now)
        registry.sweeps["credentials.registries"] = lambda now: actions.compare_due(now=now)
