"""
A hold beside a run that is being computed, and beside an item that is being sent: with real transactions that are open
at the same time, and with a control for each that shows what is lost without the gate and without the lock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from django.db import connection, transaction

from payments.gateway import client
from payments.payouts import actions, queries
from payments.payouts.actions import runs
from payments.payouts.actions.holds import open_hold
from payments.payouts.enums import HoldReason, ItemState, RunState
from payments.payouts.models import Hold, PayItem
from tests.factories.payments_payouts import BY, NOW, drafted_run, executing_run, make_payee
from tests.support.races import Beside, waits_for_a_lock

pytestmark = [pytest.mark.full, pytest.mark.django_db(transaction=True)]
WORDS = "Somebody has called about this"


def place(payee):
    return actions.place_hold(
        payee=payee, reason=HoldReason.MANUAL, words=WORDS, expires_at=None, by=BY, now=NOW
    )  # fmt: skip


@contextmanager
def a_hold_that_is_not_committed_yet(payee) -> Iterator[Callable[[], object]]:
    """Write a hold in a transaction of its own that ends when the function it gives is called."""
    written, go_on = threading.Event(), threading.Event()

    def write():
        with transaction.atomic():
            open_hold(payee=payee, reason=HoldReason.MANUAL, words=WORDS, expires_at=None, by=BY, now=NOW)
            written.set()
            assert go_on.wait(timeout=20)

    one = Beside(write)
    assert written.wait(timeout=20)

    def commit():
        go_on.set()
        return one.done()

    yield commit
    commit()


def asked_run(finance):
    run = drafted_run(finance)
    actions.finish_screening(run_id=run.public_id, now=NOW)
    actions.ask_to_compute(run_id=run.public_id, by=finance.preparer, now=NOW)
    return run


def states(run):
    return {item.payee.full_name: item.state for item in run.items.select_related("payee")}


def test_a_hold_placed_while_the_items_are_written_waits_for_nothing_and_is_not_lost(finance, funded):
    held = make_payee(funded, name="Held")
    make_payee(funded, name="Other")
    run = asked_run(finance)

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE payouts_payitem IN SHARE MODE")  # computing has read, and cannot write yet
        computing = Beside(partial(actions.compute_run, run_id=run.public_id, now=NOW))
        assert waits_for_a_lock(computing)
        assert isinstance(Beside(partial(place, held)).done(), Hold)
        assert computing.is_alive()
    computing.done()

    run.refresh_from_db()
    assert states(run) == {"Held": ItemState.HELD, "Other": ItemState.READY}
    assert (run.state, run.total_minor, run.items_count) == (RunState.COMPUTED, 210_000, 2)
    assert run.computed_sha256 == queries.sha256_of(run)


def test_computing_waits_for_a_hold_that_is_being_written(finance, funded):
    held = make_payee(funded, name="Held")
    run = asked_run(finance)

    with a_hold_that_is_not_committed_yet(held) as commit:
        computing = Beside(partial(actions.compute_run, run_id=run.public_id, now=NOW))
        assert waits_for_a_lock(computing)
        commit()
        computing.done()

    assert states(run) == {"Held": ItemState.HELD}


def test_without_the_gate_a_hold_that_is_being_written_is_lost(finance, funded, monkeypatch):
    """The control: the run is frozen beside the open hold, each looks too early, and the held person would be paid."""
    monkeypatch.setattr(runs, "close_gate", lambda: None)
    held = make_payee(funded, name="Held")
    run = asked_run(finance)

    with a_hold_that_is_not_committed_yet(held) as commit:
        computing = Beside(partial(actions.compute_run, run_id=run.public_id, now=NOW))
        assert not waits_for_a_lock(computing)
        computing.done()
        commit()

    assert Hold.objects.live(NOW).filter(payee=held).exists()
    assert states(run) == {"Held": ItemState.READY}


def test_sending_waits_for_a_hold_that_is_being_written_and_begins_nothing(finance, funded):
    payee = make_payee(funded)
    executing_run(finance)

    with a_hold_that_is_not_committed_yet(payee) as commit:
        sending = Beside(partial(actions.send_item, item_id=PayItem.objects.get().public_id, now=NOW))
        assert waits_for_a_lock(sending)
        commit()
        sending.done()

    item = PayItem.objects.get()
    assert (item.state, item.attempts.count(), funded.state()["transfers"]) == (ItemState.HELD, 0, [])


def test_without_the_lock_on_the_payee_somebody_is_paid_while_they_are_put_on_hold(finance, funded):
    """The control: a look at the holds, and a call, with nothing locked in between."""
    payee = make_payee(funded)
    executing_run(finance)

    with a_hold_that_is_not_committed_yet(payee) as commit:
        assert queries.hold_of(payee, now=NOW) is None
        commit()
        item = PayItem.objects.select_related("run").get()
        client.create_transfer(
            amount_minor=item.net_minor, currency=item.currency, destination=item.stripe_account_id,
            transfer_group=item.run.transfer_group, metadata={"item": str(item.public_id)}, idempotency_key="careless-1",
        )  # fmt: skip

    assert queries.hold_of(payee, now=NOW) is not None
    assert len(funded.state()["transfers"]) == 1
