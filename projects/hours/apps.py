from django.apps import AppConfig


class HoursConfig(AppConfig):
    name = "projects.hours"
    label = "hours"
    verbose_name = "Hours"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace.kernel import personal, registry
        from payments.payouts.signals import run_drafted
        from projects.hours.actions.screening import follow_screening
        from projects.hours.actions.timers import stop_abandoned_timers
        from projects.hours.actions.timesheets import approve_by_silence, close_weeks
        from projects.hours.personal import ROOM
        from projects.hours.queries import hours_waiting, lines_off, reserves_off
        from projects.hours.receivers import screen_drafted_run
        from projects.labs.enums import MANAGING_ROLES

        personal.register(ROOM)
        item = registry.NavItem
        registry.register_navigation(
            item("expert", "Hours", "clock", "hours:week", 40),
            item("expert", "Earnings", "wallet", "hours:earnings", 50),
            item(
                "lab",
                "Hours to approve",
                "clock",
                "hours:lab_hours",
                60,
                "Money",
                lab_scoped=True,
                roles=MANAGING_ROLES,
                badge=hours_waiting,
            ),
            item(
                "lab",
                "Statement",
                "receipt-text",
                "hours:statement",
                80,
                "Money",
                lab_scoped=True,
                roles=MANAGING_ROLES,
            ),
        )
        # In this order: a running timer is written before its week is closed.
        registry.sweeps["hours.timers"] = lambda now: stop_abandoned_timers(now=now)
        registry.sweeps["hours.close_weeks"] = lambda now: close_weeks(now=now)
        registry.sweeps["hours.silence"] = lambda now: approve_by_silence(now=now)
        registry.sweeps["hours.screening"] = lambda now: follow_screening(now=now)
        run_drafted.connect(screen_drafted_run, dispatch_uid="hours.screen_drafted_run")
        registry.invariants["hours: the reserves of open weeks are in the books"] = reserves_off
        registry.invariants["hours: every approved line was charged once"] = lines_off
        registry.register_notice_kinds(
            registry.NoticeKind("hours", "Your hours and pay", essential=True),
            registry.NoticeKind("hours_to_approve", "Hours to approve", essential=True, names_others=True),
            registry.NoticeKind("project_funds", "Project funds that run out", essential=True),
        )
