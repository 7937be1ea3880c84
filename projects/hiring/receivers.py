"""What hiring does when a room below tells it something: experts and payments do not know each other, so it passes it on."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from experts.duplicates.actions import note_identifier


def pass_on_identifier(
    *, now: datetime, user_id: str, kind: str, hashed: str, key_id: str, **_from_newer_senders: object
) -> None:
    """Let the guard against second accounts compare where somebody is paid. It opens a question for a person, at most."""
    note_identifier(user_id=UUID(user_id), kind=kind, hashed=hashed, key_id=key_id, label=_("Payout account"), now=now)
