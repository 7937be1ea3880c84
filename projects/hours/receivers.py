"""What hours do when a room below tells them something."""

from __future__ import annotations

from datetime import datetime

from projects.hours.actions.screening import screen_payees


def screen_drafted_run(*, now: datetime, run_id: str, **_from_newer_senders: object) -> None:
    """Screen the payees of a drafted run; payouts wait for it before they compute who is paid what."""
    screen_payees(run_id=run_id, now=now)
