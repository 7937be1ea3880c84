"""Celery's way in."""

from __future__ import annotations

from celery import shared_task

from marketplace.kernel import clock


@shared_task(name="resumes.read_resume")
def read_resume(*, reading_id: str, **_from_newer_senders: object) -> None:
    from experts.resumes import actions  # task calls action

    actions.read_resume(reading_id=int(reading_id), now=clock.now())
