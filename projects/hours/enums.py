"""Words of hours: entries, timesheets, pay lines and reserves, with their tables of moves."""

from __future__ import annotations

from django.db import models

from marketplace.kernel.states import register_moves


class EntrySource(models.TextChoices):
    TIMER = "TIMER", "Timer"
    MANUAL = "MANUAL", "Manual entry"


class TimesheetState(models.TextChoices):
    OPEN = "OPEN", "Open"
    SUBMITTED = "SUBMITTED", "In lab review"
    APPROVED = "APPROVED", "Approved"


TIMESHEET_MOVES = register_moves(
    "timesheet",
    {
        TimesheetState.OPEN: frozenset({TimesheetState.SUBMITTED}),
        TimesheetState.SUBMITTED: frozenset({TimesheetState.OPEN, TimesheetState.APPROVED}),
        TimesheetState.APPROVED: frozenset(),
    },
)


class PayLineKind(models.TextChoices):
    TIME = "TIME", "Time"


class PayLineState(models.TextChoices):
    DRAFT = "DRAFT", "In review"
    APPROVED = "APPROVED", "Approved"


PAY_LINE_MOVES = register_moves(
    "pay line",
    {
        PayLineState.DRAFT: frozenset({PayLineState.APPROVED}),
        PayLineState.APPROVED: frozenset(),
    },
)


class ReserveState(models.TextChoices):
    HELD = "HELD", "Held"
    RELEASED = "RELEASED", "Rest released"


RESERVE_MOVES = register_moves(
    "weekly reserve",
    {ReserveState.HELD: frozenset({ReserveState.RELEASED}), ReserveState.RELEASED: frozenset()},
)

ROUNDING_RESERVE_MINOR = 14
"""Seven days, each rounded once for pay and once for fee (design 5.1)."""
IDLE_SECONDS = 600
SELF_CORRECTION_HOURS = 12
"""After Monday 00:00 UTC an expert may still correct the week for this long."""
REVIEW_CLOSES_DAYS = 3
"""Lab review ends Wednesday 24:00 UTC, three days after the week's end; silence approves."""
