"""From a paid page to the books, through the real SDK and the stand-in for Stripe: credited once, whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.dispatch import Signal

from marketplace.accounts.models import User
from marketplace.audit.models import AuditEvent
from marketplace.kernel.ids import new_public_id
from marketplace.kernel.jobs import JobState
from marketplace.notices.models import Notification
from payments.funding import actions, queries
from payments.funding.enums import DepositState
from payments.funding.errors import PaymentDiffers
from payments.funding.models import Deposit, FundingEvent
from payments.funding.signals import deposit_settled
from payments.gateway.signals import checkout_session_changed
from payments.ledger import queries as books
from payments.ledger.enums import AccountCode
from payments.ledger.models import Entry
from tests.factories.payments_funding import (
    FEE,
    GROSS,
    LAB,
    PROJECT,
    fold,
    make_deposit,
    make_payer,
    now,
    require_uncredited,
    start,
)
from tests.factories.payments_ledger import at_once
from tests.payments.gateway.standin import StandIn


@pytest.fixture
def heard() -> Iterator[list[dict[str, Any]]]:
    """Give what the rooms above are told."""
    told: list[dict[str, Any]] = []

    def hear(sender: object, signal: Signal, **facts: Any) -> None:
        told.append(facts)

    deposit_settled.connect(hear)
    yield told
    deposit_settled.disconnect(hear)


# --------------------------------------------------------------------------------------------------------------- fold


def test_a_paid_deposit_is_credited_gross_and_the_fee_is_ours(standin: StandIn, payer: User) -> None:
    deposit = start(payer)
    standin.pay(str(deposit.stripe_session_id))
    fold(deposit)
    assert (deposit.state, deposit.stripe_fee_minor) == (DepositState.SETTLED, FEE)
    assert deposit.settled_at
    assert deposit.balance_transaction
    entry = Entry.objects.get()
    assert (entry.key, entry.kind, entry.actor_ref) == (f"bt:{deposit.balance_transaction}", "FUNDING", "stripe")
    assert entry.effective_on == now().date()
    moves = entry.transfers.order_by("position").values_list("debit__code", "credit__code", "amount_minor")
    assert list(moves) == [("1010", "2000", GROSS), ("5000", "1010", FEE)]
    assert books.balance_minor(AccountCode.LAB_FUNDS, LAB) == GROSS
    assert books.balance_minor(AccountCode.STRIPE_CLEARING) == GROSS - FEE
    assert standin.state()["balances"]  # The same figure stands at Stripe; the reconciliation compares them.
    notice = Notification.objects.get(user=payer)
    assert (notice.title, notice.path) == ("Your deposit of $20,000.00 has arrived", "/lab/vireo/projects/1/")


def test_folding_again_and_again_credits_once(standin: StandIn, payer: User) -> None:
    deposit = start(payer)
    standin.pay(str(deposit.stripe_session_id))
    for _ in range(3):
        fold(deposit)
    assert Entry.objects.count() == 1
    assert FundingEvent.objects.get().payload["project_ref"] == str(PROJECT)
    assert Notification.objects.count() == 1
    assert AuditEvent.objects.filter(what="funding.settle_deposit").count() == 1


def test_the_rooms_above_are_told_once_the_deposit_has_settled(
    standin: StandIn, payer: User, heard: list[dict[str, Any]]
) -> None:
    deposit = start(payer, project_ref=None)  # No project, so that no room above has work to do.
    standin.pay(str(deposit.stripe_session_id))
    fold(deposit)
    event, told_at = FundingEvent.objects.get(), now()
    assert actions.deliver_event(event_id=event.pk, now=told_at) is True
    assert actions.deliver_event(event_id=event.pk, now=told_at) is False
    assert heard == [
        {
            "now": told_at,
            "deposit_id": str(deposit.public_id),
            "lab_ref": str(LAB),
            "project_ref": "",
            "amount_minor": GROSS,
            "currency": "USD",
        }
    ]


def test_a_room_above_that_fails_is_told_again_later(standin: StandIn, payer: User) -> None:
    def fail(sender: object, signal: Signal, **facts: Any) -> None:
        raise RuntimeError("the listing is locked")

    deposit = start(payer, project_ref=None)
    standin.pay(str(deposit.stripe_session_id))
    fold(deposit)
    event = FundingEvent.objects.get()
    deposit_settled.connect(fail)
    try:
        assert actions.deliver_event(event_id=event.pk, now=now()) is False
    finally:
        deposit_settled.disconnect(fail)
    event.refresh_from_db()
    assert (event.job_state, event.last_error) == (JobState.QUEUED, "RuntimeError: the listing is locked")
    assert list(FundingEvent.objects.due(now() + timedelta(seconds=11))) == [event]


def test_a_page_left_open_or_declined_changes_nothing(standin: StandIn, payer: User) -> None:
    deposit = start(payer)
    assert fold(deposit).state == DepositState.STARTED
    standin.pay(str(deposit.stripe_session_id), "decline")
    assert fold(deposit).state == DepositState.STARTED
    require_uncredited()
    standin.pay(str(deposit.stripe_session_id))
    assert fold(deposit).state == DepositState.SETTLED


def test_a_bank_payment_counts_only_when_it_has_arrived(standin: StandIn, payer: User) -> None:
    deposit = start(payer)
    standin.pay(str(deposit.stripe_session_id), "bank")
    assert fold(deposit).state == DepositState.PROCESSING
    assert queries.on_its_way_minor(project_ref=PROJECT) == GROSS
    require_uncredited()
    standin.order("settle", {"outcome": "succeed"})
    assert fold(deposit).state == DepositState.SETTLED
    assert deposit.stripe_fee_minor == 5_00
    assert books.balance_minor(AccountCode.LAB_FUNDS, LAB) == GROSS
    assert queries.on_its_way_minor(project_ref=PROJECT) == 0


def test_a_bank_payment_that_is_returned_fails_and_the_payer_is_told(standin: StandIn, payer: User) -> None:
    deposit = start(payer)
    standin.pay(str(deposit.stripe_session_id), "bank")
    fold(deposit)
    standin.order("settle", {"outcome": "fail"})
    for _ in range(2):
        assert fold(deposit).state == DepositState.FAILED
    assert deposit.failure.startswith("The bank returned the debit")
    notice = Notification.objects.get(user=payer)
    assert notice.title == "Your deposit of $20,000.00 failed"
    assert "Nothing was added to your project funds." in notice.body
    require_uncredited()


def test_a_page_that_nobody_paid_expires(standin: StandIn, payer: User) -> None:
    deposit = start(payer)
    standin.sdk.v1.checkout.sessions.expire(str(deposit.stripe_session_id))
    assert fold(deposit).state == DepositState.EXPIRED
    assert not Notification.objects.exists()
    require_uncredited()


def test_another_amount_than_the_deposit_says_stops_for_a_person(standin: StandIn, payer: User) -> None:
    deposit = start(payer)
    standin.pay(str(deposit.stripe_session_id))
    Deposit.objects.filter(pk=deposit.pk).update(amount_minor=GROSS + 1)
    with pytest.raises(PaymentDiffers, match="brought 2000000 USD"):
        fold(deposit)
    deposit.refresh_from_db()
    assert deposit.state == DepositState.STARTED
    require_uncredited()


def test_sessions_that_are_not_ours_are_left_alone_and_unknown_deposits_are_loud(standin: StandIn, db: None) -> None:
    foreign = standin.session()
    assert actions.fold_checkout_session(session_id=foreign, now=now()) is None
    lost = standin.session(client_reference_id=str(new_public_id()))
    with pytest.raises(Deposit.DoesNotExist):
        actions.fold_checkout_session(session_id=lost, now=now())


def test_the_gateways_signal_reaches_the_deposit(standin: StandIn, payer: User) -> None:
    deposit = start(payer)
    standin.pay(str(deposit.stripe_session_id))
    checkout_session_changed.send(sender=None, session_id=deposit.stripe_session_id, now=now())
    deposit.refresh_from_db()
    assert deposit.state == DepositState.SETTLED


# -------------------------------------------------------------------------------------------------------------- races


@pytest.mark.django_db(transaction=True)
def test_webhook_and_sweep_at_once_credit_once(standin: StandIn) -> None:
    deposit = start(make_payer())
    standin.pay(str(deposit.stripe_session_id))
    one = partial(actions.fold_checkout_session, session_id=str(deposit.stripe_session_id), now=now())
    results = at_once(one, one, one, one)
    assert [type(result).__name__ for result in results] == ["Deposit"] * 4
    assert Entry.objects.count() == 1
    assert FundingEvent.objects.count() == 1
    assert books.balance_minor(AccountCode.LAB_FUNDS, LAB) == GROSS
    assert books.recount() == []


@pytest.mark.django_db(transaction=True)
def test_without_row_lock_and_key_the_same_race_credits_more_than_once(
    standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: two readers who both see an open deposit, and keys that name the try, not the fact."""
    from threading import Barrier

    both_have_read = Barrier(2)

    def read_without_lock(which: Any) -> Deposit:
        deposit: Deposit = Deposit.objects.get(which)
        both_have_read.wait(timeout=10)
        return deposit

    real_post = actions.post
    monkeypatch.setattr(actions, "_locked", read_without_lock)
    monkeypatch.setattr(actions, "post", lambda **facts: real_post(**facts | {"key": f"try:{new_public_id()}"}))
    deposit = make_deposit(lab_ref=LAB, stripe_session_id=None)
    session = standin.session(client_reference_id=str(deposit.public_id))
    standin.pay(session)
    one = partial(actions.fold_checkout_session, session_id=session, now=now())
    assert [type(result).__name__ for result in at_once(one, one)] == ["Deposit", "Deposit"]
    assert books.balance_minor(AccountCode.LAB_FUNDS, LAB) == 2 * GROSS


@pytest.mark.django_db(transaction=True)
def test_the_call_to_stripe_is_made_with_no_transaction_open(standin: StandIn) -> None:
    # The gateway refuses to be called inside a transaction, so this passing is the proof.
    deposit = start(make_payer())
    standin.pay(str(deposit.stripe_session_id))
    assert not connection.in_atomic_block
    assert fold(deposit).state == DepositState.SETTLED
