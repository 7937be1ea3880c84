"""Celery's way in."""

from __future__ import annotations

from celery import shared_task

from marketplace.kernel import clock


@shared_task(name="work.read_batch")
def read_batch(*, batch_id: str, **_from_newer_senders: object) -> None:
    from projects.work.actions import staging

    staging.read_batch(batch_id=int(batch_id), now=clock.now())
