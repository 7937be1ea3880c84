from datetime import datetime

from django.apps import AppConfig


class GatewayConfig(AppConfig):
    name = "payments.gateway"
    label = "gateway"
    verbose_name = "Stripe"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace.kernel import registry
        from marketplace.kernel.jobs import ring_due
        from payments.gateway.models import StripeEvent
        from payments.gateway.tasks import fetch_missed_events, handle_event

        def ring_events(now: datetime) -> int:
            return ring_due(StripeEvent.objects.all(), now=now, ring=lambda pk: handle_event.delay(event_id=pk))

        def ring_missed(_now: datetime) -> int:
            fetch_missed_events.delay()
            return 0

        registry.sweeps["gateway.events"] = ring_events
        registry.sweeps["gateway.missed_events"] = ring_missed
