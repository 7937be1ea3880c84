from django.apps import AppConfig


class PayoutsConfig(AppConfig):
    name = "payments.payouts"
    label = "payouts"
    verbose_name = "Payouts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace.kernel import personal, registry
        from payments.gateway.signals import account_changed, transfer_reversed
        from payments.payouts import actions, queries, receivers
        from payments.payouts.personal import ROOM
        from payments.payouts.views import doors

        personal.register(ROOM)
        account_changed.connect(receivers.fetch_changed_account, dispatch_uid="payouts.fetch_changed_account")
        transfer_reversed.connect(receivers.credit_reversed_transfer, dispatch_uid="payouts.credit_reversed_transfer")
        registry.sweeps["payouts.items"] = actions.ring_due_items
        registry.sweeps["payouts.jobs"] = actions.ring_due_jobs
        registry.sweeps["payouts.events"] = actions.ring_due_events
        registry.sweeps["payouts.runs"] = lambda now: actions.runs_in_doubt(now=now)
        registry.sweeps["payouts.reconciliation"] = lambda now: actions.ring_daily(now=now)
        registry.sweeps["payouts.accounts"] = lambda now: actions.ring_old_accounts(now=now)
        registry.invariants["payouts: in transit equals the open items"] = queries.transit_off
        registry.invariants["payouts: every sent item is in the books"] = queries.sent_without_entry
        registry.register_notice_kinds(
            registry.NoticeKind("payouts", "Payouts and your payout account", essential=True),
            registry.NoticeKind("pay_runs", "Pay runs and holds", essential=True, names_others=True),
        )
        registry.palettes["payouts.runs"] = queries.found_runs
        registry.register_navigation(
            registry.NavItem("finance", "Pay runs", "send", "payouts:runs", 20, badge=doors.runs_waiting),
            registry.NavItem("finance", "Holds", "circle-pause", "payouts:holds", 30, badge=doors.holds_waiting),
            registry.NavItem(
                "finance", "Corrections", "scale", "payouts:corrections", 40, badge=doors.corrections_waiting
            ),
            registry.NavItem("account", "Payout account", "banknote", "payouts:account", 70),
        )
