from django.apps import AppConfig


class VettingConfig(AppConfig):
    name = "experts.vetting"
    label = "vetting"
    verbose_name = "Vetting"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from experts.assessments.signals import result_changed  # models must be ready
        from experts.vetting import actions, queries, receivers
        from experts.vetting.models import Check
        from experts.vetting.personal import ROOM
        from experts.vetting.tasks import work_check
        from marketplace.kernel import personal, registry
        from marketplace.kernel.jobs import ring_due

        personal.register(ROOM)
        result_changed.connect(receivers.look_at_changed_result, dispatch_uid="vetting.look_at_changed_result")
        registry.palettes["vetting.cases"] = queries.found_cases
        item = registry.NavItem
        registry.register_navigation(
            item("vetting", "Queue", "inbox", "vetting:queue", 10, badge=queries.waiting_for_staff),
            item("vetting", "Sanctions", "shield-alert", "vetting:hits", 15, badge=queries.hits_waiting),
            item("vetting", "Re-checks", "history", "vetting:rechecks", 18),
            item("vetting", "Decided", "scale", "vetting:decided", 20, "Record"),
            item("vetting", "Workload", "chart-column", "vetting:workload", 25, "Record"),
            item("foot", "How vetting works", "info", "vetting:how", 5),
        )
        registry.register_notice_kinds(
            registry.NoticeKind("vetting", "Decisions about your vetting", essential=True),
            registry.NoticeKind("vetting_queue", "The vetting queue", names_others=True),
        )
        registry.sweeps["vetting.checks"] = lambda now: ring_due(
            Check.objects.unfinished(), now=now, ring=lambda pk: work_check.delay(check_id=pk)
        )
        registry.sweeps["vetting.parked_checks"] = lambda now: actions.take_over_parked_checks(now=now)
        registry.sweeps["vetting.checked_cases"] = lambda now: actions.settle_checked_cases(now=now)
        registry.sweeps["vetting.overdue_cases"] = lambda now: actions.pass_on_overdue_cases(now=now)
        registry.sweeps["vetting.unanswered_cases"] = lambda now: actions.close_unanswered_cases(now=now)
        registry.sweeps["vetting.opinions"] = lambda now: actions.free_overdue_opinions(now=now)
        registry.sweeps["vetting.duplicates"] = lambda now: actions.follow_questions(now=now)
        registry.sweeps["vetting.screening"] = lambda now: actions.screen_due(now=now)
