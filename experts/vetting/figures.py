"""Arithmetic of turnaround: plain numbers in, plain numbers out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

AGES = (1, 2, 3, 7)
"""Where the classes of age end, in days."""


def percentile(values: Sequence[float], share: int) -> float | None:
    """
    Return the smallest value that at least `share` percent of the values do not exceed (nearest rank); None of nothing.

    :param share: 1 to 100.
    """
    if not values:
        return None
    ordered = sorted(values)
    rank = -(-share * len(ordered) // 100)  # rounded up
    return ordered[max(rank, 1) - 1]


def monday_of(moment: datetime) -> date:
    """Return the Monday of the UTC week that a moment lies in."""
    day = moment.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def last_weeks(now: datetime, count: int) -> list[date]:
    """Return the Mondays of so many weeks, this one the last."""
    monday = monday_of(now)
    return [monday - timedelta(weeks=back) for back in range(count - 1, -1, -1)]


def age_class(age: timedelta) -> int:
    """Return the place of an age among the classes: 0 is up to one day, the last is more than seven."""
    return sum(age > timedelta(days=days) for days in AGES)


def share_bps(part: int, whole: int, *, fewest: int) -> int | None:
    """Return a share in basis points, half up; None where the whole is too small to tell."""
    if whole < fewest or not whole:
        return None
    return (part * 10_000 * 2 + whole) // (2 * whole)
