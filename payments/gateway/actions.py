"""The inbox of Stripe's events: take in, hand up, find what was missed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.dispatch import Signal

from marketplace.kernel import jobs
from payments.gateway import client, signals, tasks
from payments.gateway.connection import is_live
from payments.gateway.enums import EventSource
from payments.gateway.models import StripeEvent
from payments.gateway.shapes import RemoteEvent

OVERLAP = timedelta(hours=1)
FIRST_LOOK_BACK = timedelta(days=3)


@transaction.atomic(durable=True)
def receive_event(*, event: RemoteEvent, now: datetime, source: EventSource | None = None) -> bool:
    """
    Store an event once and ring for its work; return whether it was new.

    A second delivery changes nothing and rings again, which does no harm. Test events that reach a live endpoint
    (Stripe sends those to Connect endpoints) are not ours and are left alone.
    """
    if event.livemode != is_live():
        return False
    known = StripeEvent.objects.filter(stripe_id=event.id)
    was_there = known.exists()
    StripeEvent.objects.bulk_create([_row(event, now=now, source=source)], ignore_conflicts=True)
    row = known.get()
    if row.job_state != jobs.JobState.DONE:
        tasks.handle_event.delay_on_commit(event_id=str(row.pk))
    return not was_there


def _row(event: RemoteEvent, *, now: datetime, source: EventSource | None) -> StripeEvent:
    arrived = EventSource.THIN if event.is_thin else EventSource.CONNECT if event.account else EventSource.ACCOUNT
    return StripeEvent(
        stripe_id=event.id,
        type=event.type[:120],
        source=source or arrived,
        object_id=event.object_id,
        account=event.account,
        livemode=event.livemode,
        created=event.created_at,
        received_at=now,
        payload=dict(event.payload),
        not_before=now,
        queued_at=now,
    )


def handle_event(*, event_id: int, now: datetime) -> bool:
    """
    Hand one stored event up to the rooms that care; return whether this call did it.

    What is handed up is an id, never the snapshot: the receiver fetches the object as it is now. A receiver's error
    makes the event due again after a growing pause.
    """
    return jobs.perform(StripeEvent.objects.all(), pk=event_id, now=now, work=lambda event: _hand_up(event, now=now))


def _hand_up(event: StripeEvent, *, now: datetime) -> None:
    for prefix, signal, name, subject in LISTENERS:
        if event.type.startswith(prefix):
            signal.send(sender=StripeEvent, now=now, **{name: subject(event)})
            return


def _object(event: StripeEvent) -> str:
    return event.object_id


def _account(event: StripeEvent) -> str:
    """Return the account an event is about: named by the event, by the object, or the object itself."""
    content: Mapping[str, Any] = (event.payload.get("data") or {}).get("object") or {}
    return str(event.account or content.get("account") or event.object_id)


LISTENERS: tuple[tuple[str, Signal, str, Callable[[StripeEvent], str]], ...] = (
    ("checkout.session.", signals.checkout_session_changed, "session_id", _object),
    ("transfer.reversed", signals.transfer_reversed, "transfer_id", _object),
    ("v2.core.account", signals.account_changed, "account_id", _object),
    ("account.", signals.account_changed, "account_id", _account),
    ("capability.", signals.account_changed, "account_id", _account),
)
"""Which events are handed up, by the beginning of their type. All others are stored and done."""


def forget_payloads(*, accounts: list[str], addresses: Sequence[str]) -> int:
    """
    Empty the copies of events that are about these accounts or were paid under these addresses; return how many.

    The event stays, by its id, so that it is not taken in again. Needs an open transaction.
    """
    content = "payload__data__object__"
    about = Q(account__in=accounts) | Q(object_id__in=accounts) | Q(**{f"{content}account__in": accounts})
    paid_under = Q(**{f"{content}customer_email__in": list(addresses)})
    paid_under |= Q(**{f"{content}customer_details__email__in": list(addresses)})
    done = StripeEvent.objects.filter(about | paid_under, job_state=jobs.JobState.DONE)
    return int(done.update(payload={}))


def fetch_missed_events(*, now: datetime) -> int:
    """
    Take in the events that Stripe could not deliver since the last one seen minus an hour; return how many were new.

    :raises StripeUnavailable: if Stripe does not answer; the next sweep tries again.
    """
    last = StripeEvent.objects.aggregate(last=Max("created"))["last"]
    since = last - OVERLAP if last else now - FIRST_LOOK_BACK
    found = list(client.list_undelivered_events(created_gte=since))
    known = set(
        StripeEvent.objects.filter(stripe_id__in=[event.id for event in found]).values_list("stripe_id", flat=True)
    )
    missed = [event for event in found if event.id not in known]
    # The oldest first, as they would have come.
    for event in reversed(missed):
        receive_event(event=event, now=now, source=EventSource.SWEEP)
    return len(missed)
