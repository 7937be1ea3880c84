"""The stand-in's key layer does what Stripe's does, so that our payout algorithm is tested against the truth."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from tests.payments.gateway.standin import RECIPIENT, StandIn


def transfer(standin: StandIn, destination: str, key: str, **changes: Any) -> stripe.Transfer:
    params: Any = {"amount": 5_000, "currency": "usd", "destination": destination, "transfer_group": "run_1"} | changes
    return standin.sdk.v1.transfers.create(params, {"idempotency_key": key})


@pytest.fixture
def ada(standin: StandIn) -> str:
    """A recipient who may be paid, and $1,000.00 to pay from."""
    standin.fund(100_000)
    return standin.recipient()


def test_same_key_and_parameters_return_the_first_answer_and_pay_once(standin: StandIn, ada: str) -> None:
    first = transfer(standin, ada, "po-1")
    second = transfer(standin, ada, "po-1")
    assert second.id == first.id
    assert second.last_response.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.last_response.headers
    assert second.last_response.headers["original-request"] == first.last_response.headers["request-id"]
    assert len(standin.state()["transfers"]) == 1


def test_the_order_of_parameters_does_not_matter_to_a_key(standin: StandIn, ada: str) -> None:
    first = transfer(standin, ada, "po-1", metadata={"item": "1", "attempt": "1"})
    second = transfer(standin, ada, "po-1", metadata={"attempt": "1", "item": "1"})
    assert second.id == first.id


def test_same_key_with_other_parameters_is_an_idempotency_error(standin: StandIn, ada: str) -> None:
    transfer(standin, ada, "po-1")
    with pytest.raises(stripe.IdempotencyError) as refused:
        transfer(standin, ada, "po-1", amount=6_000)
    assert refused.value.http_status == 400
    assert "same parameters" in str(refused.value.user_message)
    assert [entry["amount"] for entry in standin.state()["transfers"]] == [5_000]


def test_same_key_at_another_endpoint_is_an_idempotency_error(standin: StandIn, ada: str) -> None:
    transfer(standin, ada, "po-1")
    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        standin.sdk.v1.checkout.sessions.create({"mode": "payment"}, {"idempotency_key": "po-1"})


def test_a_key_is_pruned_after_24_hours_and_then_pays_a_second_time(standin: StandIn, ada: str) -> None:
    first = transfer(standin, ada, "po-1")
    standin.advance(hours=23, seconds=3_500)
    assert transfer(standin, ada, "po-1").id == first.id
    standin.advance(seconds=200)
    assert transfer(standin, ada, "po-1").id != first.id
    assert len(standin.state()["transfers"]) == 2


def test_a_refusal_is_saved_under_its_key_even_when_the_reason_is_gone(standin: StandIn) -> None:
    ada = standin.recipient()
    with pytest.raises(stripe.InvalidRequestError) as refused:
        transfer(standin, ada, "po-1")
    assert (refused.value.http_status, refused.value.code) == (400, "balance_insufficient")
    standin.fund(100_000)
    with pytest.raises(stripe.InvalidRequestError) as replayed:
        transfer(standin, ada, "po-1")
    assert replayed.value.code == "balance_insufficient"
    assert (replayed.value.headers or {})["idempotent-replayed"] == "true"
    assert transfer(standin, ada, "po-2").amount == 5_000


def test_a_validation_error_is_not_saved_because_nothing_was_executed(standin: StandIn, ada: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        transfer(standin, ada, "po-1", colour="blue")
    assert refused.value.code == "parameter_unknown"
    assert transfer(standin, ada, "po-1").amount == 5_000


def test_a_500_is_saved_and_replayed_without_its_effect(standin: StandIn, ada: str) -> None:
    standin.faults({"method": "POST", "path": "/v1/transfers", "nth": 1, "action": "500"})
    for _ in range(2):
        with pytest.raises(stripe.APIError) as failed:
            transfer(standin, ada, "po-1")
        assert failed.value.http_status == 500
        assert (failed.value.headers or {})["stripe-should-retry"] == "false"
    assert standin.state()["transfers"] == []


def test_a_500_with_its_effect_leaves_a_transfer_that_only_a_look_up_finds(standin: StandIn, ada: str) -> None:
    standin.faults({"method": "POST", "path": "/v1/transfers", "nth": 1, "action": "500", "effect": True})
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            transfer(standin, ada, "po-1")
    found = standin.sdk.v1.transfers.list({"transfer_group": "run_1"})
    assert [entry.amount for entry in found.data] == [5_000]


def test_429_is_decided_before_the_key_layer_and_leaves_nothing_behind(standin: StandIn, ada: str) -> None:
    standin.faults({"method": "POST", "path": "/v1/transfers", "nth": 1, "action": "429"})
    with pytest.raises(stripe.RateLimitError) as limited:
        transfer(standin, ada, "po-1")
    assert limited.value.http_status == 429
    assert [entry["key"] for entry in standin.state()["keys"] if entry["key"] == "po-1"] == []
    # Not saved, so even other parameters are a first request.
    assert transfer(standin, ada, "po-1", amount=700).amount == 700


def test_a_429_comes_even_for_a_key_whose_answer_is_saved(standin: StandIn, ada: str) -> None:
    transfer(standin, ada, "po-1")
    standin.faults({"path": "/v1/transfers", "nth": 1, "action": "429"})
    with pytest.raises(stripe.RateLimitError):
        transfer(standin, ada, "po-1")


def test_two_requests_at_once_with_one_key_are_one_transfer_and_one_409(standin: StandIn, ada: str) -> None:
    standin.faults({"path": "/v1/transfers", "nth": 1, "action": "slow", "seconds": 0.6})
    barrier = threading.Barrier(2)

    def send(_: int) -> str:
        barrier.wait()
        try:
            return str(transfer(standin, ada, "po-1").id)[:3]
        except stripe.APIError as error:
            return f"{error.http_status} {(error.json_body or {})['error']['code']}"  # type: ignore[index]

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(send, range(2)))
    assert answers == ["409 idempotency_key_in_use", "tr_"]
    assert len(standin.state()["transfers"]) == 1
    assert transfer(standin, ada, "po-1").last_response.headers["idempotent-replayed"] == "true"


def test_v2_keeps_keys_for_thirty_days_and_does_not_save_a_500(standin: StandIn) -> None:
    params: Any = RECIPIENT
    standin.faults({"path": "/v2/core/accounts", "nth": 1, "action": "500"})
    with pytest.raises(stripe.APIError):
        standin.sdk.v2.core.accounts.create(params, {"idempotency_key": "acct-1"})
    first = standin.sdk.v2.core.accounts.create(params, {"idempotency_key": "acct-1"})
    standin.advance(days=29)
    assert standin.sdk.v2.core.accounts.create(params, {"idempotency_key": "acct-1"}).id == first.id
    standin.advance(days=2)
    assert standin.sdk.v2.core.accounts.create(params, {"idempotency_key": "acct-1"}).id != first.id
