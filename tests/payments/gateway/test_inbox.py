"""The inbox of Stripe's events: verified, stored once, handed up until somebody took it, and nothing missed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.db import connections, transaction
from django.dispatch import Signal
from django.test import Client

from marketplace.kernel import registry
from marketplace.kernel.jobs import MAX_ATTEMPTS, JobState
from payments.gateway import actions, client, signals
from payments.gateway.enums import EventSource
from payments.gateway.models import StripeEvent
from payments.gateway.shapes import RemoteEvent
from payments.gateway.simulator.webhooks import Endpoint, signature
from tests.payments.gateway.standin import StandIn, start

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
V1, V2 = "/stripe/webhooks/", "/stripe/webhooks/v2/"


def snapshot(event_id: str = "evt_1", kind: str = "transfer.created", **changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": event_id,
        "object": "event",
        "created": int(NOW.timestamp()),
        "livemode": False,
        "type": kind,
        "data": {"object": {"id": "tr_1", "object": "transfer"}},
    }
    return body | changes


def thin(event_id: str = "evt_test_1", account: str = "acct_1") -> dict[str, Any]:
    return {
        "id": event_id,
        "object": "v2.core.event",
        "created": "2026-11-16T09:00:00.000Z",
        "livemode": False,
        "type": "v2.core.account[configuration.recipient].capability_status_updated",
        "context": None,
        "related_object": {"id": account, "type": "v2.core.account", "url": f"/v2/core/accounts/{account}"},
    }


def deliver(
    event: dict[str, Any], *, path: str = V1, secret: str | None = None, age: int = 0, tamper: bool = False
) -> int:
    """POST an event as Stripe does and return the status of the answer."""
    payload = json.dumps(event)
    sent_at = int(time.time()) - age
    header = signature(payload, secret or settings.STRIPE_WEBHOOK_SECRET, at=sent_at)
    body = payload.replace("tr_1", "tr_2") if tamper else payload
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post(path, body, content_type="application/json", headers={"Stripe-Signature": header})
    return int(answer.status_code)


@contextmanager
def listening(signal: Signal, take: Callable[..., None]) -> Iterator[None]:
    """Let `take` be the only receiver of a signal; the rooms above have tests of their own."""

    def receiver(sender: Any, **facts: Any) -> None:
        facts.pop("signal")
        take(**facts)

    others, signal.receivers = signal.receivers, []
    signal.connect(receiver, weak=False)
    try:
        yield
    finally:
        signal.receivers = others


def stored(event: dict[str, Any], **changes: Any) -> StripeEvent:
    actions.receive_event(event=RemoteEvent.read(event), now=NOW)
    StripeEvent.objects.filter(stripe_id=event["id"]).update(**changes)
    return StripeEvent.objects.get(stripe_id=event["id"])


# -- taking in ---------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_signed_event_is_stored_and_answered_without_sign_in_or_csrf_token() -> None:
    assert deliver(snapshot()) == 200
    row = StripeEvent.objects.get()
    assert (row.stripe_id, row.type, row.object_id) == ("evt_1", "transfer.created", "tr_1")
    assert (row.source, row.account, row.created) == (EventSource.ACCOUNT, "", NOW)
    assert (row.job_state, row.payload) == (JobState.QUEUED, snapshot())


@pytest.mark.django_db
def test_the_same_event_twice_is_stored_once_and_answered_twice() -> None:
    assert [deliver(snapshot()), deliver(snapshot())] == [200, 200]
    assert StripeEvent.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "whsec_another"},
        {"tamper": True},
        {"age": 301},
        {"path": V2},
    ],
    ids=["forged", "changed on the way", "older than five minutes", "a snapshot at the address of thin events"],
)
def test_what_stripe_did_not_send_is_a_400_and_leaves_nothing(wrong: dict[str, Any]) -> None:
    assert deliver(snapshot(), **wrong) == 400
    assert not StripeEvent.objects.exists()


@pytest.mark.django_db
def test_an_event_of_four_minutes_ago_is_still_taken() -> None:
    assert deliver(snapshot(), age=240) == 200


@pytest.mark.django_db
@pytest.mark.parametrize("event", [{}, {"object": "event"}, {"id": "evt_1", "object": "event", "data": []}, []])
def test_a_signed_body_that_is_no_event_is_a_400(event: Any) -> None:
    assert deliver(event) == 400


@pytest.mark.django_db
def test_an_unsigned_body_a_get_and_broken_text_are_refused() -> None:
    browser = Client()
    assert browser.post(V1, snapshot(), content_type="application/json").status_code == 400
    assert browser.post(V1, b"\xff\xfe", content_type="application/json").status_code == 400
    assert browser.get(V1).status_code == 405


@pytest.mark.django_db
def test_thin_events_and_events_of_connected_accounts_come_in_too(settings: Any) -> None:
    settings.STRIPE_THIN_WEBHOOK_SECRET = "whsec_thin"
    settings.STRIPE_CONNECT_WEBHOOK_SECRET = "whsec_theirs"
    assert deliver(thin(), path=V2, secret="whsec_thin") == 200
    assert deliver(thin("evt_test_2"), path=V2) == 400
    assert deliver(snapshot("evt_2", "payout.failed", account="acct_7"), secret="whsec_theirs") == 200
    rows = StripeEvent.objects.order_by("pk").values_list("stripe_id", "source", "object_id", "account")
    assert list(rows) == [
        ("evt_test_1", EventSource.THIN, "acct_1", ""),
        ("evt_2", EventSource.CONNECT, "tr_1", "acct_7"),
    ]


@pytest.mark.django_db
def test_test_events_that_reach_a_live_endpoint_are_left_alone(settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = "sk_live_1"
    assert deliver(snapshot()) == 200
    assert not StripeEvent.objects.exists()
    assert deliver(snapshot(livemode=True)) == 200
    assert StripeEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_deliveries_of_one_event_at_once_are_one_row() -> None:
    barrier = Barrier(8)

    def send(_: int) -> int:
        barrier.wait()
        try:
            return deliver(snapshot())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(send, range(8))) == [200] * 8
    assert StripeEvent.objects.count() == 1


# -- handing up --------------------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("event", "signal", "facts"),
    [
        (
            snapshot(kind="checkout.session.completed", data={"object": {"id": "cs_1"}}),
            signals.checkout_session_changed,
            {"session_id": "cs_1"},
        ),
        (snapshot(kind="transfer.reversed"), signals.transfer_reversed, {"transfer_id": "tr_1"}),
        (thin(), signals.account_changed, {"account_id": "acct_1"}),
        (
            snapshot(kind="capability.updated", data={"object": {"id": "transfers", "account": "acct_2"}}),
            signals.account_changed,
            {"account_id": "acct_2"},
        ),
        (
            snapshot(kind="account.updated", account="acct_3", data={"object": {"id": "acct_3"}}),
            signals.account_changed,
            {"account_id": "acct_3"},
        ),
    ],
)
def test_an_event_is_handed_up_once_as_an_id(event: dict[str, Any], signal: Signal, facts: dict[str, str]) -> None:
    row = stored(event)
    heard: list[dict[str, Any]] = []
    with listening(signal, lambda **found: heard.append(found)):
        assert actions.handle_event(event_id=row.pk, now=NOW)
        assert not actions.handle_event(event_id=row.pk, now=NOW)
    assert heard == [facts | {"now": NOW}]
    row.refresh_from_db()
    assert (row.job_state, row.attempts) == (JobState.DONE, 1)


@pytest.mark.django_db
def test_an_event_that_nobody_waits_for_is_kept_and_done() -> None:
    row = stored(snapshot(kind="customer.created"))
    assert actions.handle_event(event_id=row.pk, now=NOW)
    assert StripeEvent.objects.get().job_state == JobState.DONE


@pytest.mark.django_db
def test_a_receiver_that_fails_leaves_the_event_due_again_and_never_lost() -> None:
    row = stored(snapshot(kind="transfer.reversed"))
    answers: list[Any] = [LookupError("this transfer is not in our books yet"), None]

    def take(**_facts: Any) -> None:
        answer = answers.pop(0)
        if answer:
            raise answer

    with listening(signals.transfer_reversed, take):
        assert not actions.handle_event(event_id=row.pk, now=NOW)
        row.refresh_from_db()
        assert (row.job_state, row.not_before) == (JobState.QUEUED, NOW + timedelta(seconds=10))
        assert row.last_error == "LookupError: this transfer is not in our books yet"
        assert not actions.handle_event(event_id=row.pk, now=NOW + timedelta(seconds=9))
        assert actions.handle_event(event_id=row.pk, now=NOW + timedelta(seconds=10))
    row.refresh_from_db()
    assert (row.job_state, row.last_error) == (JobState.DONE, "")


@pytest.mark.django_db
def test_an_event_that_always_fails_is_parked_for_a_person() -> None:
    row = stored(snapshot(kind="transfer.reversed"))

    def take(**_facts: Any) -> None:
        raise LookupError("never")

    moment = NOW
    with listening(signals.transfer_reversed, take):
        for _ in range(MAX_ATTEMPTS):
            actions.handle_event(event_id=row.pk, now=moment)
            moment += timedelta(hours=2)
    row.refresh_from_db()
    assert (row.job_state, row.attempts) == (JobState.PARKED, MAX_ATTEMPTS)


@pytest.mark.django_db
def test_a_second_delivery_of_a_done_event_does_not_hand_it_up_again() -> None:
    event = snapshot(kind="transfer.reversed")
    row = stored(event)
    heard: list[Any] = []
    with listening(signals.transfer_reversed, lambda **found: heard.append(found)):
        assert actions.handle_event(event_id=row.pk, now=NOW)
        assert deliver(event) == 200
        assert not actions.handle_event(event_id=row.pk, now=NOW + timedelta(days=1))
    assert heard == [{"transfer_id": "tr_1", "now": NOW}]


# -- missing nothing ---------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_missed_events_are_found_once_and_in_the_order_they_happened(standin: StandIn) -> None:
    standin.pay(standin.session())
    account = standin.recipient()
    now = datetime.now(tz=UTC)
    missed = actions.fetch_missed_events(now=now)
    rows = list(StripeEvent.objects.order_by("pk").values_list("type", "source"))
    kinds = [kind for kind, _ in rows]
    assert {source for _, source in rows} == {EventSource.SWEEP}
    assert missed == len(kinds) == len(standin.state()["events"]) - 1  # account.updated belongs to the account itself.
    assert kinds.index("charge.succeeded") < kinds.index("checkout.session.completed")
    assert StripeEvent.objects.filter(type__startswith="v2.core.account", object_id=account).count() == 3
    assert actions.fetch_missed_events(now=now) == 0


@pytest.mark.django_db
def test_the_look_back_is_an_hour_before_the_last_event_seen(standin: StandIn) -> None:
    standin.pay(standin.session())
    standin.advance(hours=2)
    later = standin.session()
    standin.pay(later)
    newest = client.retrieve_event(standin.sdk.v1.events.list({"limit": 1}).data[0].id)
    now = datetime.now(tz=UTC) + timedelta(hours=2)
    actions.receive_event(event=newest, now=now)
    assert actions.fetch_missed_events(now=now) == 2
    assert set(StripeEvent.objects.values_list("type", flat=True)) == {
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    }
    assert StripeEvent.objects.get(type="checkout.session.completed").object_id == later


@pytest.mark.django_db(transaction=True)
def test_the_sweeps_ring_for_due_events_and_for_missed_ones(valkey: str) -> None:
    stored(snapshot("evt_due"))
    stored(snapshot("evt_done"), job_state=JobState.DONE)
    with current_app.connection_for_write() as broker:
        broker.default_channel.queue_purge("hooks")
        assert registry.sweeps["gateway.events"](NOW) == 1
        assert registry.sweeps["gateway.missed_events"](NOW) == 0
        assert broker.default_channel.client.llen("hooks") == 2


# -- the whole way -----------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_what_the_stand_in_delivers_reaches_the_inbox_signed(live_server: Any, tmp_path: Path, valkey: str) -> None:
    secrets = (
        settings.STRIPE_WEBHOOK_SECRET,
        settings.STRIPE_CONNECT_WEBHOOK_SECRET,
        settings.STRIPE_THIN_WEBHOOK_SECRET,
    )
    simulator = start(tmp_path, endpoint=Endpoint(f"{live_server.url}/stripe/webhooks/", *secrets))
    try:
        standin = StandIn(simulator.address)
        standin.pay(standin.session())
        standin.recipient()
        deadline = time.monotonic() + 20
        while any(entry["state"] != "delivered" for entry in standin.state()["deliveries"]):
            assert time.monotonic() < deadline, standin.state()["deliveries"]
            time.sleep(0.05)
        sent = {event["id"] for event in standin.state()["events"]}
    finally:
        simulator.stop()
    assert set(StripeEvent.objects.values_list("stripe_id", flat=True)) == sent
    assert set(StripeEvent.objects.values_list("source", flat=True)) == {
        EventSource.ACCOUNT,
        EventSource.CONNECT,
        EventSource.THIN,
    }


@pytest.mark.django_db
def test_stripe_is_never_called_while_a_transaction_is_open(standin: StandIn) -> None:
    with pytest.raises(RuntimeError, match="while a transaction is open"), transaction.atomic():
        client.retrieve_balance()
    assert client.retrieve_balance().available == {("USD", "card"): 0}
