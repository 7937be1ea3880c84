"""Celery's way in."""

from __future__ import annotations

from celery import shared_task

from marketplace.kernel import clock


@shared_task(name="assessments.deliver_event")
def deliver_event(*, event_id: str, **_from_newer_senders: object) -> None:
    from experts.assessments import actions  # task calls action

    actions.deliver_event(event_id=int(event_id), now=clock.now())


@shared_task(name="assessments.check_recording")
def check_recording(*, recording_id: str, **_from_newer_senders: object) -> None:
    from experts.assessments import actions

    actions.check_recording(recording_id=int(recording_id), now=clock.now())
