"""What hours hold of a person: when they worked, and what they were paid for it."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q

from marketplace.accounts.models import User
from marketplace.kernel.personal import Delete, Keep, Obstacle, Personal, Room
from projects.hours.enums import TimesheetState
from projects.hours.models import Timesheet

PROOF = "Hours are the proof of what the lab paid; booking law keeps them. They name the pseudonym."


def hours_first(user: User) -> Iterator[Obstacle]:
    """Hours that nobody has approved yet would be lost."""
    waiting = Timesheet.objects.filter(Q(entries__isnull=False), contract__expert__user=user)
    for period in sorted(set(waiting.exclude(state=TimesheetState.APPROVED).values_list("period", flat=True))):
        yield Obstacle(f"Hours of the week of {period:%d %b %Y} are not approved yet.", "/me/hours/")


ROOM = Room(
    name="hours",
    label="Hours and pay",
    obstacles=hours_first,
    tables=(
        Personal("hours.Timer", Delete(), person="user", title="Running timer", columns=("started_at", "memo", "zone")),
        Personal("hours.TimeEntry", Keep(PROOF), person="user", title="Time entries",
                 columns=("timesheet__contract__project__title", "during__lower", "during__upper", "source", "memo", "zone")),
        Personal("hours.Timesheet", Keep(PROOF), person="contract__expert__user", title="Timesheets",
                 columns=("contract__project__title", "period", "state", "submitted_at", "approved_at")),
        Personal("hours.PayLine", Keep(PROOF), person="timesheet__contract__expert__user", title="Pay lines",
                 columns=("day", "minutes", "rate_minor", "pay_minor", "currency", "state", "approved_at")),
    ),
)  # fmt: skip
