"""Celery's way in."""

from __future__ import annotations

from celery import shared_task

from marketplace.kernel import clock


@shared_task(name="listings.deliver_event")
def deliver_event(*, event_id: str, **_from_newer_senders: object) -> None:
    from projects.listings.actions.events import deliver_event

    deliver_event(event_id=int(event_id), now=clock.now())


@shared_task(name="listings.make_meanings")
def make_meanings(**_from_newer_senders: object) -> None:
    from projects.listings.actions.meanings import make_meanings as act  # task calls action

    act(now=clock.now())
