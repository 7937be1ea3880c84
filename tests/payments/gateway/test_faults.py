"""Faults on demand are what they say, strike when they shall, and replay from their seed."""

from __future__ import annotations

import time
from typing import Any
from urllib.error import HTTPError

import pytest
import stripe

from payments.gateway import client, connection
from payments.gateway.errors import StripeBusy, StripeUnavailable
from tests.payments.gateway.standin import StandIn


def send(destination: str, key: str) -> Any:
    return client.create_transfer(
        amount_minor=5_000,
        currency="USD",
        destination=destination,
        transfer_group="run_1",
        metadata={"item": "1"},
        idempotency_key=key,
    )


@pytest.fixture
def ada(standin: StandIn) -> str:
    standin.fund(1_000_000)
    return standin.recipient()


def test_a_lost_answer_after_success_is_unknown_and_the_same_key_finds_the_same_transfer(
    standin: StandIn, ada: str
) -> None:
    standin.faults({"path": "/v1/transfers", "method": "POST", "nth": 1, "action": "lose_answer"})
    with pytest.raises(StripeUnavailable):
        send(ada, "po-1")
    made = standin.state()["transfers"]
    assert len(made) == 1
    assert send(ada, "po-1").id == made[0]["id"]
    assert len(standin.state()["transfers"]) == 1


def test_a_timeout_after_success_is_unknown_and_the_same_key_finds_the_same_transfer(
    standin: StandIn, ada: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "READ_SECONDS", 0.3)
    connection._client.cache_clear()
    standin.faults({"path": "/v1/transfers", "method": "POST", "nth": 1, "action": "lose_answer", "seconds": 1.0})
    try:
        with pytest.raises(StripeUnavailable):
            send(ada, "po-1")
        assert send(ada, "po-1").id == standin.state()["transfers"][0]["id"]
    finally:
        connection._client.cache_clear()


def test_a_lost_request_is_just_as_unknown_but_had_no_effect(standin: StandIn, ada: str) -> None:
    standin.faults({"path": "/v1/transfers", "method": "POST", "nth": 1, "action": "lose_request"})
    with pytest.raises(StripeUnavailable):
        send(ada, "po-1")
    assert standin.state()["transfers"] == []
    assert client.list_transfers("run_1") == []


def test_429_and_409_are_busy_and_a_500_is_unknown(standin: StandIn, ada: str) -> None:
    standin.faults(
        {"path": "/v1/transfers", "method": "POST", "nth": 1, "action": "429"},
        {"path": "/v1/transfers", "method": "POST", "nth": 1, "action": "409"},
        {"path": "/v1/transfers", "method": "POST", "nth": 1, "action": "500"},
    )
    with pytest.raises(StripeBusy):
        send(ada, "po-1")
    with pytest.raises(StripeBusy):
        send(ada, "po-1")
    with pytest.raises(StripeUnavailable):
        send(ada, "po-1")
    assert [call["status"] for call in standin.calls("/v1/transfers")] == [429, 409, 500]


def test_writes_are_sent_once_and_reads_are_tried_again(standin: StandIn, ada: str) -> None:
    standin.faults(
        {"method": "POST", "path": "/v1/transfers", "nth": 1, "action": "lose_request"},
        {"method": "GET", "path": "/v1/balance", "nth": [1, 2], "action": "lose_request"},
    )
    with pytest.raises(StripeUnavailable):
        send(ada, "po-1")
    assert len(standin.calls("/v1/transfers")) == 1
    assert client.retrieve_balance().available_in("USD") == 1_000_000
    assert [call["fault"] for call in standin.calls("/v1/balance", method="GET")] == [
        "lose_request",
        "lose_request",
        "",
    ]


def test_slow_answers_late_and_right(standin: StandIn, ada: str) -> None:
    standin.faults({"path": "/v1/transfers", "action": "slow", "seconds": 0.4, "times": 1})
    began = time.monotonic()
    assert send(ada, "po-1").amount_minor == 5_000
    assert time.monotonic() - began >= 0.4


def test_a_seed_replays_the_same_faults_in_the_same_order(standin: StandIn) -> None:
    def run(seed: int) -> list[str]:
        standin.faults({"method": "GET", "path": "/v1/balance", "probability": 0.3, "seed": seed, "action": "500"})
        seen = []
        for _ in range(40):
            try:
                standin.sdk.v1.balance.retrieve()
                seen.append("ok")
            except stripe.APIError:
                seen.append("500")
        return seen

    first = run(7)
    assert run(7) == first
    assert run(8) != first
    assert 4 <= first.count("500") <= 20


@pytest.mark.parametrize(
    "rule",
    [
        {"path": "/v1/transfers", "action": "explode"},
        {"path": "/v1/transfers"},
        {"path": "/v1/transfers", "action": "500", "probabillity": 1},
        {"event": "transfer.created", "action": "500"},
    ],
)
def test_a_rule_with_a_typing_error_is_refused(standin: StandIn, rule: dict[str, Any]) -> None:
    with pytest.raises(HTTPError) as refused:
        standin.faults(rule)
    assert refused.value.code == 400
    assert standin.state()["faults"] == []
