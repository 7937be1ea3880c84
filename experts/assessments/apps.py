from datetime import datetime

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "experts.assessments"
    label = "assessments"
    verbose_name = "Assessments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from experts.assessments import actions, queries, tasks  # models must be ready
        from experts.assessments.models import Recording, ResultEvent
        from experts.assessments.personal import ROOM
        from marketplace.kernel import personal, registry
        from marketplace.kernel.jobs import ring_due

        personal.register(ROOM)
        item = registry.NavItem
        registry.register_navigation(
            item("vetting", "Scoring", "clipboard-check", "assessments:scoring", 30, "Assessments",
                 badge=queries.scripts_for_badge),
            item("vetting", "Questions", "list-checks", "assessments:bank", 40, "Assessments"),
            item("vetting", "Papers", "file-text", "assessments:papers", 50, "Assessments"),
            item("vetting", "Statistics", "chart-column", "assessments:statistics", 60, "Assessments"),
            item("vetting", "Accommodations", "user-check", "assessments:requests", 70, "Assessments",
                 badge=queries.requests_for_badge),
        )  # fmt: skip
        registry.register_notice_kinds(
            registry.NoticeKind("assessments", "Assessments and interviews", essential=True),
            registry.NoticeKind("scoring", "Answers that wait for scores", names_others=True),
        )

        def ring_events(now: datetime) -> int:
            return ring_due(ResultEvent.objects.all(), now=now, ring=lambda pk: tasks.deliver_event.delay(event_id=pk))

        def ring_recordings(now: datetime) -> int:
            return ring_due(
                Recording.objects.all(), now=now, ring=lambda pk: tasks.check_recording.delay(recording_id=pk)
            )

        registry.sweeps["assessments.overdue_attempts"] = lambda now: actions.close_overdue_attempts(now=now)
        registry.sweeps["assessments.overdue_interviews"] = lambda now: actions.close_overdue_interviews(now=now)
        registry.sweeps["assessments.overdue_scripts"] = lambda now: actions.remind_of_overdue_scripts(now=now)
        registry.sweeps["assessments.overdue_requests"] = lambda now: actions.remind_of_overdue_requests(now=now)
        registry.sweeps["assessments.recordings"] = ring_recordings
        registry.sweeps["assessments.parked_recordings"] = lambda now: actions.refuse_parked_recordings(now=now)
        registry.sweeps["assessments.events"] = ring_events
