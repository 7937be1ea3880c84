"""Celery's way in."""

from __future__ import annotations

from celery import shared_task

from marketplace.kernel import clock


@shared_task(name="delivery.write_export")
def write_export(*, export_id: str, **_from_newer_senders: object) -> None:
    from projects.delivery import actions

    actions.write_export(export_id=int(export_id), now=clock.now())
