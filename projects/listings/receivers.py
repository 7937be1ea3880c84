"""What listings do when a room below tells them something."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from projects.listings.actions.funding import allocate_funds


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
