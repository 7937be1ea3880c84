"""The stand-in's webhooks: signed, repeated until a 2xx, and doubled, late, out of order or lost on demand."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import stripe

from payments.gateway.simulator.webhooks import Endpoint
from tests.payments.gateway.standin import StandIn, start

pytestmark = pytest.mark.full

SECRETS = ("whsec_ours", "whsec_theirs", "whsec_thin")


@dataclass
class Mailbox:
    """A receiver of webhooks: keeps what comes and answers with the next of `answers`, 200 when there is none."""

    received: list[tuple[str, str, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def events(self, prefix: str = "") -> list[Any]:
        found = [json.loads(body) for _, _, body in list(self.received)]
        return [event for event in found if event["type"].startswith(prefix)]

    def wait_for(self, true: Callable[[], Any], *, within: float = 10.0) -> None:
        deadline = time.monotonic() + within
        while not true():
            assert time.monotonic() < deadline, [event["type"] for event in self.events()]
            time.sleep(0.02)


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    box = Mailbox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status = box.answers.pop(0) if box.answers else 200
            if status < 300:
                box.received.append((self.path, self.headers["Stripe-Signature"], body))
            self.send_response(status)
            if status in (301, 302):
                self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield box, f"http://127.0.0.1:{server.server_address[1]}/stripe/webhooks/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def delivering(mailbox: tuple[Mailbox, str], tmp_path: Path) -> Iterator[tuple[StandIn, Mailbox]]:
    """A stand-in that delivers to the mailbox."""
    box, url = mailbox
    simulator = start(tmp_path, endpoint=Endpoint(url, *SECRETS))
    yield StandIn(simulator.address), box
    simulator.stop()


def test_snapshots_carry_a_signature_that_the_real_sdk_accepts(delivering: tuple[StandIn, Mailbox]) -> None:
    standin, box = delivering
    session = standin.session()
    standin.pay(session)
    box.wait_for(lambda: box.events("checkout.session.completed"))
    assert {path for path, _, _ in box.received} == {"/stripe/webhooks/"}
    for _, signature, body in box.received:
        stripe.Webhook.construct_event(body, signature, SECRETS[0])
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(body + " ", signature, SECRETS[0])
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(body, signature, "whsec_another")
    completed = box.events("checkout.session.completed")[0]
    assert completed["data"]["object"]["id"] == session
    assert completed["data"]["object"]["payment_status"] == "paid"
    assert not [name for name in completed["data"]["object"] if name.startswith("_")]


def test_thin_events_go_to_their_own_address_with_their_own_secret(delivering: tuple[StandIn, Mailbox]) -> None:
    standin, box = delivering
    account = standin.recipient()
    kind = "v2.core.account[configuration.recipient].capability_status_updated"
    box.wait_for(lambda: box.events(kind))
    path, signature, body = next(entry for entry in box.received if json.loads(entry[2])["type"] == kind)
    assert path == "/stripe/webhooks/v2/"
    notification = standin.sdk.parse_event_notification(body, signature, SECRETS[2])
    assert notification.related_object.id == account  # type: ignore[union-attr]
    fetched = notification.fetch_related_object()  # type: ignore[union-attr]
    assert fetched.id == account
    assert notification.fetch_event().id == notification.id


def test_events_of_connected_accounts_are_signed_with_the_connect_secret(delivering: tuple[StandIn, Mailbox]) -> None:
    standin, box = delivering
    account = standin.recipient()
    box.wait_for(lambda: box.events("account.updated"))
    _, signature, body = next(entry for entry in box.received if json.loads(entry[2])["type"] == "account.updated")
    event = stripe.Webhook.construct_event(body, signature, SECRETS[1])
    assert event.account == account


def test_a_delivery_is_repeated_until_it_is_taken(delivering: tuple[StandIn, Mailbox]) -> None:
    standin, box = delivering
    box.answers = [500, 302]  # A redirect to a sign-in page is not a yes.
    standin.fund(1_000)
    standin.sdk.v1.transfers.create({"amount": 100, "currency": "usd", "destination": quiet(standin, box)})
    box.wait_for(lambda: box.events("transfer.created"))
    row = next(entry for entry in standin.state()["deliveries"] if entry["type"] == "transfer.created")
    assert (row["state"], row["attempts"], row["last_status"]) == ("delivered", 3, 200)
    assert len(box.events("transfer.created")) == 1


def quiet(standin: StandIn, box: Mailbox) -> str:
    """Create a recipient whose own events have all been delivered, the answers kept for what comes after."""
    answers, box.answers = box.answers, []
    account = standin.recipient()
    box.wait_for(lambda: box.events("account.updated") and all_delivered(standin))
    box.answers = answers
    return account


def all_delivered(standin: StandIn) -> bool:
    return all(entry["state"] == "delivered" for entry in standin.state()["deliveries"])


def test_faults_double_delay_and_lose_deliveries(delivering: tuple[StandIn, Mailbox]) -> None:
    standin, box = delivering
    account = quiet(standin, box)
    standin.fund(1_000)
    standin.faults(
        {"event": "transfer.*", "nth": 1, "action": "duplicate"},
        {"event": "transfer.*", "nth": 1, "action": "late", "seconds": 0.8},
        {"event": "transfer.*", "nth": 1, "action": "drop"},
    )
    params: Any = {"amount": 100, "currency": "usd", "destination": account}
    doubled, late, lost, plain = [standin.sdk.v1.transfers.create(params).id for _ in range(4)]
    box.wait_for(lambda: len(box.events("transfer.")) == 4)
    assert [event["data"]["object"]["id"] for event in box.events("transfer.")] == [doubled, doubled, plain, late]
    assert len({event["id"] for event in box.events("transfer.")}) == 3
    states = {entry["note"]: entry["state"] for entry in standin.state()["deliveries"]}
    assert states["drop"] == "dropped"
    unheard = [event.data.object["id"] for event in standin.sdk.v1.events.list({"delivery_success": False}).data]
    assert unheard == [lost]


def test_a_disordered_delivery_arrives_after_the_one_that_came_later(delivering: tuple[StandIn, Mailbox]) -> None:
    standin, box = delivering
    account = quiet(standin, box)
    standin.fund(1_000)
    standin.faults({"event": "transfer.created", "nth": 1, "action": "disorder"})
    params: Any = {"amount": 100, "currency": "usd", "destination": account}
    first, second = [standin.sdk.v1.transfers.create(params).id for _ in range(2)]
    box.wait_for(lambda: len(box.events("transfer.")) == 2)
    assert [event["data"]["object"]["id"] for event in box.events("transfer.")] == [second, first]


def test_events_are_listed_newest_first_and_by_type(delivering: tuple[StandIn, Mailbox]) -> None:
    standin, _ = delivering
    standin.pay(standin.session())
    kinds = [event.type for event in standin.sdk.v1.events.list({"limit": 100}).data]
    assert kinds == ["checkout.session.completed", "payment_intent.succeeded", "charge.succeeded"]
    found = standin.sdk.v1.events.list({"type": "charge.succeeded"}).data
    assert standin.sdk.v1.events.retrieve(found[0].id).type == "charge.succeeded"


def test_nothing_is_lost_when_nobody_listens_for_a_while(tmp_path: Path, mailbox: tuple[Mailbox, str]) -> None:
    box, url = mailbox
    deaf = start(tmp_path, endpoint=Endpoint("http://127.0.0.1:1/stripe/webhooks/", *SECRETS))
    standin = StandIn(deaf.address)
    standin.pay(standin.session())
    box.wait_for(lambda: [entry for entry in standin.state()["deliveries"] if entry["attempts"] > 0])
    deaf.stop()
    again = start(tmp_path, endpoint=Endpoint(url, *SECRETS))
    box.wait_for(lambda: len(box.events()) == 3)
    again.stop()
    assert {event["type"] for event in box.events()} == {
        "checkout.session.completed",
        "payment_intent.succeeded",
        "charge.succeeded",
    }
