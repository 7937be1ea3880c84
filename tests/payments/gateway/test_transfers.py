"""Transfers at the stand-in: what it makes, what it refuses and how it lists them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe

from payments.gateway import client
from payments.gateway.errors import StripeRejected
from tests.payments.gateway.standin import StandIn


def send(destination: str, key: str, amount_minor: int = 5_000, **more: Any) -> Any:
    return client.create_transfer(
        amount_minor=amount_minor,
        currency="USD",
        destination=destination,
        transfer_group=more.pop("transfer_group", "run_1"),
        metadata=more.pop("metadata", {"item": "1"}),
        idempotency_key=key,
        **more,
    )


def test_a_transfer_moves_our_balance_and_the_experts(standin: StandIn) -> None:
    standin.fund(100_000)
    ada = standin.recipient()
    made = send(ada, "po-1", 30_000)
    assert (made.amount_minor, made.currency, made.destination) == (30_000, "USD", ada)
    assert (made.transfer_group, made.source_type, made.metadata) == ("run_1", "card", {"item": "1"})
    assert client.retrieve_transfer(made.id) == made
    assert client.retrieve_balance().available_in("USD") == 70_000
    theirs = standin.sdk.v1.balance.retrieve({}, {"stripe_account": ada}).to_dict()
    assert theirs["available"][0]["amount"] == 30_000
    transaction = standin.sdk.v1.balance_transactions.retrieve(made.balance_transaction_id).to_dict()
    assert (transaction["type"], transaction["amount"], transaction["source"]) == ("transfer", -30_000, made.id)


def test_insufficient_funds_are_refused_with_stripes_code(standin: StandIn) -> None:
    standin.fund(4_999)
    ada = standin.recipient()
    with pytest.raises(StripeRejected) as refused:
        send(ada, "po-1", 5_000)
    assert (refused.value.stripe_status, refused.value.stripe_code) == (400, "balance_insufficient")
    assert refused.value.request_id.startswith("req_")
    assert client.retrieve_balance().available_in("USD") == 4_999


def test_bank_money_does_not_pay_a_transfer_that_draws_on_card_money(standin: StandIn) -> None:
    standin.fund(3_000)
    standin.fund(90_000, source_type="bank_account")
    ada = standin.recipient()
    with pytest.raises(StripeRejected, match="balance_insufficient"):
        send(ada, "po-1", 5_000)
    made = send(ada, "po-2", 5_000, source_type="bank_account")
    assert made.source_type == "bank_account"
    balance = client.retrieve_balance()
    assert (balance.available_in("USD", "card"), balance.available_in("USD", "bank_account")) == (3_000, 85_000)
    assert balance.total("USD") == 88_000


@pytest.mark.parametrize("status", ["restricted", "pending", "unsupported"])
def test_an_account_whose_capability_is_not_active_cannot_be_paid(standin: StandIn, status: str) -> None:
    standin.fund(100_000)
    ada = standin.recipient(active=False)
    standin.order("account", {"account": ada, "status": status})
    with pytest.raises(StripeRejected) as refused:
        send(ada, "po-1")
    assert refused.value.stripe_code == "insufficient_capabilities_for_transfer"
    assert standin.state()["transfers"] == []


def test_an_unknown_destination_is_a_400_that_names_the_parameter(standin: StandIn) -> None:
    standin.fund(100_000)
    with pytest.raises(StripeRejected) as refused:
        send("acct_nobody", "po-1")
    assert (refused.value.stripe_status, refused.value.stripe_code) == (400, "resource_missing")
    assert refused.value.param == "destination"


def test_an_unknown_transfer_is_a_404(standin: StandIn) -> None:
    with pytest.raises(StripeRejected) as refused:
        client.retrieve_transfer("tr_nothing")
    assert (refused.value.stripe_status, refused.value.stripe_code) == (404, "resource_missing")


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"amount": "12.50"}, "parameter_invalid_integer", "amount"),
        ({"amount": 0}, "parameter_invalid_integer", "amount"),
        ({"colour": "blue"}, "parameter_unknown", "colour"),
        ({"metadata": {"k" * 41: "v"}}, None, f"metadata[{'k' * 41}]"),
        ({"currency": "zzz"}, None, "currency"),
        ({"source_type": "gold"}, None, "source_type"),
        ({"destination": None}, "parameter_missing", "destination"),
        ({"amount": None}, "parameter_missing", "amount"),
    ],
)
def test_parameters_are_refused_as_stripe_refuses_them(
    standin: StandIn, changes: dict[str, Any], code: str | None, param: str
) -> None:
    params: Any = {"amount": 100, "currency": "usd", "destination": "acct_1"} | changes
    with pytest.raises(stripe.InvalidRequestError) as refused:
        standin.sdk.v1.transfers.create({name: value for name, value in params.items() if value is not None})
    assert (refused.value.http_status, refused.value.code, refused.value.param) == (400, code, param)


@pytest.mark.full
def test_a_list_of_250_transfers_is_paged_newest_first_and_complete(standin: StandIn) -> None:
    standin.fund(1_000_000)
    ada = standin.recipient()
    made = [send(ada, f"po-{number}", 100, metadata={"item": str(number)}).id for number in range(250)]
    send(ada, "other", 100, transfer_group="run_2")
    found = client.list_transfers("run_1")
    assert [transfer.id for transfer in found] == made[::-1]
    pages = standin.calls("/v1/transfers", method="GET")
    assert len(pages) == 3
    first = standin.sdk.v1.transfers.list({"transfer_group": "run_1", "limit": 100})
    assert (len(first.data), first.has_more) == (100, True)
    back = standin.sdk.v1.transfers.list({"transfer_group": "run_1", "ending_before": made[0], "limit": 2})
    assert [transfer.id for transfer in back.data] == [made[2], made[1]]


def test_lists_take_at_most_100_and_ten_when_nothing_is_said(standin: StandIn) -> None:
    standin.fund(100_000)
    ada = standin.recipient()
    for number in range(11):
        send(ada, f"po-{number}", 100)
    assert len(standin.sdk.v1.transfers.list().data) == 10
    with pytest.raises(stripe.InvalidRequestError, match="less than or equal to 100"):
        standin.sdk.v1.transfers.list({"limit": 101})


def test_lists_filter_by_destination_and_time(standin: StandIn) -> None:
    standin.fund(100_000)
    ada, ben = standin.recipient(), standin.recipient()
    first = send(ada, "po-1")
    standin.advance(days=2)
    second = send(ben, "po-2")
    by_destination = standin.sdk.v1.transfers.list({"destination": ada})
    assert [entry.id for entry in by_destination.data] == [first.id]
    after = int(first.created_at.timestamp()) + 3_600
    assert [entry.id for entry in standin.sdk.v1.transfers.list({"created": {"gte": after}}).data] == [second.id]
    assert [entry.id for entry in standin.sdk.v1.transfers.list({"created": {"lt": after}}).data] == [first.id]


def test_a_reversal_gives_back_at_most_what_is_left_and_still_there(standin: StandIn) -> None:
    standin.fund(100_000)
    ada = standin.recipient()
    made = send(ada, "po-1", 10_000)
    part = client.reverse_transfer(made.id, amount_minor=4_000, idempotency_key="rev-1")
    assert (part.amount_minor, part.transfer_id) == (4_000, made.id)
    assert client.retrieve_transfer(made.id).amount_reversed_minor == 4_000
    assert client.retrieve_balance().available_in("USD") == 94_000
    with pytest.raises(StripeRejected, match="greater than the unreversed amount"):
        client.reverse_transfer(made.id, amount_minor=6_001, idempotency_key="rev-2")
    standin.advance(days=1)  # The daily payout takes what is left to the bank.
    with pytest.raises(StripeRejected, match="balance_insufficient"):
        client.reverse_transfer(made.id, amount_minor=6_000, idempotency_key="rev-3")


def test_balance_transactions_tell_every_movement_once(standin: StandIn) -> None:
    standin.pay(standin.session())
    ada = standin.recipient()
    made = send(ada, "po-1", 10_000)
    client.reverse_transfer(made.id, amount_minor=1_000, idempotency_key="rev-1")
    since = datetime.now(tz=UTC) - timedelta(hours=1)
    rows = list(client.list_balance_transactions(created_gte=since))
    assert [(row.type, row.amount_minor, row.fee_minor, row.net_minor) for row in rows] == [
        ("transfer_refund", 1_000, 0, 1_000),
        ("transfer", -10_000, 0, -10_000),
        ("charge", 2_000_000, 58_030, 1_941_970),
    ]
    assert sum(row.net_minor for row in rows) == client.retrieve_balance().total("USD")
    assert list(client.list_balance_transactions(created_gte=since, created_lt=since)) == []
