"""Celery's way in."""

from __future__ import annotations

from celery import shared_task

from experts.vetting.enums import CHECK_SECONDS
from marketplace.kernel import clock


@shared_task(name="vetting.work_check", soft_time_limit=CHECK_SECONDS, time_limit=2 * CHECK_SECONDS)
def work_check(*, check_id: str, **_from_newer_senders: object) -> None:
    from experts.vetting import actions  # task calls action

    actions.work_check(check_id=int(check_id), now=clock.now())
