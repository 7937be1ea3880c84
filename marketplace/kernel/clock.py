"""
The business clock. Read it only in views, API, tasks and commands; hand `now` down from there.

A development stack may move it (`./dev clock +3d`), so that a pay week can be lived through in minutes. The
offset is kept in a row that `marketplace.demo` owns; that room installs itself here when DEBUG is on.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

_offset: Callable[[], timedelta] | None = None


def install_offset(source: Callable[[], timedelta] | None) -> None:
    """Let `source` move the business clock, or nothing any more. Called by marketplace.demo, only with DEBUG on."""
    global _offset  # noqa: PLW0603 -- one switch for the whole process, set while Django starts
    _offset = source


def now() -> datetime:
    """Return the business time: the real UTC time plus the offset of a development stack, if it has one."""
    real = datetime.now(tz=UTC)
    return real if _offset is None else real + _offset()


def offset() -> timedelta:
    """Return how far the business clock stands from the real one; zero in production."""
    return timedelta(0) if _offset is None else _offset()


def week_start(moment: datetime) -> datetime:
    """Return Monday 00:00 UTC of the work week that holds `moment` (weeks are half-open, design 5.1)."""
    if moment.tzinfo is None:
        raise ValueError("A naive time has no week.")
    utc = moment.astimezone(UTC)
    return datetime(utc.year, utc.month, utc.day, tzinfo=UTC) - timedelta(days=utc.weekday())


def period_of(moment: datetime) -> date:
    """Return the period of `moment`: the Monday of its work week."""
    return week_start(moment).date()


def period_label(period: date) -> str:
    """Return "2026-W47" for the Monday 2026-11-16 (ISO 8601 week and week-year)."""
    year, week, _ = period.isocalendar()
    return f"{year}-W{week:02d}"


def parse_period(label: str) -> date:
    """
    Return the Monday of "2026-W47".

    :raises ValueError: if it is not an ISO week.
    """
    year, separator, week = label.strip().upper().partition("-W")
    if not separator or not year.isdigit() or not week.isdigit():
        raise ValueError(f"“{label}” is not a week. Write it as 2026-W47.")
    return date.fromisocalendar(int(year), int(week), 1)


def starts_at(period: date) -> datetime:
    """Return the first moment of a period, Monday 00:00 UTC."""
    return datetime(period.year, period.month, period.day, tzinfo=UTC)


def ends_at(period: date) -> datetime:
    """Return the first moment after a period, the next Monday 00:00 UTC."""
    return starts_at(period) + timedelta(days=7)
