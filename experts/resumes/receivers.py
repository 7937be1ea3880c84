"""What this room does when the room of documents tells it something."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from experts.resumes.actions import begin_reading


def read_accepted_resume(*, now: datetime, document_ref: str, **_from_newer_senders: object) -> None:
    """Read a résumé that was looked into and taken."""
    begin_reading(document_id=UUID(document_ref), now=now)
