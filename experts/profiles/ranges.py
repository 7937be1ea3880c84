"""
Hours of a week on the clock of a wall: as boxes of a grid, as ranges, in words, and as moments of a certain week.

A box is (weekday, hour): (1, 18) is Monday, six to seven in the evening. Weekdays count from Monday as 1 (ISO 8601).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.dates import WEEKDAYS_ABBR

Box = tuple[int, int]
Minutes = tuple[int, int]
"""From and to, in minutes of a day."""

DAYS: Final = range(1, 8)
HOURS: Final = range(24)


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """Whole hours of one weekday, the last one not included; 24 is the end of the day."""

    weekday: int
    from_hour: int
    to_hour: int

    @property
    def hours(self) -> int:
        return self.to_hour - self.from_hour


def _boxes(days: Iterable[int], hours: range) -> frozenset[Box]:
    return frozenset((day, hour) for day in days for hour in hours)


PRESETS: Final[Mapping[str, frozenset[Box]]] = {
    "evenings": _boxes(range(1, 6), range(18, 22)),
    "office": _boxes(range(1, 6), range(9, 17)),
    "weekend": _boxes((6, 7), range(9, 18)),
}
"""Boxes that one button ticks."""


def to_ranges(boxes: Iterable[Box]) -> list[Range]:
    """Return the boxes as ranges in order, neighbours joined."""
    found: list[Range] = []
    for weekday, hour in sorted(set(boxes)):
        last = found[-1] if found else None
        if last and last.weekday == weekday and last.to_hour == hour:
            found[-1] = Range(weekday, last.from_hour, hour + 1)
        else:
            found.append(Range(weekday, hour, hour + 1))
    return found


def to_boxes(ranges: Iterable[Range]) -> set[Box]:
    """Return every box that the ranges cover."""
    return {(one.weekday, hour) for one in ranges for hour in range(one.from_hour, one.to_hour)}


def moments(ranges: Iterable[Range], *, zone: ZoneInfo, monday: date) -> list[tuple[datetime, datetime]]:
    """
    Return what the ranges mean in the week of this Monday, as moments in UTC, in order, neighbours joined.

    An hour that the clocks leave out is left out; one that they show twice counts twice.
    """
    found: list[tuple[datetime, datetime]] = []
    for one in sorted(ranges):
        midnight = datetime.combine(monday + timedelta(days=one.weekday - 1), time())
        # fold=0 reads a time that does not exist as the one an hour later, and a doubled one as its first.
        begin, end = (
            (midnight + timedelta(hours=hour)).replace(tzinfo=zone, fold=0).astimezone(UTC)
            for hour in (one.from_hour, one.to_hour)
        )
        if found and found[-1][1] == begin:
            found[-1] = (found[-1][0], end)
        elif begin < end:
            found.append((begin, end))
    return found


def on_the_wall(times: Iterable[tuple[datetime, datetime]], *, zone: ZoneInfo) -> dict[int, list[Minutes]]:
    """Return moments as minutes of each weekday on the clock of another wall, cut at its midnights."""
    found: dict[int, list[Minutes]] = {}
    for begin, end in times:
        here, until = begin.astimezone(zone), end.astimezone(zone)
        while here.date() < until.date():
            found.setdefault(here.isoweekday(), []).append((_minute(here), 24 * 60))
            here = datetime.combine(here.date() + timedelta(days=1), time(), tzinfo=zone)
        if _minute(here) < _minute(until):
            found.setdefault(here.isoweekday(), []).append((_minute(here), _minute(until)))
    return {day: sorted(found[day]) for day in sorted(found)}


def _minute(moment: datetime) -> int:
    return moment.hour * 60 + moment.minute


def in_words(days: Mapping[int, Sequence[Minutes]]) -> list[str]:
    """Return "Mon–Fri 18:00–22:00", days with the same hours together, in the order of the week."""
    groups: list[tuple[list[int], tuple[Minutes, ...]]] = []
    for day in sorted(days):
        hours = tuple(days[day])
        if groups and groups[-1][1] == hours and groups[-1][0][-1] == day - 1:
            groups[-1][0].append(day)
        else:
            groups.append(([day], hours))
    return [f"{_days(names)} {', '.join(_clock(one) for one in hours)}" for names, hours in groups]


def by_day(ranges: Iterable[Range]) -> dict[int, list[Minutes]]:
    """Return ranges as minutes of each weekday."""
    found: dict[int, list[Minutes]] = {}
    for one in sorted(ranges):
        found.setdefault(one.weekday, []).append((one.from_hour * 60, one.to_hour * 60))
    return found


def _days(days: Sequence[int]) -> str:
    first, last = str(WEEKDAYS_ABBR[days[0] - 1]), str(WEEKDAYS_ABBR[days[-1] - 1])
    if len(days) == 1:
        return first
    return f"{first}, {last}" if len(days) == 2 else f"{first}–{last}"


def _clock(minutes: Minutes) -> str:
    return "–".join(f"{one // 60:02d}:{one % 60:02d}" for one in minutes)
