"""Cutting half-open UTC ranges: entries at Mondays, pay at midnights. Pure functions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from marketplace.kernel import clock
from marketplace.kernel.errors import Invalid

Range = tuple[datetime, datetime]


def split_at_weeks(start: datetime, end: datetime) -> list[Range]:
    """
    Return the half-open UTC range cut at each Monday 00:00 UTC that lies inside it.

    :raises Invalid: if it is empty.
    """
    if end <= start:
        raise Invalid("The end lies before the start.", field="end")
    parts: list[Range] = []
    while start < end:
        monday = clock.week_start(start) + timedelta(days=7)
        parts.append((start, min(end, monday)))
        start = monday
    return parts


def split_at_midnights(start: datetime, end: datetime) -> list[tuple[date, int]]:
    """Return (UTC day, seconds) for each UTC day that the range touches."""
    parts = []
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    while start < end:
        midnight = datetime(start.year, start.month, start.day, tzinfo=UTC) + timedelta(days=1)
        parts.append((start.date(), int((min(end, midnight) - start).total_seconds())))
        start = midnight
    return parts


def seconds_by_day(ranges: Iterable[Range]) -> dict[date, int]:
    """Return the seconds of each UTC day; ranges over midnight are cut there."""
    totals: dict[date, int] = defaultdict(int)
    for start, end in ranges:
        for day, seconds in split_at_midnights(start, end):
            totals[day] += seconds
    return dict(totals)


def whole_second(moment: datetime) -> datetime:
    """Return the moment without its fraction: time is paid, shown and edited in whole seconds."""
    return moment.replace(microsecond=0)
