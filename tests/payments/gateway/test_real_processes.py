"""The whole way with nothing in this process: stand-in, web server and workers, signed and queued for real."""

from __future__ import annotations

import pytest

from marketplace.kernel.jobs import JobState
from payments.gateway.enums import EventSource
from payments.gateway.models import StripeEvent
from tests.payments.gateway.standin import StandIn
from tests.support.processes import LiveStack, wait_until

PAID = ["charge.succeeded", "checkout.session.completed", "payment_intent.succeeded"]


def done() -> list[str]:
    return sorted(StripeEvent.objects.filter(job_state=JobState.DONE).values_list("type", flat=True))


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_events_are_worked_by_a_real_worker_and_lost_ones_found_by_the_sweep(live_stack: LiveStack) -> None:
    standin = StandIn(live_stack.env["STRIPE_SIMULATOR_URL"])
    standin.pay(standin.session())
    wait_until(lambda: done() == PAID, what="the worker to hand up three events")
    standin.faults({"event": "*", "action": "drop"})
    standin.pay(standin.session())
    wait_until(lambda: len(standin.state()["deliveries"]) == 6, what="three lost deliveries")
    live_stack.manage("sweep")
    wait_until(lambda: done() == sorted(PAID * 2), what="the sweep to find what was lost")
    assert StripeEvent.objects.filter(source=EventSource.SWEEP).count() == 3
