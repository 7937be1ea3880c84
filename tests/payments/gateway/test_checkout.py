"""Deposits through Checkout: paid at once, paid days later, declined, returned, expired."""

from __future__ import annotations

from typing import Any
from urllib.error import HTTPError

import pytest
import stripe

from payments.gateway import client
from payments.gateway.errors import IdempotencyMismatch, StripeRejected
from tests.payments.gateway.standin import SESSION, StandIn

DEPOSIT = "019a0000-0000-7000-8000-000000000001"


def open_session(key: str = "deposit-1", **changes: Any) -> Any:
    asked: dict[str, Any] = {
        "deposit_public_id": DEPOSIT,
        "amount_minor": 2_000_000,
        "currency": "USD",
        "lab_name": "Northwind Research",
        "success_url": "https://preceptor.example/paid?s={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://preceptor.example/back",
        "customer_email": "owner@northwind.example",
        "idempotency_key": key,
    }
    return client.create_checkout_session(**(asked | changes))


def test_a_new_session_is_open_unpaid_and_leads_back_to_its_deposit(standin: StandIn) -> None:
    session = open_session()
    assert (session.status, session.payment_status, session.is_paid) == ("open", "unpaid", False)
    assert (session.amount_minor, session.currency, session.deposit_public_id) == (2_000_000, "USD", DEPOSIT)
    assert session.url == f"{standin.address}/c/pay/{session.id}"
    assert session.payment is None
    assert client.retrieve_checkout_session(session.id) == session
    assert standin.calls("/v1/checkout/sessions")[0]["key"] == "deposit-1"


def test_the_same_key_opens_one_session_and_another_amount_is_a_mismatch(standin: StandIn) -> None:
    assert open_session().id == open_session().id
    with pytest.raises(IdempotencyMismatch):
        open_session(amount_minor=1_000)


def test_a_paid_session_tells_the_fee_and_the_balance_transaction(standin: StandIn) -> None:
    session = open_session()
    standin.pay(session.id, "card")
    paid = client.retrieve_checkout_session(session.id)
    assert (paid.status, paid.is_paid, paid.url) == ("complete", True, "")
    assert paid.payment is not None
    assert (paid.payment.status, paid.payment.method) == ("succeeded", "card")
    transaction = paid.payment.balance_transaction
    assert transaction is not None
    assert (transaction.amount_minor, transaction.fee_minor, transaction.net_minor) == (2_000_000, 58_030, 1_941_970)
    assert (transaction.type, transaction.source_id) == ("charge", paid.payment.charge_id)


def test_card_money_is_pending_for_two_days_unless_it_is_asked_for_at_once(standin: StandIn) -> None:
    standin.pay(open_session().id, "card", at_once=False)
    balance = client.retrieve_balance()
    assert (balance.available_in("USD"), balance.total("USD")) == (0, 1_941_970)
    standin.advance(hours=47)
    assert client.retrieve_balance().available_in("USD") == 0
    standin.advance(hours=1, seconds=2)
    assert client.retrieve_balance().available_in("USD") == 1_941_970
    assert client.retrieve_balance().pending == {("USD", "card"): 0}


def test_a_bank_debit_completes_the_session_long_before_it_is_paid(standin: StandIn) -> None:
    session = open_session()
    standin.pay(session.id, "bank")
    waiting = client.retrieve_checkout_session(session.id)
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    assert waiting.payment is not None
    assert (waiting.payment.status, waiting.payment.balance_transaction) == ("processing", None)
    assert client.retrieve_balance().total("USD") == 0
    standin.advance(days=4, seconds=1)
    paid = client.retrieve_checkout_session(session.id)
    assert paid.is_paid
    assert paid.payment is not None
    assert paid.payment.balance_transaction is not None
    assert paid.payment.balance_transaction.fee_minor == 500
    assert client.retrieve_balance().available_in("USD", "bank_account") == 1_999_500
    kinds = [event["type"] for event in standin.state()["events"]]
    assert kinds.index("checkout.session.completed") < kinds.index("checkout.session.async_payment_succeeded")


def test_a_returned_bank_debit_is_never_paid_and_says_why(standin: StandIn) -> None:
    session = open_session()
    standin.pay(session.id, "bank")
    assert standin.order("settle", {"outcome": "fail", "session": session.id}) == {"settled": [session.id]}
    failed = client.retrieve_checkout_session(session.id)
    assert (failed.status, failed.payment_status) == ("complete", "unpaid")
    assert failed.payment is not None
    assert (failed.payment.status, failed.payment.failure_code) == (
        "requires_payment_method",
        "payment_intent_payment_attempt_failed",
    )
    assert client.retrieve_balance().total("USD") == 0
    assert "checkout.session.async_payment_failed" in {event["type"] for event in standin.state()["events"]}


def test_a_declined_card_leaves_the_session_open_for_another_try(standin: StandIn) -> None:
    session = open_session()
    standin.pay(session.id, "decline")
    declined = client.retrieve_checkout_session(session.id)
    assert declined.status == "open"
    assert declined.payment is not None
    assert declined.payment.failure_code == "card_declined"
    standin.pay(session.id, "card")
    assert client.retrieve_checkout_session(session.id).is_paid


def test_an_expired_session_can_no_longer_be_paid(standin: StandIn) -> None:
    by_hand, by_time = open_session("deposit-1"), open_session("deposit-2")
    assert client.expire_checkout_session(by_hand.id, idempotency_key="expire-1").status == "expired"
    standin.advance(days=1, seconds=1)
    assert client.retrieve_checkout_session(by_time.id).status == "expired"
    with pytest.raises(HTTPError):
        standin.pay(by_time.id)
    with pytest.raises(StripeRejected):
        client.expire_checkout_session(by_hand.id, idempotency_key="expire-2")


def test_payment_method_types_is_refused_as_endive_refuses_it(standin: StandIn) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        standin.session(payment_method_types=["card"])
    assert (refused.value.http_status, refused.value.code) == (400, "payment_method_types_no_longer_supported")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount_minor": 49}, "amount_too_small"),
        ({"amount_minor": 100_000_000}, "amount_too_large"),
        ({"customer_email": "nobody"}, "email_invalid"),
        ({"success_url": "not an address"}, "url_invalid"),
    ],
)
def test_what_stripe_would_refuse_is_refused(standin: StandIn, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(StripeRejected) as refused:
        open_session(**changes)
    assert refused.value.stripe_code == code


def test_euros_are_paid_by_card_only(standin: StandIn) -> None:
    open_session(currency="EUR")
    assert standin.state()["sessions"][0]["payment_method_types"] == ["card"]


def test_sessions_are_listed_and_refunded(standin: StandIn) -> None:
    first, second = standin.session(), standin.session()
    standin.pay(first)
    assert [entry.id for entry in standin.sdk.v1.checkout.sessions.list().data] == [second, first]
    intent = standin.sdk.v1.checkout.sessions.retrieve(first).payment_intent
    refund = standin.sdk.v1.refunds.create({"payment_intent": str(intent), "amount": 500_000})
    assert (refund.amount, refund.status) == (500_000, "succeeded")
    assert client.retrieve_balance().available_in("USD") == 1_441_970
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        standin.sdk.v1.refunds.create({"payment_intent": str(intent), "amount": 1_500_001})
    assert [entry.id for entry in standin.sdk.v1.refunds.list({"payment_intent": str(intent)}).data] == [refund.id]


def test_line_items_are_needed(standin: StandIn) -> None:
    params: Any = {name: value for name, value in SESSION.items() if name != "line_items"}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        standin.sdk.v1.checkout.sessions.create(params)
    assert (refused.value.code, refused.value.param) == ("parameter_missing", "line_items")
