"""Telling the two sides of a contract something, in the caller's transaction."""

from __future__ import annotations

from datetime import datetime

from marketplace.notices.actions import notify
from projects.hiring.models import Contract
from projects.labs.queries import managers_of


def tell_expert(contract: Contract, *, title: str, body: str, now: datetime, button: str = "Open the contract") -> None:
    """Tell the expert; the notice leads to the contract."""
    notify(
        user=contract.expert.user,
        kind="contracts",
        title=title,
        body=body,
        path=f"/me/contracts/{contract.public_id}/",
        button=button,
        now=now,
    )


def tell_lab(contract: Contract, *, title: str, body: str, now: datetime) -> None:
    """Tell everybody who decides for the lab; the notice leads to the contract."""
    for manager in managers_of(contract.lab):
        notify(
            user=manager,
            kind="candidates",
            title=title,
            body=body,
            path=f"/lab/{contract.lab.slug}/contracts/{contract.public_id}/",
            button="Open the contract",
            now=now,
        )
