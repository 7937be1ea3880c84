"""Words of hours: entries, timesheets, pay lines and reserves, with their tables of moves."""

from __future__ import annotations

from datetime import timedelta

from django.db import models

from marketplace.kernel.states import register_moves
from projects.hiring.enums import CORRECTION_HOURS


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


class StopReason(models.TextChoices):
    """Why a timer stopped where it did."""

    ASKED = "ASKED", "Stopped by hand"
    AWAY = "AWAY", "Nothing was heard from you after that"
    CAP = "CAP", "Your weekly limit is reached"
    LONGEST = "LONGEST", "Sixteen hours in one piece are the most"
    ENDED = "ENDED", "The contract has ended"
    PAUSED = "PAUSED", "The work is paused, so no new week begins"
    UNFUNDED = "UNFUNDED", "The project's funds do not cover the new week"


ROUNDING_RESERVE_MINOR = 14
"""Seven days, each rounded once for pay and once for fee (design 5.1)."""
IDLE_AFTER = timedelta(minutes=10)
"""Without input for this long, the timer asks whether the person still works."""
AWAY_AFTER = timedelta(minutes=15)
"""Five minutes to answer that; then the timer stops at the last sign of the person."""
LONGEST = timedelta(hours=16)
"""One piece of time, by hand or by timer. More is a mistake or a danger."""
WARN_AT = (80, 95)
"""Percent of the weekly limit at which the running timer warns."""
SELF_CORRECTION_HOURS = CORRECTION_HOURS
"""After Monday 00:00 UTC an expert may still correct the week for this long."""
REVIEW_CLOSES_DAYS = 3
"""Lab review ends Wednesday 24:00 UTC, three days after the week's end; silence approves."""
REVIEW_AT_LEAST = timedelta(hours=24)
"""A week that reaches the lab late is not approved by silence before the lab had this long to look."""
