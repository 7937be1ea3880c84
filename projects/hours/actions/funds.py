"""Asking a lab for funds when a week could not be reserved."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from marketplace.notices.actions import notify
from marketplace.notices.models import Notification
from projects.hiring.models import Contract
from projects.labs.queries import managers_of

ASKED_AGAIN_AFTER = timedelta(hours=24)


@transaction.atomic(durable=True)
def ask_for_funds(*, contract_id: UUID, now: datetime) -> int:
    """
    Tell the managers of the lab that work waits for project funds, at most once a day; return how many were told.

    Called after the refusal has rolled everything else back, so that this stays.
    """
    contract = Contract.objects.select_related("project", "lab").get(public_id=contract_id)
    return tell_managers(contract, now=now)


def tell_managers(contract: Contract, *, now: datetime) -> int:
    """Tell the managers, in the caller's transaction."""
    path = f"/lab/{contract.lab.slug}/projects/{contract.project.public_id}/funding/"
    title = f"Project funds are used up: {contract.project.title}"
    told = 0
    for manager in managers_of(contract.lab):
        lately = Notification.objects.filter(
            user=manager, kind="project_funds", path=path, created_at__gt=now - ASKED_AGAIN_AFTER
        )
        if lately.exists():
            continue
        notify(
            user=manager,
            kind="project_funds",
            title=title,
            body="An expert wanted to work, but the funds do not cover another week. Hours that were set aside before are "
            "safe. Add funds, and work goes on at once.",
            path=path,
            button="Add funds",
            now=now,
        )
        told += 1
    return told
