"""A deposit from the press of a button to an open page, the sweeps behind it, and its readers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings

from marketplace.accounts.models import User
from marketplace.audit.models import AuditEvent
from marketplace.kernel import registry
from marketplace.kernel.errors import Invalid
from payments.funding import actions, queries, receivers
from payments.funding.enums import DEPOSIT_MAX_MINOR, DEPOSIT_MIN_MINOR, DepositState
from payments.funding.models import Deposit, FundingEvent
from payments.gateway.errors import StripeRejected, StripeUnavailable
from payments.ledger import queries as books
from payments.ledger.enums import AccountCode
from tests.factories.payments_funding import (
    GROSS,
    LAB,
    PROJECT,
    make_deposit,
    make_payer,
    now,
    require_uncredited,
    start,
)
from tests.payments.gateway.standin import StandIn

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
