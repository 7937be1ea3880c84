"""The stand-in as a process: it keeps its state through kill -9, and stays out of production."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import stripe
from django.core.management import CommandError, call_command

from tests.payments.gateway.standin import StandIn

ROOT = Path(__file__).resolve().parents[3]


@contextmanager
def process(folder: Path) -> Iterator[tuple[StandIn, subprocess.Popen[str]]]:
    """Run the command on a free port; it is killed with SIGKILL at the end."""
    command = [sys.executable, "manage.py", "stripe_simulator", "--port", "0", "--webhook-url", ""]
    command += ["--db", os.fspath(folder / "stripe.sqlite3")]
    env = os.environ | {"DJANGO_DEBUG": "1", "STRIPE_SECRET_KEY": ""}
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:\d+", child.stdout.readline())
            assert found
            yield StandIn(found.group()), child
        finally:
            child.kill()


@pytest.mark.full
def test_state_and_saved_answers_survive_kill_nine(tmp_path: Path) -> None:
    with process(tmp_path) as (standin, child):
        standin.fund(100_000)
        ada = standin.recipient()
        params: Any = {"amount": 5_000, "currency": "usd", "destination": ada, "transfer_group": "run_1"}
        made = standin.sdk.v1.transfers.create(params, {"idempotency_key": "po-1"})
        standin.advance(hours=3)
        child.kill()
        child.wait()
    with process(tmp_path) as (standin, _):
        again = standin.sdk.v1.transfers.create(params, {"idempotency_key": "po-1"})
        assert again.id == made.id
        assert again.last_response.headers["idempotent-replayed"] == "true"
        state = standin.state()
        assert [entry["id"] for entry in state["transfers"]] == [made.id]
        assert {entry["account"]: entry["available"] for entry in state["balances"]}[ada] == 5_000
        assert 10_795 <= state["now"] - time.time() <= 10_805


@pytest.mark.full
def test_kill_nine_in_the_middle_of_a_storm_leaves_effect_and_answer_together(tmp_path: Path) -> None:
    params: Any = {"amount": 100, "currency": "usd", "transfer_group": "run_1"}
    with process(tmp_path) as (standin, child):
        standin.fund(1_000_000)
        params["destination"] = standin.recipient()
        standin.faults({"path": "/v1/transfers", "method": "POST", "nth": 20, "action": "slow", "seconds": 30})
        sdk = stripe.StripeClient(
            "sk_test_local",
            base_addresses={"api": standin.address},
            http_client=stripe.RequestsClient(timeout=(2, 0.4)),
            max_network_retries=0,
        )
        for number in range(20):
            try:
                sdk.v1.transfers.create(params, {"idempotency_key": f"po-{number}"})
            except stripe.APIConnectionError:
                assert number == 19
        child.kill()
        child.wait()
    with process(tmp_path) as (standin, _):
        standin.faults()
        for number in range(20):
            standin.sdk.v1.transfers.create(params, {"idempotency_key": f"po-{number}"})
        state = standin.state()
        assert len(state["transfers"]) == 20
        replayed = [call["replayed"] for call in standin.calls("/v1/transfers")][-20:]
        assert replayed == [True] * 19 + [False]


def test_the_stand_in_refuses_to_start_in_production(tmp_path: Path, settings: Any) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="only where DJANGO_DEBUG is on"):
        call_command("stripe_simulator", "--port", "0", "--db", os.fspath(tmp_path / "stripe.sqlite3"))
    assert not (tmp_path / "stripe.sqlite3").exists()


def test_a_taken_port_is_said_in_a_sentence(tmp_path: Path, standin: StandIn, settings: Any) -> None:
    settings.DEBUG = True
    port = standin.address.rpartition(":")[2]
    with pytest.raises(CommandError, match=f"cannot listen on 127.0.0.1:{port}: Address already in use"):
        call_command("stripe_simulator", "--port", port, "--db", os.fspath(tmp_path / "other.sqlite3"))


def order(standin: StandIn, **headers: str) -> int:
    request = Request(standin.address + "/_sim/reset", data=b"{}", headers=headers)  # noqa: S310 -- a loopback address
    try:
        with urlopen(request, timeout=5) as response:  # noqa: S310 -- a loopback address
            return int(response.status)
    except HTTPError as error:
        return error.code


def test_control_answers_json_from_this_machine_only(standin: StandIn) -> None:
    assert order(standin, **{"Content-Type": "text/plain"}) == 403
    assert order(standin, **{"Content-Type": "application/json", "Host": "attacker.example"}) == 403
    assert order(standin, **{"Content-Type": "application/json"}) == 200


def test_reset_forgets_everything(standin: StandIn) -> None:
    standin.fund(1_000)
    standin.recipient()
    standin.advance(days=3)
    standin.order("reset")
    state = standin.state()
    assert abs(state["now"] - time.time()) < 3
    assert {name: state[name] for name in ("accounts", "balances", "events", "keys", "calls", "faults")} == {
        "accounts": [],
        "balances": [],
        "events": [],
        "keys": [],
        "calls": [],
        "faults": [],
    }


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer sk_live_1234567890", "Basic c2tfdGVzdA=="])
def test_a_missing_or_live_key_is_a_401(standin: StandIn, header: str) -> None:
    request = Request(standin.address + "/v1/balance", headers={"Authorization": header})  # noqa: S310 -- a loopback address
    with pytest.raises(HTTPError) as refused:
        urlopen(request, timeout=5)  # noqa: S310 -- a loopback address
    assert refused.value.code == 401


def test_an_address_that_does_not_exist_is_a_404_in_stripes_words(standin: StandIn) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL") as refused:
        standin.sdk.raw_request("get", "/v1/unicorns")
    assert refused.value.http_status == 404
