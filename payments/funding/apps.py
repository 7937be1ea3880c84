from datetime import datetime

from django.apps import AppConfig


class FundingConfig(AppConfig):
    name = "payments.funding"
    label = "funding"
    verbose_name = "Funding"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace.kernel import personal, registry
        from marketplace.kernel.jobs import ring_due
        from payments.funding import receivers, tasks
        from payments.funding.models import Deposit, FundingEvent
        from payments.funding.personal import ROOM
        from payments.gateway.signals import checkout_session_changed

        personal.register(ROOM)
        checkout_session_changed.connect(receivers.fold_changed_session, dispatch_uid="funding.fold_changed_session")
        registry.register_notice_kinds(registry.NoticeKind("deposits", "Deposits", essential=True))

        def ring_events(now: datetime) -> int:
            return ring_due(FundingEvent.objects.all(), now=now, ring=lambda pk: tasks.deliver_event.delay(event_id=pk))

        def ring_deposits(now: datetime) -> int:
            ids = list(Deposit.objects.unchecked(now).values_list("pk", flat=True)[:200])
            for pk in ids:
                tasks.refetch_deposit.delay(deposit_id=str(pk))
            return len(ids)

        registry.sweeps["funding.events"] = ring_events
        registry.sweeps["funding.deposits"] = ring_deposits
