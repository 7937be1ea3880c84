"""
From a person's wall clock to UTC, with the two nights a year when that is no simple matter.

Python's `fold` and Postgres disagree on an ambiguous time (reference money E.3), so a doubtful time is asked about,
never guessed, and the database never parses local text.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marketplace.kernel.errors import Invalid


def zone_named(name: str) -> ZoneInfo:
    """
    Return the IANA zone.

    :raises Invalid: if there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Invalid(f"“{name}” is not a time zone we know.", field="zone") from error


def to_utc(day: date, clock: time, zone: str, *, second_pass: bool | None = None) -> datetime:
    """
    Return the UTC moment of a wall-clock time.

    :param second_pass: for a time that happens twice, whether the second one is meant; None means not said.
    :raises Invalid: if the time does not exist that day, or happens twice and nobody said which.
    """
    info = zone_named(zone)
    first = datetime.combine(day, clock, tzinfo=info).replace(fold=0)
    second = first.replace(fold=1)
    utc_first, utc_second = first.astimezone(UTC), second.astimezone(UTC)
    if utc_first.astimezone(info).replace(tzinfo=None) != first.replace(tzinfo=None):
        raise Invalid(
            f"{clock:%H:%M} does not exist on {day:%-d %B} in {zone}: the clocks went forward. "
            "Take the time that your clock showed.",
            field="start",
        )
    if utc_first == utc_second:
        return utc_first
    if second_pass is None:
        raise Invalid(
            f"{clock:%H:%M} happened twice on {day:%-d %B} in {zone}: the clocks went back. "
            "Say whether you mean the first or the second time.",
            field="second_pass",
        )
    return utc_second if second_pass else utc_first
