"""Celery's way in."""

from __future__ import annotations

from celery import shared_task

from marketplace.kernel import clock


@shared_task(name="reach.look")
def look(*, search_id: str, **_from_newer_senders: object) -> None:
    from projects.reach.actions import alerts

    alerts.look(search_id=int(search_id), now=clock.now())
