"""Questions about amendments: when one may begin, what it changes, and what waits for an answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from django.utils.translation import gettext as _

from marketplace.kernel import clock
from marketplace.kernel.money import format_money
from projects.hiring.enums import ANSWER_DAYS, ANSWERED_BEFORE, NOTICE_DAYS, AmendmentState
from projects.hiring.models import Amendment, Contract, ContractVersion

Row = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class NewTerms:
    """Terms of pay as somebody proposes them. Money in minor units."""

    rate_minor: int
    weekly_cap_minutes: int
    ends_on: date | None = None

    def is_cut_of(self, version: ContractVersion) -> bool:
        """Whether the expert would get less of anything: pay, hours or days."""
        if self.rate_minor < version.rate_minor or self.weekly_cap_minutes < version.weekly_cap_minutes:
            return True
        return self.ends_on is not None and (version.ends_on is None or self.ends_on < version.ends_on)

    def is_same_as(self, version: ContractVersion) -> bool:
        facts = (version.rate_minor, version.weekly_cap_minutes, version.ends_on)
        return (self.rate_minor, self.weekly_cap_minutes, self.ends_on) == facts


def first_monday(*, is_cut: bool, now: datetime) -> datetime:
    """Return the first Monday 00:00 UTC on which new terms may begin: the next one, or after fourteen days for a cut."""
    earliest = now + (timedelta(days=NOTICE_DAYS) if is_cut else ANSWERED_BEFORE)
    monday = clock.week_start(earliest)
    return monday if is_cut and monday == earliest else monday + timedelta(days=7)


def answer_by(effective_from: datetime, *, now: datetime) -> datetime:
    """Return until when an amendment proposed now can be answered."""
    return min(now + timedelta(days=ANSWER_DAYS), effective_from - ANSWERED_BEFORE)


def open_amendment(contract: Contract) -> Amendment | None:
    """Return the amendment that waits for the expert's answer, if there is one."""
    found: Amendment | None = (
        contract.amendments.filter(state=AmendmentState.PROPOSED).select_related("proposed_by").first()
    )
    return found


def changes(before: ContractVersion, after: NewTerms | Amendment | ContractVersion, currency: str) -> list[Row]:
    """Return (what, before, after) of each thing that was agreed, for a comparison line by line."""
    return [
        (_("Rate"), _rate(before.rate_minor, currency), _rate(after.rate_minor, currency)),
        (_("Hours a week, at most"), _hours(before.weekly_cap_minutes), _hours(after.weekly_cap_minutes)),
        (_("Last day"), _day(before.ends_on), _day(after.ends_on)),
    ]


def changes_of_versions(versions: list[ContractVersion], currency: str) -> list[tuple[ContractVersion, list[Row]]]:
    """Return each version with what it changed of the one before, the newest first; the first one changed nothing."""
    rising = sorted(versions, key=lambda version: version.number)
    pairs = [(after, changes(before, after, currency)) for before, after in pairwise(rising)]
    return pairs[::-1]


def _rate(minor: int, currency: str) -> str:
    return _("%(rate)s an hour") % {"rate": format_money(minor, currency)}


def _hours(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def _day(day: date | None) -> str:
    return f"{day:%-d %B %Y}" if day else _("none agreed")
