"""
The stand-in for Stripe in tests: a real server on a free port of this machine, spoken to by the real SDK.

Import the fixtures `standin` and `standin_server` in a conftest; the first also points the product's settings at the
server.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import stripe
from django.test import override_settings

from payments.gateway.simulator.server import Config, Simulator
from payments.gateway.simulator.webhooks import Endpoint

KEY = "sk_test_local"
RECIPIENT: dict[str, Any] = {
    "contact_email": "ada@example.org",
    "display_name": "Ada Okafor",
    "dashboard": "express",
    "identity": {"country": "us", "entity_type": "individual"},
    "configuration": {"recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}},
    "defaults": {"responsibilities": {"fees_collector": "application", "losses_collector": "application"}},
}
SESSION: dict[str, Any] = {
    "mode": "payment",
    "line_items": [
        {
            "price_data": {"currency": "usd", "unit_amount": 2_000_000, "product_data": {"name": "Project funds"}},
            "quantity": 1,
        }
    ],
    "success_url": "http://127.0.0.1:1/paid?session={CHECKOUT_SESSION_ID}",
    "cancel_url": "http://127.0.0.1:1/back",
    "customer_email": "owner@lab.example",
}


def control(address: str, path: str, order: Any = None) -> Any:
    """Give one order to a stand-in, or read its state when there is none, and return its answer."""
    data = None if order is None else json.dumps(order).encode()
    request = urllib.request.Request(address + path, data=data, headers={"Content-Type": "application/json"})  # noqa: S310 -- a loopback address
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 -- a loopback address
        return json.load(response)


@dataclass
class StandIn:
    """A running stand-in, and the SDK that speaks to it without our gateway in between."""

    address: str
    sdk: stripe.StripeClient = field(init=False)

    def __post_init__(self) -> None:
        self.sdk = stripe.StripeClient(KEY, base_addresses={"api": self.address}, max_network_retries=0)

    def order(self, path: str, order: Any = None) -> Any:
        """Give an order such as order("clock", {"advance_seconds": 60})."""
        return control(self.address, f"/_sim/{path}", order if order is not None else {})

    def state(self) -> Any:
        return control(self.address, "/_sim/state")

    def faults(self, *rules: dict[str, Any]) -> None:
        """Replace the fault plan."""
        self.order("faults", list(rules))

    def advance(self, **units: float) -> None:
        """Let its clock go on, by days=, hours= or seconds=."""
        seconds = units.get("days", 0) * 86_400 + units.get("hours", 0) * 3_600 + units.get("seconds", 0)
        self.order("clock", {"advance_seconds": seconds})

    def fund(self, amount_minor: int, *, source_type: str = "card", currency: str = "usd") -> None:
        """Put money on the platform's balance."""
        self.order("funds", {"amount": amount_minor, "source_type": source_type, "currency": currency})

    def recipient(self, *, active: bool = True) -> str:
        """Create a recipient account and return its id."""
        account = self.sdk.v2.core.accounts.create(RECIPIENT)  # type: ignore[arg-type]
        if active:
            self.order("account", {"account": account.id, "status": "active"})
        return str(account.id)

    def session(self, **changes: Any) -> str:
        """Open a Checkout Session of $20,000.00 and return its id."""
        return str(self.sdk.v1.checkout.sessions.create(SESSION | changes).id)  # type: ignore[arg-type]

    def pay(self, session_id: str, button: str = "card", *, at_once: bool = True) -> Any:
        """Press a button of the Checkout page."""
        return self.order("pay", {"session": session_id, "button": button, "at_once": at_once})

    def calls(self, path: str, *, method: str = "POST") -> list[Any]:
        """Return the calls that came in for an address, the oldest first."""
        return [call for call in self.state()["calls"] if (call["method"], call["path"]) == (method, path)]


def start(folder: Path, *, endpoint: Endpoint | None = None) -> Simulator:
    """Start a stand-in in a thread of this process; its state is a file in `folder`."""
    return Simulator(Config(path=folder / "stripe.sqlite3", endpoint=endpoint)).start()


@pytest.fixture(scope="session")
def standin_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Give one stand-in without webhooks for all tests of this process."""
    simulator = start(tmp_path_factory.mktemp("stripe"))
    yield simulator
    simulator.stop()


@pytest.fixture
def standin(standin_server: Simulator) -> Iterator[StandIn]:
    """Give a stand-in that has forgotten every other test, and to which the product's gateway speaks."""
    standin_server.store.reset()
    address = standin_server.address
    with override_settings(STRIPE_SECRET_KEY="", STRIPE_SIMULATOR_URL=address, STRIPE_API_BASE=address):
        yield StandIn(address)
