from datetime import datetime

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "payments.reports"
    label = "reports"
    verbose_name = "Reports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace.kernel import registry
        from payments.reports import tasks
        from payments.reports.queries.cockpit import checks_are_due, red_checks

        def ring_checks(now: datetime) -> int:
            if not checks_are_due(now):
                return 0
            tasks.check_invariants.delay()
            return 1

        registry.sweeps["reports.invariants"] = ring_checks
        item = registry.NavItem
        registry.register_navigation(
            item("finance", "Cockpit", "gauge", "reports:cockpit", 10, badge=red_checks),
            item("finance", "Ledger", "book-open", "reports:ledger", 50, "Books"),
            item("finance", "Reports", "chart-column", "reports:index", 60, "Books"),
        )
