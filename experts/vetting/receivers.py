"""What vetting does when a room below tells it something."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from experts.vetting.actions import look_again
from experts.vetting.enums import CheckKind

KINDS = {"assessment": CheckKind.ASSESSMENT, "interview": CheckKind.INTERVIEW}


def look_at_changed_result(*, now: datetime, expert_ref: str, what: str, **_from_newer_senders: object) -> None:
    """Look again at an assessment or an interview that moved on."""
    look_again(expert_id=UUID(expert_ref), kind=KINDS[what], now=now)
