"""Telling the rooms above that a result changed."""

from __future__ import annotations

from datetime import datetime

from experts.assessments import signals, tasks
from experts.assessments.models import ResultEvent
from experts.profiles.models import Expert
from marketplace.kernel import events

SIGNALS = {"result_changed": signals.result_changed}


def tell_result(expert: Expert, what: str, *, now: datetime) -> None:
    """Write that an assessment or an interview of this expert moved on. Needs an open transaction."""
    events.announce(ResultEvent, name="result_changed", now=now, ring=tasks.deliver_event,
                    expert_ref=str(expert.public_id), what=what)  # fmt: skip


def deliver_event(*, event_id: int, now: datetime) -> None:
    """Send the signal of one event. Right when run twice: receivers are idempotent."""
    events.deliver(ResultEvent, SIGNALS, event_id=event_id, now=now)
