"""Celery's way in."""

from __future__ import annotations

from celery import shared_task

from marketplace.kernel import clock


@shared_task(name="reports.check_invariants", expires=600)
def check_invariants(**_from_newer_senders: object) -> None:
    from payments.reports import actions

    actions.check_invariants(now=clock.now())
