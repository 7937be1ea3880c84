"""Celery's way in."""

from __future__ import annotations

from celery import shared_task

from marketplace.kernel import clock


@shared_task(name="notices.send_email")
def send_email(*, email_id: str, **_from_newer_senders: object) -> None:
    from marketplace.notices import actions

    actions.send_email(email_id=int(email_id), now=clock.now())
