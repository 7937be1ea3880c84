"""Celery's way in."""

from __future__ import annotations

from celery import shared_task

from marketplace.kernel import clock


@shared_task(name="privacy.write_copy")
def write_copy(*, copy_id: str, **_from_newer_senders: object) -> None:
    from marketplace.privacy import actions  # task calls action

    actions.write_copy(copy_id=int(copy_id), now=clock.now())


@shared_task(name="privacy.erase_person")
def erase_person(*, request_id: str, **_from_newer_senders: object) -> None:
    from marketplace.privacy import actions  # task calls action

    actions.erase_person(request_pk=int(request_id), now=clock.now())
