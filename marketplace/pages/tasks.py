"""The sweep that beat rings, and that `manage.py sweep --loop` runs in a process of its own."""

from __future__ import annotations

from celery import shared_task

from marketplace.kernel import clock


@shared_task(name="pages.sweep", expires=55)
def sweep(**_from_newer_senders: object) -> None:
    from marketplace.pages import actions

    actions.run_sweeps(now=clock.now())
