"""
Events that a room sends upward (design 1.2): a job row in the sender's transaction, a Django signal after commit.

A room that has something to say keeps one concrete model of `Event`, writes rows with `announce` inside its action,
and has a task that calls `deliver`. Receivers live in the higher room's `receivers.py` and call one idempotent action
each; an exception there leaves the row due again, so nothing is lost by a kill.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from django.db import models, transaction
from django.dispatch import Signal

from marketplace.kernel.jobs import Job, perform


class Event(Job):
    """One thing that happened. `payload` holds ids and small facts as JSON, never personal data."""

    name = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)

    class Meta(Job.Meta):
        abstract = True


E = TypeVar("E", bound=Event)


def announce(events: type[E], *, name: str, now: datetime, ring: object, **payload: str | int) -> E:
    """
    Write the event in the caller's transaction and ring after commit.

    :param ring: a Celery task that takes `event_id`.
    :raises RuntimeError: if no transaction is open, because then the event could outlive its reason.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An event belongs to the transaction that it tells of.")
    event: E = events.objects.create(name=name, payload=payload, not_before=now, queued_at=now)  # type: ignore[assignment]
    ring.delay_on_commit(event_id=str(event.pk))  # type: ignore[attr-defined]
    return event


def deliver(events: type[E], signals: Mapping[str, Signal], *, event_id: int, now: datetime) -> bool:
    """Send the signal of one event; receivers get `now` and the payload as keyword arguments."""

    def work(event: E) -> None:
        signals[event.name].send(sender=events, now=now, **event.payload)

    return perform(events.objects.all(), pk=event_id, now=now, work=work)  # type: ignore[arg-type]
