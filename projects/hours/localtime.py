"""
From a person's wall clock to UTC and back, with the two nights a year when that is no simple matter.

Python's `fold` and Postgres disagree on an ambiguous time (reference money E.3), so a doubtful time is asked about,
never guessed, and the database never parses local text.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marketplace.accounts.models import User
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


def here(moment: datetime, user: User) -> datetime:
    """Return the moment on the person's own clock, as pages show it; in UTC if the zone is not known."""
    try:
        return moment.astimezone(ZoneInfo(user.time_zone or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        return moment.astimezone(UTC)


def happens_twice(day: date, clock: time, zone: str) -> bool:
    """Whether the clocks went back over this time on this day, so that it means two moments."""
    first = datetime.combine(day, clock.replace(fold=0), tzinfo=zone_named(zone))
    earlier, later = first.astimezone(UTC), first.replace(fold=1).astimezone(UTC)
    return earlier < later


def to_utc(day: date, clock: time, zone: str, *, second_pass: bool | None = None, field: str = "start") -> datetime:
    """
    Return the UTC moment of a wall-clock time.

    :param second_pass: for a time that happens twice, whether the second one is meant; None means not said.
    :param field: the field of the form that the refusal names; the question about the pass is in `{field}_pass`.
    :raises Invalid: if the time does not exist that day, or happens twice and nobody said which.
    """
    info = zone_named(zone)
    first = datetime.combine(day, clock, tzinfo=info).replace(fold=0)
    utc_first = first.astimezone(UTC)
    if utc_first.astimezone(info).replace(tzinfo=None, fold=0) != first.replace(tzinfo=None):
        raise Invalid(
            f"{clock:%H:%M} does not exist on {day:%-d %B} in {zone}: the clocks went forward. "
            "Take the time that your clock showed.",
            field=field,
        )
    if not happens_twice(day, clock, zone):
        return utc_first
    if second_pass is None:
        raise Invalid(
            f"{clock:%H:%M} happened twice on {day:%-d %B} in {zone}: the clocks went back. "
            "Say whether you mean the first or the second time.",
            field=f"{field}_pass",
        )
    return first.replace(fold=1).astimezone(UTC) if second_pass else utc_first
