"""How long a project can pay: computed from the ledger each time, stored nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from marketplace.kernel.money import charge_for
from payments.ledger.enums import CHART, AccountCode
from payments.ledger.models import LedgerAccount
from projects.listings.models import Project

USUAL_WEEKS: Final = 4
"""What a plan is measured against when the lab says no length."""

LONGEST: Final = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Funding:
    """
    What lies in project funds and how far it reaches.

    `hours` is paid at the highest listed rate with the platform fee on top, so it can only be more. `until` is when it is
    used up if everybody hired works the weekly cap (one person, while nobody is hired); None when there is no rate,
    nothing to spend, or more than two years to go.
    """

    minor: int
    currency: str
    hours: int
    until: date | None
    planned_hours: int
    weekly_hours: int

    @property
    def share(self) -> float:
        """How much of the plan is funded, in percent, at most 100."""
        return min(100.0, round(100 * self.hours / self.planned_hours, 1)) if self.planned_hours else 0.0

    @property
    def is_low(self) -> bool:
        """Whether it lasts less than a week at this pace."""
        return self.hours < self.weekly_hours


def funds_minor(project: Project) -> int:
    """Return the project funds in minor units of the project's currency: allocated, and not yet reserved or spent."""
    return funds_of([project])[project.public_id]


def funds_of(projects: Sequence[Project]) -> dict[UUID, int]:
    """Return the funds of many projects in minor units, by their public ids. One query."""
    currencies = {project.public_id: project.currency for project in projects}
    rows = LedgerAccount.objects.filter(
        code=AccountCode.PROJECT_FUNDS,
        owner_kind=CHART[AccountCode.PROJECT_FUNDS].owner_kind,
        owner_ref__in=list(currencies),
    ).values_list("owner_ref", "currency", "balance_minor")
    found = dict.fromkeys(currencies, 0)
    for ref, currency, minor in rows:
        if ref is not None and currencies[ref] == currency:
            found[ref] = minor or 0
    return found


def hours_funded(project: Project) -> int:
    """Return how many whole hours the project can still pay at its highest rate, the platform fee included."""
    return _hours(project, funds_minor(project))


def funding_of(project: Project, *, today: date) -> Funding:
    """Return how far the funds of one project reach."""
    return funding_of_many([project], today=today)[project.pk]


def funding_of_many(projects: Sequence[Project], *, today: date) -> dict[int, Funding]:
    """Return how far the funds of many projects reach, by their row ids. One query; labs must be loaded."""
    funds = funds_of(projects)
    return {project.pk: _funding(project, funds[project.public_id], today) for project in projects}


def charge_per_hour(project: Project) -> int | None:
    """Return what one hour at the highest listed rate costs the lab, or None without a rate."""
    if not project.rate_max_minor:
        return None
    return charge_for(project.rate_max_minor, project.lab.fee_bps)


def _hours(project: Project, minor: int) -> int:
    charge = charge_per_hour(project)
    return max(0, minor) // charge if charge else 0


def _funding(project: Project, minor: int, today: date) -> Funding:
    hours = _hours(project, minor)
    weeks = project.expected_weeks or USUAL_WEEKS
    planned = project.places_wanted * project.weekly_hours_cap * weeks
    pace = max(1, project.places_filled) * project.weekly_hours_cap
    lasting = timedelta(days=hours * 7 // pace)
    begins = max(today, project.starts_on or today)
    return Funding(
        minor=minor,
        currency=project.currency,
        hours=hours,
        until=begins + lasting if hours and lasting <= LONGEST else None,
        planned_hours=planned,
        weekly_hours=pace,
    )
