"""Celery's way in."""

from __future__ import annotations

from celery import shared_task

from marketplace.kernel import clock


@shared_task(name="gateway.handle_event")
def handle_event(*, event_id: str, **_from_newer_senders: object) -> None:
    from payments.gateway import actions

    actions.handle_event(event_id=int(event_id), now=clock.now())


@shared_task(name="gateway.fetch_missed_events", expires=55)
def fetch_missed_events(**_from_newer_senders: object) -> None:
    from payments.gateway import actions

    actions.fetch_missed_events(now=clock.now())
