"""Telling the rooms above what happened to a document."""

from __future__ import annotations

from datetime import datetime

from experts.credentials import signals, tasks
from experts.credentials.models import Document, FileEvent
from marketplace.kernel import events

SIGNALS = {"resume_accepted": signals.resume_accepted}


def tell_of_resume(document: Document, *, now: datetime) -> None:
    """Write that a résumé was taken. Needs an open transaction."""
    events.announce(FileEvent, name="resume_accepted", now=now, ring=tasks.deliver_event,
                    document_ref=str(document.public_id))  # fmt: skip


def deliver_event(*, event_id: int, now: datetime) -> None:
    """Send the signal of one event. Right when run twice: receivers are idempotent."""
    events.deliver(FileEvent, SIGNALS, event_id=event_id, now=now)
