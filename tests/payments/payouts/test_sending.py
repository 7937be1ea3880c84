"""One item to Stripe: the keys, look-ups and replays of reference C.3, so that nothing is sent twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from marketplace.notices.models import Notification
from payments.gateway import client
from payments.ledger.enums import AccountCode
from payments.ledger.models import Entry
from payments.ledger.queries import balance_minor
from payments.payouts import actions
from payments.payouts.actions import sending
from payments.payouts.enums import AttemptState, ItemState, RunState
from payments.payouts.models import Attempt, RunLookUp
from tests.factories.payments_payouts import (
    LATER,
    NOW,
    TRANSFERS,
    attempts,
    executing_run,
    fault,
    make_payee,
    only_item,
    paid_at_stripe,
    send,
    send_all,
    work_off,
)

pytestmark = pytest.mark.django_db


def test_an_item_is_sent_once_and_everybody_knows(finance, funded):
    payee = make_payee(funded)
    run = executing_run(finance)

    item = send()

    assert (item.state, item.sent_at, item.tries) == (ItemState.SENT, NOW, 1)
    assert paid_at_stripe(funded) == [(str(item.public_id), 210_000)]
    assert balance_minor(AccountCode.PAYOUT_IN_TRANSIT, item.public_id) == 0
    assert balance_minor(AccountCode.STRIPE_CLEARING) == 10_000_000 - 210_000
    assert Entry.objects.filter(key=f"bt:{item.balance_transaction}").count() == 1
    assert attempts() == [(1, AttemptState.CREATED, 1)]
    told = Notification.objects.get(user=payee)
    assert (told.title, told.path) == ("$2,100.00 is on its way to you", "/me/earnings/")
    assert "First Harbor ··4417" in told.body
    run.refresh_from_db()
    assert run.state == RunState.SETTLED


def test_what_goes_to_stripe_names_run_item_attempt_expert_and_week(finance, funded):
    payee = make_payee(funded)
    run = executing_run(finance)
    item = send()

    transfer = client.retrieve_transfer(item.stripe_transfer_id)

    assert transfer.transfer_group == f"run_{run.public_id}"
    assert (transfer.destination, transfer.currency, transfer.source_type) == (item.stripe_account_id, "USD", "card")
    assert transfer.metadata == {
        "item": str(item.public_id), "attempt": "1", "expert": str(payee.public_id), "period": "2026-11-09",
    }  # fmt: skip
    assert [call["key"] for call in funded.calls(TRANSFERS)] == [f"po-{item.public_id}-1"]


def test_the_key_is_committed_before_the_call_and_no_transaction_is_open_during_it(finance, funded, monkeypatch):
    make_payee(funded)
    executing_run(finance)
    seen = []
    real = client.create_transfer

    def look_then_send(**request):
        seen.append((request["idempotency_key"], attempts(), only_item().state))
        return real(**request)

    monkeypatch.setattr(sending.client, "create_transfer", look_then_send)
    item = send()

    assert seen == [(f"po-{item.public_id}-1", [(1, AttemptState.OPEN, 1)], ItemState.SENDING)]


def test_sending_twice_sends_once(finance, funded):
    make_payee(funded)
    executing_run(finance)

    send()
    send()

    assert len(paid_at_stripe(funded)) == 1
    assert Entry.objects.filter(key__startswith="bt:", kind="TRANSFER").count() == 1


def test_nothing_is_sent_before_the_group_was_looked_up(finance, funded):
    make_payee(funded)
    run = executing_run(finance)
    RunLookUp.objects.all().delete()

    assert send().state == ItemState.QUEUED
    assert paid_at_stripe(funded) == []
    work_off(NOW)
    assert send().state == ItemState.SENT
    assert RunLookUp.objects.filter(run=run).exists()


def test_a_restart_of_the_worker_looks_the_group_up_again(finance, funded, monkeypatch):
    make_payee(funded)
    executing_run(finance)
    monkeypatch.setattr("payments.payouts.actions.lookups.BOOT", "another start")

    assert send().state == ItemState.QUEUED
    work_off(NOW)
    assert send().state == ItemState.SENT


def test_an_hour_later_the_group_is_looked_up_again(finance, funded):
    make_payee(funded)
    executing_run(finance)
    later = NOW + timedelta(hours=1, seconds=1)

    assert send(later).state == ItemState.QUEUED
    work_off(later)
    assert send(later).state == ItemState.SENT


def test_a_transfer_that_a_lost_commit_forgot_is_adopted_before_the_first_send(finance, funded):
    """The worker sent it, then the database lost its last second: the item looks as if nothing had happened."""
    make_payee(funded)
    executing_run(finance)
    item = only_item()
    order = sending.order_of(item, 1)
    made = client.create_transfer(
        amount_minor=order.amount_minor, currency=order.currency, destination=order.destination,
        transfer_group=order.transfer_group, metadata=order.metadata, idempotency_key="lost with the commit",
        source_type=order.source_type,
    )  # fmt: skip

    actions.look_up_group(run_id=item.run.public_id, now=NOW)

    item = only_item()
    assert (item.state, item.stripe_transfer_id) == (ItemState.SENT, made.id)
    assert attempts() == [(1, AttemptState.CREATED, 1)]
    assert len(paid_at_stripe(funded)) == 1


def test_a_worker_that_died_after_the_call_gets_the_same_transfer_again(finance, funded, monkeypatch):
    make_payee(funded)
    executing_run(finance)
    with monkeypatch.context() as patch:
        patch.setattr(sending, "record_sent", lambda **_facts: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            send()
    assert only_item().state == ItemState.SENDING

    assert send(NOW + timedelta(minutes=1)).state == ItemState.SENDING  # still somebody's lease
    item = send(NOW + timedelta(minutes=3))

    assert item.state == ItemState.SENT
    assert attempts() == [(1, AttemptState.CREATED, 2)]
    assert len(paid_at_stripe(funded)) == 1


@pytest.mark.parametrize("lost", ["lose_answer", "lose_request"])
def test_no_answer_is_unknown_and_a_look_up_or_the_same_key_settles_it(lost, finance, funded):
    make_payee(funded)
    executing_run(finance)
    funded.faults(fault(lost, nth=1))

    item = send()
    assert (item.state, item.unknown_since, item.not_before) == (ItemState.UNKNOWN, NOW, None)
    assert attempts() == [(1, AttemptState.UNKNOWN, 1)]
    assert balance_minor(AccountCode.PAYOUT_IN_TRANSIT, item.public_id) == 210_000

    soon = NOW + timedelta(seconds=6)
    work_off(soon)
    item = send(soon)

    assert item.state == ItemState.SENT
    assert len(paid_at_stripe(funded)) == 1
    assert {call["key"] for call in funded.calls(TRANSFERS)} == {f"po-{item.public_id}-1"}


def test_an_unknown_item_is_not_sent_before_a_look_up(finance, funded):
    make_payee(funded)
    executing_run(finance)
    funded.faults(fault("lose_request", nth=1))
    send()

    assert send(LATER).state == ItemState.UNKNOWN
    assert len(funded.calls(TRANSFERS)) == 1


@pytest.mark.parametrize("effect", [True, False])
def test_a_500_is_replayed_under_its_key_so_only_a_look_up_resolves_it(effect, finance, funded):
    make_payee(funded)
    executing_run(finance)
    funded.faults(fault("500", nth=1, effect=effect))
    assert send().state == ItemState.UNKNOWN

    soon = NOW + timedelta(seconds=6)
    work_off(soon)
    assert only_item().state == (ItemState.SENT if effect else ItemState.UNKNOWN)
    work_off(LATER)
    item = send(LATER)

    assert item.state == ItemState.SENT
    assert len(paid_at_stripe(funded)) == 1
    expected = [(1, AttemptState.CREATED, 1)]
    if not effect:
        expected = [(1, AttemptState.PROVED_ABSENT, 1), (2, AttemptState.CREATED, 1)]
    assert attempts() == expected


@pytest.mark.parametrize("busy", ["429", "409"])
def test_busy_means_not_executed_and_the_same_key_goes_again_later(busy, finance, funded):
    make_payee(funded)
    executing_run(finance)
    funded.faults(fault(busy, nth=1))

    item = send()
    assert item.state == ItemState.QUEUED
    assert item.not_before > NOW
    assert send(NOW).state == ItemState.QUEUED
    item = send(NOW + timedelta(minutes=2))

    assert item.state == ItemState.SENT
    assert attempts() == [(1, AttemptState.CREATED, 2)]


def test_an_unknown_item_that_meets_a_busy_stripe_stays_unknown(finance, funded):
    make_payee(funded)
    executing_run(finance)
    funded.faults(fault("lose_request", nth=1), fault("429", nth=1))
    send()
    soon = NOW + timedelta(seconds=6)
    work_off(soon)

    item = send(soon)

    assert (item.state, item.unknown_since) == (ItemState.UNKNOWN, NOW)
    assert send(soon + timedelta(minutes=2)).state == ItemState.SENT
    assert len(paid_at_stripe(funded)) == 1


def test_a_key_of_23_hours_is_never_sent_again(finance, funded):
    make_payee(funded)
    executing_run(finance)
    funded.faults(fault("429"))
    send()
    funded.faults()
    old = NOW + timedelta(hours=23)
    work_off(old)
    actions.look_up_group(run_id=only_item().run.public_id, now=old)

    item = send(old)
    assert (item.state, len(funded.calls(TRANSFERS))) == (ItemState.UNKNOWN, 1)
    work_off(old + timedelta(seconds=6))
    item = send(old + timedelta(seconds=6))

    assert item.state == ItemState.SENT
    assert attempts() == [(1, AttemptState.PROVED_ABSENT, 1), (2, AttemptState.CREATED, 1)]


def test_after_stripe_forgot_the_key_the_transfer_is_found_not_made_again(finance, funded, monkeypatch):
    make_payee(funded)
    executing_run(finance)
    with monkeypatch.context() as patch:
        patch.setattr(sending, "record_sent", lambda **_facts: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            send()
    funded.advance(hours=25)
    days_later = NOW + timedelta(hours=25)

    send_all(days_later)
    work_off(days_later)
    send_all(days_later)

    assert only_item().state == ItemState.SENT
    assert len(paid_at_stripe(funded)) == 1


def test_an_attempt_keeps_its_key_and_is_never_deleted(finance, funded):
    make_payee(funded)
    executing_run(finance)
    send()

    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        Attempt.objects.update(key="another")
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        Attempt.objects.all().delete()


def test_a_run_without_anything_to_send_settles_at_once(finance, funded):
    make_payee(funded, owed_minor=100)

    run = executing_run(finance)

    assert run.state == RunState.RECONCILED
