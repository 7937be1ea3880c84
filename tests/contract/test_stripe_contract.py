"""What we ask of Stripe is what Stripe describes, and what the stand-in answers is what Stripe would answer."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe

from payments.gateway import client
from payments.gateway.errors import StripeRejected
from payments.gateway.simulator.events import API_VERSION
from tests.contract.description import Description
from tests.contract.recorder import Exchange, Recorder

pytestmark = pytest.mark.full

LONG_AGO = datetime.now(tz=UTC) - timedelta(days=1)
SOON = LONG_AGO + timedelta(days=2)


def open_session(key: str = "deposit-1") -> client.CheckoutSession:
    return client.create_checkout_session(
        deposit_public_id="019a0000-0000-7000-8000-000000000001",
        amount_minor=2_000_000,
        currency="USD",
        lab_name="Northwind Research",
        success_url="https://preceptor.example/paid",
        cancel_url="https://preceptor.example/back",
        customer_email="owner@northwind.example",
        idempotency_key=key,
    )


def send(destination: str, key: str, amount_minor: int = 10_000) -> client.Transfer:
    return client.create_transfer(
        amount_minor=amount_minor,
        currency="USD",
        destination=destination,
        transfer_group="run_1",
        metadata={"item": "1", "attempt": "1"},
        idempotency_key=key,
        source_type="card",
    )


def speak(recorder: Recorder) -> None:
    """Call every function of the gateway."""
    paid, waiting, closed = open_session(), open_session("deposit-2"), open_session("deposit-3")
    recorder.standin.pay(paid.id, "card")
    recorder.standin.pay(waiting.id, "bank")
    client.expire_checkout_session(closed.id, idempotency_key="expire-3")
    for session in (paid, waiting, closed):
        client.retrieve_checkout_session(session.id)
    recorder.standin.order("settle", {"session": waiting.id})
    client.retrieve_checkout_session(waiting.id)

    account = client.create_recipient_account(
        email="ada@example.org", country="US", display_name="Ada Okafor", idempotency_key="account-1"
    )
    client.create_account_link(
        account.id, refresh_url="https://preceptor.example/again", return_url="https://preceptor.example/done"
    )
    client.retrieve_account(account.id)
    with pytest.raises(StripeRejected):
        send(account.id, "po-too-early")
    recorder.standin.order("account", {"account": account.id, "status": "active"})
    client.retrieve_account(account.id)

    transfer = send(account.id, "po-1")
    client.retrieve_transfer(transfer.id)
    reversal = client.reverse_transfer(transfer.id, amount_minor=1_000, idempotency_key="rev-1")
    assert client.list_reversals(transfer.id) == [reversal]
    assert client.retrieve_balance_transaction(reversal.balance_transaction_id).transfer_id == transfer.id
    assert client.retrieve_balance_transaction(transfer.balance_transaction_id).transfer_id == transfer.id
    client.list_transfers("run_1")
    with pytest.raises(StripeRejected):
        send(account.id, "po-too-much", 99_000_000)
    client.retrieve_balance()
    assert list(client.list_balance_transactions(created_gte=LONG_AGO, created_lt=SOON))
    client.retrieve_bank_account(account.id)
    recorder.standin.advance(days=1)
    client.list_bank_payouts(account.id)
    events = list(client.list_undelivered_events(created_gte=LONG_AGO))
    client.retrieve_event(next(event.id for event in events if not event.is_thin))


def test_every_call_of_the_gateway_is_one_that_stripe_describes(recorder: Recorder, description: Description) -> None:
    speak(recorder)
    faults = [
        (exchange.method, exchange.path, fault) for exchange in recorder.api() for fault in description.judge(exchange)
    ]
    assert faults == []
    called = {(exchange.method, description.operation(exchange)[0]) for exchange in recorder.api()}
    assert called == {
        ("POST", "/v1/checkout/sessions"),
        ("GET", "/v1/checkout/sessions/{session}"),
        ("POST", "/v1/checkout/sessions/{session}/expire"),
        ("POST", "/v2/core/accounts"),
        ("GET", "/v2/core/accounts/{id}"),
        ("POST", "/v2/core/account_links"),
        ("GET", "/v1/accounts/{account}/external_accounts"),
        ("GET", "/v1/payouts"),
        ("POST", "/v1/transfers"),
        ("GET", "/v1/transfers"),
        ("GET", "/v1/transfers/{transfer}"),
        ("POST", "/v1/transfers/{id}/reversals"),
        ("GET", "/v1/transfers/{id}/reversals"),
        ("GET", "/v1/balance"),
        ("GET", "/v1/balance_transactions"),
        ("GET", "/v1/balance_transactions/{id}"),
        ("GET", "/v1/events"),
        ("GET", "/v1/events/{id}"),
        ("GET", "/v2/core/events"),
    }


def test_every_write_carries_a_key_of_ours_and_the_pinned_version(recorder: Recorder) -> None:
    speak(recorder)
    writes = [exchange for exchange in recorder.api() if exchange.method == "POST"]
    assert len(writes) == 10
    invented = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
    assert [entry.path for entry in writes if invented.fullmatch(entry.headers["idempotency-key"])] == []
    assert {entry.headers["stripe-version"] for entry in recorder.api()} == {API_VERSION}


def test_answers_of_the_other_endpoints_are_what_stripe_describes(recorder: Recorder, description: Description) -> None:
    sdk, standin = recorder.standin.sdk, recorder.standin
    session = standin.session()
    standin.pay(session)
    paid = sdk.v1.checkout.sessions.retrieve(session)
    intent = sdk.v1.payment_intents.retrieve(str(paid.payment_intent), {"expand": ["latest_charge"]})
    sdk.v1.charges.retrieve(str(intent.latest_charge.id))  # type: ignore[union-attr]
    refund = sdk.v1.refunds.create({"payment_intent": intent.id, "amount": 5_000, "metadata": {"why": "test"}})
    sdk.v1.refunds.retrieve(refund.id)
    sdk.v1.refunds.list({"charge": str(refund.charge)})
    sdk.v1.checkout.sessions.list({"limit": 5})
    account = standin.recipient()
    sdk.v1.accounts.retrieve(account)
    sdk.v2.core.accounts.list({"limit": 5})
    sdk.v2.core.accounts.update(account, {"display_name": "Ada O."})
    sdk.v2.core.events.retrieve(sdk.v2.core.events.list({"limit": 1}).data[0].id)
    transfer = sdk.v1.transfers.create({"amount": 9_000, "currency": "usd", "destination": account})
    sdk.v1.charges.retrieve(str(transfer.destination_payment), {}, {"stripe_account": account})
    sdk.v1.transfers.reversals.create(transfer.id, {"amount": 1_000})
    sdk.v1.transfers.reversals.list(transfer.id)
    sdk.v1.balance_transactions.retrieve(str(transfer.balance_transaction), {"expand": ["source"]})
    standin.advance(days=1)
    payout = sdk.v1.payouts.list({}, {"stripe_account": account}).data[0]
    sdk.v1.payouts.retrieve(payout.id, {}, {"stripe_account": account})
    for broken in ({"amount": "12.50"}, {"colour": "blue"}):
        params: Any = {"currency": "usd", "destination": account} | broken
        with pytest.raises(stripe.InvalidRequestError):
            sdk.v1.transfers.create(params)
    faults = [
        (exchange.method, exchange.path, fault)
        for exchange in recorder.api()
        for fault in description.judge(exchange)
        if not (exchange.status == 400 and fault.startswith("request"))
    ]
    assert faults == []


def test_every_event_is_what_stripe_describes(recorder: Recorder, description: Description) -> None:
    speak(recorder)
    recorder.standin.advance(days=3)
    events = recorder.standin.state()["events"]
    faults = []
    for event in events:
        if event["object"] == "v2.core.event":
            found = description.errors_of_object("v2.core.event", event)
        else:
            subject = event["data"]["object"]
            found = description.errors_of_object("event", event)
            found += description.errors_of_object(subject["object"], subject)
        faults += [(event["type"], fault) for fault in found]
    assert faults == []
    assert {event["type"] for event in events} >= {
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.expired",
        "payment_intent.processing",
        "payment_intent.succeeded",
        "charge.succeeded",
        "transfer.created",
        "transfer.reversed",
        "payout.created",
        "payout.paid",
        "account.updated",
        "v2.core.account.created",
        "v2.core.account[configuration.recipient].capability_status_updated",
    }


@pytest.mark.parametrize(
    ("path", "body", "complaint"),
    [
        ("/v1/transfers", b"amount=12.50&currency=usd&destination=acct_1", "integer"),
        ("/v1/transfers", b"amount=100&currency=usd", "destination"),
        ("/v1/transfers", b"amount=100&currency=usd&destination=acct_1&colour=blue", "colour"),
        ("/v1/checkout/sessions", b"mode=payment&payment_method_types[0]=card", "payment_method_types"),
        ("/v2/core/accounts", b'{"dashboard": "golden"}', "golden"),
        ("/v2/core/account_links", b'{"account": "acct_1"}', "use_case"),
    ],
)
def test_the_judge_finds_what_is_wrong(description: Description, path: str, body: bytes, complaint: str) -> None:
    wrong = Exchange("POST", path, "", {}, body, 400, b'{"error": {"message": "no", "type": "invalid_request_error"}}')
    found = [fault for fault in description.judge(wrong) if fault.startswith("request")]
    assert len(found) == 1
    assert complaint in found[0]


def test_the_judge_finds_a_wrong_answer(recorder: Recorder, description: Description) -> None:
    recorder.standin.sdk.v1.balance.retrieve()
    good = recorder.api()[-1]
    assert description.judge(good) == []
    for before, after in ((b'"livemode": false', b'"livemode": "no"'), (b'"object": "balance"', b'"colour": "blue"')):
        bad = Exchange(good.method, good.path, "", {}, b"", 200, good.answer.replace(before, after))
        assert description.judge(bad) != []
