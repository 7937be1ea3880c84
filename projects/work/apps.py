from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "projects.work"
    label = "work"
    verbose_name = "Work"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace.kernel import personal, registry
        from marketplace.kernel.jobs import ring_due
        from projects.hiring.queries.records import records
        from projects.labs.enums import REVIEWING_ROLES
        from projects.work.actions import claims, reviews, submissions
        from projects.work.models import Batch
        from projects.work.personal import ROOM
        from projects.work.queries.batches import found_work
        from projects.work.queries.records import records_of
        from projects.work.queries.reviews import count_waiting
        from projects.work.tasks import read_batch

        personal.register(ROOM)
        registry.register_notice_kinds(registry.NoticeKind("work", "Tasks, batches and reviews"))
        registry.register_navigation(
            registry.NavItem("expert", "Work", "list-checks", "work:queue", order=30),
            registry.NavItem(
                "lab", "Review queue", "clipboard-check", "work:review_queue", order=50, group="Work", lab_scoped=True,
                roles=frozenset(map(str, REVIEWING_ROLES)), badge=count_waiting,
            ),
        )  # fmt: skip
        registry.palettes["work"] = found_work
        records["work"] = records_of
        registry.sweeps["work.batches"] = lambda now: ring_due(
            Batch.objects.with_file_work(), now=now, ring=lambda pk: read_batch.delay(batch_id=pk)
        )
        registry.sweeps["work.leases"] = lambda now: claims.release_expired(now=now)
        registry.sweeps["work.corrections"] = lambda now: submissions.release_overdue_corrections(now=now)
        registry.sweeps["work.silent_reviews"] = lambda now: reviews.accept_silent(now=now)
