"""Celery's way in. A task turns ids into one call to an action; it decides nothing else."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from marketplace.kernel import clock


@shared_task(name="payouts.send_item")
def send_item(*, item_id: str, **_from_newer_senders: object) -> None:
    from payments.payouts import actions

    actions.send_item(item_id=UUID(item_id), now=clock.now())


@shared_task(name="payouts.perform_job")
def perform_job(*, job_id: str, **_from_newer_senders: object) -> None:
    from payments.payouts import actions

    actions.perform_job(job_id=int(job_id), now=clock.now())


@shared_task(name="payouts.deliver_event")
def deliver_event(*, event_id: str, **_from_newer_senders: object) -> None:
    from payments.payouts import actions

    actions.deliver_event(event_id=int(event_id), now=clock.now())
