"""What listings do when a room below tells them something."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from projects.listings.actions.funding import allocate_funds
from projects.listings.actions.index import index_all_projects


def allocate_settled_deposit(
    *, now: datetime, deposit_id: str, project_ref: str, amount_minor: int, currency: str, **_from_newer_senders: object
) -> None:
    """Turn a deposit that arrived into project funds. Deposits for no project stay with the lab."""
    if project_ref:
        allocate_funds(
            deposit_id=UUID(deposit_id),
            project_ref=UUID(project_ref),
            amount_minor=amount_minor,
            currency=currency,
            now=now,
        )


def index_after_change(*, now: datetime, **_from_newer_senders: object) -> None:
    """Write again what gigs are found by, after staff changed a field, its words or its place."""
    index_all_projects(now=now)
