"""What payouts tells the rooms above it, what the sweeper rings, and the invariants that stop the next run."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from marketplace.kernel import registry
from marketplace.kernel.jobs import JobState
from payments.ledger.actions import AccountRef, Move, post
from payments.ledger.enums import AccountCode, EntryKind
from payments.payouts import actions, queries, signals
from payments.payouts.enums import HoldReason, ItemState, PayoutJobKind, RunState
from payments.payouts.models import PayItem, PayoutEvent, PayoutJob, RunLookUp
from projects.hours.receivers import screen_drafted_run
from tests.factories.payments_payouts import (
    BY,
    NOW,
    PERIOD,
    approved_run,
    computed_run,
    drafted_run,
    executing_run,
    make_payee,
    make_person,
    send_all,
    work_off,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def listen():
    """Connect a receiver to a signal for one test, in place of the room that screens payees in the product."""
    connected = []
    signals.run_drafted.disconnect(dispatch_uid="hours.screen_drafted_run")

    def connect(signal, receiver):
        signal.connect(receiver, weak=False)
        connected.append((signal, receiver))

    yield connect
    for signal, receiver in connected:
        signal.disconnect(receiver)
    signals.run_drafted.connect(screen_drafted_run, dispatch_uid="hours.screen_drafted_run")


def test_a_room_that_screens_holds_payees_and_then_lets_the_run_be_computed(finance, funded, listen):
    fine, hit = make_payee(funded, name="Fine"), make_payee(funded, name="Hit")

    def screen(*, now, run_id, period, currency, **_more):
        assert (period, currency) == ("2026-11-09", "USD")
        people = queries.payees_in_scope(run_id)
        assert list(people) == [fine, hit]
        actions.place_hold(
            payee=hit, reason=HoldReason.SCREENING, words="Name is like one on a list", expires_at=None, by=BY, now=now
        )
        actions.finish_screening(run_id=run_id, now=now)

    listen(signals.run_drafted, screen)
    run = computed_run(finance)

    states = {item.payee.full_name: (item.state, item.held_reason) for item in run.items.select_related("payee")}
    assert states == {"Fine": (ItemState.READY, ""), "Hit": (ItemState.HELD, HoldReason.SCREENING)}


def test_while_a_room_that_screens_has_not_answered_nothing_is_computed(finance, funded, listen):
    listen(signals.run_drafted, lambda **_facts: None)

    run = computed_run(finance)

    assert (run.state, run.screened_at) == (RunState.DRAFT, None)


def test_a_receiver_that_fails_is_called_again(finance, funded, listen):
    calls = []

    def fail_once(*, now, **_facts):
        calls.append(now)
        if len(calls) == 1:
            raise ValueError("The list of sanctions could not be read.")

    listen(signals.run_drafted, fail_once)
    drafted_run(finance)
    work_off(NOW)
    event = PayoutEvent.objects.get()
    assert (event.job_state, event.last_error) == (
        JobState.QUEUED, "ValueError: The list of sanctions could not be read.",
    )  # fmt: skip

    work_off(NOW + timedelta(minutes=1))
    assert len(calls) == 2
    assert PayoutEvent.objects.get().job_state == JobState.DONE


def test_sent_and_rejected_items_are_told_upwards(finance, funded, listen):
    sent, refused = make_payee(funded), make_payee(funded)
    run = executing_run(finance)
    told = []
    listen(signals.item_sent, lambda **facts: told.append(("sent", facts["payee_id"], facts["period"])))
    listen(signals.item_rejected, lambda **facts: told.append(("rejected", facts["payee_id"], facts["period"])))
    account = run.items.get(payee=refused).stripe_account_id
    funded.order("account", {"account": account, "status": "restricted"})

    send_all(NOW)

    week = PERIOD.isoformat()
    assert sorted(told) == sorted([("sent", str(sent.public_id), week), ("rejected", str(refused.public_id), week)])


def test_a_payee_sees_items_of_approved_runs_only(finance, funded):
    payee, other = make_payee(funded), make_payee(funded)
    run = computed_run(finance)
    assert list(queries.items_of_payee(payee)) == []
    assert queries.item_of(payee, PERIOD) is None
    actions.approve_run(run_id=run.public_id, sha256=run.computed_sha256, comment="", by=finance.approver, now=NOW)

    item = queries.item_of(payee, PERIOD)

    assert item is not None
    assert item.payee == payee
    assert list(queries.items_of_payee(payee)) == [item]
    assert list(PayItem.objects.visible_to(payee)) == [item]
    assert queries.item_of(other, PERIOD) != item
    assert queries.item_of(make_person(), PERIOD) is None


def test_a_lost_message_costs_time_and_never_money(finance, funded):
    """Redis forgot everything; each sweep finds what is due and rings."""
    make_payee(funded)
    run = approved_run(finance)
    actions.execute_run(run_id=run.public_id, by=finance.preparer, now=NOW)

    assert actions.ring_due_events(NOW) == 0  # told already
    assert actions.ring_due_jobs(NOW) == 1
    assert actions.ring_due_items(NOW) == 1
    work_off(NOW)
    assert RunLookUp.objects.filter(run=run).count() == 1
    assert actions.ring_due_items(NOW) == 1


def test_the_sweep_leaves_a_run_alone_while_a_worker_has_an_item_of_it_in_hand(finance, funded, monkeypatch):
    make_payee(funded)
    make_payee(funded)
    executing_run(finance)
    item = PayItem.objects.order_by("pk").first()
    monkeypatch.setattr("payments.payouts.actions.sending._call", lambda _claim, **_facts: None)
    actions.send_item(item_id=item.public_id, now=NOW)

    assert actions.ring_due_items(NOW) == 0
    assert actions.ring_due_items(NOW + timedelta(minutes=3)) == 2


def test_the_sweep_settles_a_run_whose_last_worker_died_before_it_could(finance, funded, monkeypatch):
    make_payee(funded)
    run = executing_run(finance)
    monkeypatch.setattr("payments.payouts.actions.sending.settle_if_done", lambda **_facts: False)
    actions.send_item(item_id=PayItem.objects.get().public_id, now=NOW)
    run.refresh_from_db()
    assert run.state == RunState.EXECUTING
    monkeypatch.undo()

    assert actions.runs_in_doubt(now=NOW) == 1

    run.refresh_from_db()
    assert run.state == RunState.SETTLED


def test_the_sweep_has_an_unknown_item_looked_up_when_the_message_was_lost(finance, funded):
    make_payee(funded)
    executing_run(finance)
    funded.faults({"method": "POST", "path": "/v1/transfers", "action": "lose_answer", "nth": 1})
    actions.send_item(item_id=PayItem.objects.get().public_id, now=NOW)
    PayoutJob.objects.filter(kind=PayoutJobKind.LOOK_UP).delete()

    actions.runs_in_doubt(now=NOW)
    work_off(NOW)

    assert PayItem.objects.get().state == ItemState.SENT


def test_every_sweep_and_invariant_of_this_room_is_registered():
    assert {name for name in registry.sweeps if name.startswith("payouts.")} == {
        "payouts.items", "payouts.jobs", "payouts.events", "payouts.runs", "payouts.reconciliation",
        "payouts.accounts",
    }  # fmt: skip
    assert {name for name in registry.invariants if name.startswith("payouts:")} == {
        "payouts: in transit equals the open items", "payouts: every sent item is in the books",
    }  # fmt: skip


def test_money_in_transit_that_no_open_item_explains_turns_an_invariant_red(finance, funded):
    make_payee(funded)
    executing_run(finance)
    item = PayItem.objects.get()
    assert queries.transit_off() == []
    with transaction.atomic():
        post(
            key="test:extra",
            kind=EntryKind.RUN_APPROVED,
            moves=[
                Move(
                    debit=AccountRef(AccountCode.EXPERT_PAYABLE, item.payee.public_id),
                    credit=AccountRef(AccountCode.PAYOUT_IN_TRANSIT, item.public_id),
                    amount_minor=1,
                )
            ],
            effective_on=PERIOD,
            by=BY,
            now=NOW,
        )

    assert queries.transit_off() == [f"Item {item.public_id} of 210000 is queued, but 2300 holds 210001 for it."]
    send_all(NOW)
    assert queries.transit_off() == [f"Item {item.public_id} of 210000 is sent, but 2300 holds 1 for it."]


def test_a_sent_item_without_an_entry_turns_an_invariant_red(finance, funded):
    make_payee(funded)
    executing_run(finance)
    send_all(NOW)
    assert queries.sent_without_entry() == []

    PayItem.objects.update(balance_transaction="txn_other")

    (words,) = queries.sent_without_entry()
    assert words.endswith("without an entry.")
