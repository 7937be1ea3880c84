"""A deposit from the press of a button to the books, through the real SDK and the stand-in for Stripe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection
from django.dispatch import Signal

from marketplace.accounts.models import User
from marketplace.audit.models import AuditEvent
from marketplace.kernel import registry
from marketplace.kernel.errors import Invalid
from marketplace.kernel.ids import new_public_id
from marketplace.kernel.jobs import JobState
from marketplace.notices.models import Notification
from payments.funding import actions, queries, receivers
from payments.funding.enums import DEPOSIT_MAX_MINOR, DEPOSIT_MIN_MINOR, DepositState
from payments.funding.errors import PaymentDiffers
from payments.funding.models import Deposit, FundingEvent
from payments.funding.signals import deposit_settled
from payments.gateway.errors import StripeRejected, StripeUnavailable
from payments.gateway.signals import checkout_session_changed
from payments.ledger import queries as books
from payments.ledger.enums import AccountCode
from payments.ledger.models import Entry
from tests.factories.payments_funding import make_deposit, make_payer
from tests.factories.payments_ledger import at_once
from tests.payments.gateway.standin import StandIn

LAB = UUID("01900000-0000-7000-8000-00000000000a")
PROJECT = UUID("01900000-0000-7000-8000-00000000000b")
GROSS, FEE = 20_000_00, 580_30  # 2.9 % and 30 cents: Stripe's price of a US card


@pytest.fixture
def payer(db: None) -> User:
    return make_payer()


@pytest.fixture
def heard() -> Iterator[list[dict[str, Any]]]:
    """Give what the rooms above are told."""
    told: list[dict[str, Any]] = []

    def hear(sender: object, signal: Signal, **facts: Any) -> None:
        told.append(facts)

    deposit_settled.connect(hear)
    yield told
    deposit_settled.disconnect(hear)


def now() -> datetime:
    """The stand-in lives in real time here."""
    return datetime.now(tz=UTC)


def start(payer: User, **facts: Any) -> Deposit:
    values: dict[str, Any] = {
        "lab_ref": LAB,
        "lab_name": "Vireo Labs",
        "project_ref": PROJECT,
        "amount_minor": GROSS,
        "currency": "USD",
        "by": payer,
        "success_path": "/lab/vireo/projects/1/?deposit={deposit}",
        "cancel_path": "/lab/vireo/projects/1/",
        "now": now(),
    }
    return actions.start_deposit(**values | facts)


def fold(deposit: Deposit) -> Deposit:
    assert deposit.stripe_session_id
    actions.fold_checkout_session(session_id=deposit.stripe_session_id, now=now())
    deposit.refresh_from_db()
    return deposit


def require_uncredited() -> None:
    assert not Entry.objects.exists()
    assert not FundingEvent.objects.exists()
    assert books.balance_minor(AccountCode.LAB_FUNDS, LAB) == 0


# -------------------------------------------------------------------------------------------------------------- start


def test_starting_a_deposit_writes_the_row_and_opens_the_page(standin: StandIn, payer: User) -> None:
    deposit = start(payer)
    assert (deposit.state, deposit.amount_minor, deposit.project_ref) == (DepositState.STARTED, GROSS, PROJECT)
    assert deposit.stripe_session_id
    assert deposit.checkout_url == f"{standin.address}/c/pay/{deposit.stripe_session_id}"
    (call,) = standin.calls("/v1/checkout/sessions")
    assert call["key"] == f"deposit-{deposit.public_id}"
    (session,) = standin.state()["sessions"]
    assert session["client_reference_id"] == str(deposit.public_id)
    assert session["success_url"] == f"{settings.SITE_URL}/lab/vireo/projects/1/?deposit={deposit.public_id}"
    assert (session["amount_total"], session["customer_email"]) == (GROSS, payer.email)
    event = AuditEvent.objects.get(what="funding.start_deposit")
    assert (event.actor_ref, event.about_ref) == (str(payer.public_id), str(deposit.public_id))
    require_uncredited()


@pytest.mark.parametrize("amount", [0, -1, DEPOSIT_MIN_MINOR - 1, DEPOSIT_MAX_MINOR + 1])
def test_an_amount_out_of_range_is_refused_before_anything_is_written(payer: User, amount: int) -> None:
    with pytest.raises(Invalid, match=r"at least \$100.00 and at most \$999,999.99"):
        start(payer, amount_minor=amount)
    with pytest.raises(Invalid, match="XXX"):
        start(payer, currency="XXX")
    assert not Deposit.objects.exists()


@pytest.mark.parametrize("amount", [DEPOSIT_MIN_MINOR, DEPOSIT_MAX_MINOR])
def test_the_smallest_and_the_largest_deposit_are_taken_by_stripe(standin: StandIn, payer: User, amount: int) -> None:
    assert start(payer, amount_minor=amount).stripe_session_id


def test_a_refusal_of_stripe_fails_the_deposit(standin: StandIn, payer: User) -> None:
    payer.email = "not an address"
    with pytest.raises(StripeRejected):
        start(payer)
    deposit = Deposit.objects.get()
    assert deposit.state == DepositState.FAILED
    assert deposit.failure
    require_uncredited()


def test_a_page_that_may_or_may_not_have_been_opened_expires_and_can_still_be_settled(
    standin: StandIn, payer: User
) -> None:
    standin.faults({"method": "POST", "path": "/v1/checkout/sessions", "nth": 1, "action": "lose_answer"})
    with pytest.raises(StripeUnavailable):
        start(payer)
    deposit = Deposit.objects.get()
    assert (deposit.state, deposit.stripe_session_id) == (DepositState.STARTED, None)
    later = now() + timedelta(minutes=6)
    assert list(Deposit.objects.unchecked(later)) == [deposit]
    actions.refetch_deposit(deposit_id=deposit.pk, now=later)
    deposit.refresh_from_db()
    assert (deposit.state, deposit.failure) == (DepositState.EXPIRED, "The payment page could not be opened.")
    # Nobody knows the page's address. Should it be paid all the same, the money is credited.
    (session,) = standin.state()["sessions"]
    standin.pay(session["id"])
    receivers.fold_changed_session(session_id=session["id"], now=now())
    deposit.refresh_from_db()
    assert (deposit.state, deposit.stripe_session_id) == (DepositState.SETTLED, session["id"])
    assert books.balance_minor(AccountCode.LAB_FUNDS, LAB) == GROSS


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


# -------------------------------------------------------------------------------------------------------------- sweep


def test_a_lost_webhook_costs_minutes_not_money(standin: StandIn, payer: User) -> None:
    deposit = start(payer)
    standin.pay(str(deposit.stripe_session_id))
    assert list(Deposit.objects.unchecked(now())) == []
    later = now() + timedelta(minutes=6)
    assert list(Deposit.objects.unchecked(later)) == [deposit]
    actions.refetch_deposit(deposit_id=deposit.pk, now=later)
    deposit.refresh_from_db()
    assert deposit.state == DepositState.SETTLED
    assert list(Deposit.objects.unchecked(later + timedelta(days=1))) == []
    assert actions.refetch_deposit(deposit_id=deposit.pk, now=later) is None


def test_an_open_deposit_is_asked_about_every_five_minutes(standin: StandIn, payer: User) -> None:
    deposit = start(payer)
    asked_at = now() + timedelta(minutes=6)
    actions.refetch_deposit(deposit_id=deposit.pk, now=asked_at)
    assert list(Deposit.objects.unchecked(asked_at + timedelta(minutes=4))) == []
    assert list(Deposit.objects.unchecked(asked_at + timedelta(minutes=6))) == [deposit]


def test_a_page_that_stripe_no_longer_knows_expires_after_a_day(standin: StandIn, db: None) -> None:
    deposit = make_deposit(stripe_session_id="cs_test_gone", started_at=now())
    with pytest.raises(StripeRejected):
        actions.refetch_deposit(deposit_id=deposit.pk, now=now() + timedelta(hours=23))
    actions.refetch_deposit(deposit_id=deposit.pk, now=now() + timedelta(hours=25))
    deposit.refresh_from_db()
    assert (deposit.state, deposit.failure) == (DepositState.EXPIRED, "Stripe no longer knows this payment page.")


@pytest.mark.django_db
def test_the_sweeps_ring_for_what_is_due(valkey: str) -> None:
    started = now() - timedelta(minutes=10)
    for state in (DepositState.STARTED, DepositState.PROCESSING, DepositState.FAILED, DepositState.EXPIRED):
        make_deposit(state=state, started_at=started)
    FundingEvent.objects.create(name="deposit_settled", payload={}, not_before=started, queued_at=started)
    assert registry.sweeps["funding.deposits"](now()) == 2
    assert registry.sweeps["funding.events"](now()) == 1


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


# ------------------------------------------------------------------------------------------------------------- reading


@pytest.mark.django_db
def test_deposits_are_found_by_lab_and_by_project_the_newest_first() -> None:
    first = make_deposit(lab_ref=LAB, project_ref=PROJECT, started_at=now() - timedelta(days=1))
    second = make_deposit(lab_ref=LAB, project_ref=None)
    third = make_deposit(lab_ref=LAB, project_ref=PROJECT, started_at=now())
    make_deposit()
    assert list(queries.deposits_of_lab(LAB)) == [third, first, second]
    assert list(queries.deposits_of_project(PROJECT)) == [third, first]
    assert list(Deposit.objects.visible_to(make_payer())) == []
