"""Celery's way in."""

from __future__ import annotations

from celery import shared_task

from marketplace.kernel import clock


@shared_task(name="funding.deliver_event")
def deliver_event(*, event_id: str, **_from_newer_senders: object) -> None:
    from payments.funding import actions

    actions.deliver_event(event_id=int(event_id), now=clock.now())


@shared_task(name="funding.refetch_deposit", expires=240)
def refetch_deposit(*, deposit_id: str, **_from_newer_senders: object) -> None:
    from payments.funding import actions

    actions.refetch_deposit(deposit_id=int(deposit_id), now=clock.now())
