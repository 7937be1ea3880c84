"""How vetting keeps its word: ages, turnaround, who does what, and how often an appeal overturns."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from experts.vetting.enums import FEWEST_TO_TELL, AppealOutcome, CaseState, Outcome
from experts.vetting.figures import AGES, age_class, last_weeks, monday_of, percentile, share_bps
from experts.vetting.models import Appeal, Case, Decision, Opinion
from marketplace.accounts.enums import StaffRoleKind
from marketplace.accounts.models import User
from marketplace.accounts.queries import staff_with_role

WEEKS = 12
PERSON_DAYS = 30
PUBLIC_DAYS = 365
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Turnaround:
    """How long from the expert's request to the decision, in days; None where too few were decided to tell."""

    decided: int
    median_days: float | None
    p90_days: float | None


@dataclass(frozen=True, slots=True)
class Appeals:
    """What became of appeals. The share is in basis points, None below twenty judged ones."""

    filed: int
    waiting: int
    upheld: int
    approved: int
    reopened: int
    late: int

    @property
    def judged(self) -> int:
        return self.upheld + self.overturned

    @property
    def overturned(self) -> int:
        return self.approved + self.reopened

    @property
    def overturn_bps(self) -> int | None:
        return share_bps(self.overturned, self.judged, fewest=FEWEST_TO_TELL)


@dataclass(frozen=True, slots=True)
class PublicFigures:
    """What anybody may read of the last year."""

    outcomes: dict[str, int]
    turnaround: Turnaround
    appeals: Appeals
    fewest: int = FEWEST_TO_TELL

    @property
    def decided(self) -> int:
        return self.outcomes.get(Outcome.APPROVE, 0) + self.outcomes.get(Outcome.DECLINE, 0)

    @property
    def declined_bps(self) -> int | None:
        return share_bps(self.outcomes.get(Outcome.DECLINE, 0), self.decided, fewest=self.fewest)


def public_figures(now: datetime) -> PublicFigures:
    """Return the figures of the last year for everybody, from four questions to the database."""
    since = now - timedelta(days=PUBLIC_DAYS)
    rows = Decision.objects.filter(decided_at__gt=since, decided_at__lte=now)
    outcomes = Counter(rows.values_list("outcome", flat=True))
    return PublicFigures(dict(outcomes), turnaround(since, now, fewest=FEWEST_TO_TELL), appeal_figures(since, now))


def month_before(now: datetime) -> datetime:
    """Return the beginning of the thirty days that end now."""
    return now - timedelta(days=PERSON_DAYS)


def turnaround(since: datetime, now: datetime, *, fewest: int = 1) -> Turnaround:
    """Return how long the decisions of a span took, from the request; asking for more is no decision yet."""
    days = [taken for _at, taken in _taken(since, now)]
    tells = len(days) >= fewest
    return Turnaround(len(days), percentile(days, 50) if tells else None, percentile(days, 90) if tells else None)


def _taken(since: datetime, now: datetime) -> list[tuple[datetime, float]]:
    """Return (when, days since the request) for each final decision of a span."""
    rows = Decision.objects.filter(decided_at__gt=since, decided_at__lte=now).exclude(outcome=Outcome.ASK_FOR_MORE)
    pairs = rows.order_by("pk").values_list("decided_at", "case__opened_at")
    return [(at, max(at - opened_at, timedelta()) / DAY) for at, opened_at in pairs]


def appeal_figures(since: datetime, now: datetime) -> Appeals:
    """Return what became of the appeals that were filed in a span. One query."""
    rows = Appeal.objects.filter(filed_at__gt=since, filed_at__lte=now)
    found = list(rows.values_list("outcome", "promised_for", "judged_at"))
    count = Counter(outcome for outcome, _promised, _judged in found)
    late = sum((judged or now) > promised for _outcome, promised, judged in found)
    return Appeals(
        filed=len(found), waiting=count[""], upheld=count[AppealOutcome.UPHELD], approved=count[AppealOutcome.APPROVED],
        reopened=count[AppealOutcome.REOPENED], late=late,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------- the staff's page


@dataclass(frozen=True, slots=True)
class Ages:
    """Open cases by age: one row of counts for each of what they wait for."""

    waiting_for_us: list[int]
    checking: list[int]
    waiting_for_expert: list[int]

    @property
    def all(self) -> int:
        return sum(self.waiting_for_us) + sum(self.checking) + sum(self.waiting_for_expert)


def ages_of_open_cases(now: datetime) -> Ages:
    """Return how many open cases are how old. One query."""
    ages = Ages(*([0] * (len(AGES) + 1) for _ in range(3)))
    rows: dict[str, list[int]] = {CaseState.CHECKING: ages.checking, CaseState.MORE_ASKED: ages.waiting_for_expert}
    for state, opened_at in Case.objects.open().values_list("state", "opened_at"):
        rows.get(state, ages.waiting_for_us)[age_class(now - opened_at)] += 1
    return ages


@dataclass(slots=True)
class Week:
    """What was decided in one week, and how long it took."""

    monday: date
    outcomes: Counter[str] = field(default_factory=Counter)
    days: list[float] = field(default_factory=list)
    appeals: Counter[str] = field(default_factory=Counter)

    @property
    def median(self) -> float:
        return percentile(self.days, 50) or 0.0

    @property
    def p90(self) -> float:
        return percentile(self.days, 90) or 0.0


def weeks_of_decisions(now: datetime, count: int = WEEKS) -> list[Week]:
    """Return the last weeks with their decisions, turnaround and judged appeals. Three queries."""
    weeks = {monday: Week(monday) for monday in last_weeks(now, count)}
    since = now - timedelta(weeks=count + 1)
    for outcome, at in Decision.objects.filter(decided_at__gt=since).values_list("outcome", "decided_at"):
        if week := weeks.get(monday_of(at)):
            week.outcomes[outcome] += 1
    for at, days in _taken(since, now):
        if week := weeks.get(monday_of(at)):
            week.days.append(days)
    for outcome, judged_at in Appeal.objects.filter(judged_at__gt=since).values_list("outcome", "judged_at"):
        if judged_at is not None and (week := weeks.get(monday_of(judged_at))):
            week.appeals[outcome] += 1
    return list(weeks.values())


@dataclass(slots=True)
class Workload:
    """What one person of vetting has in hand, and did in the last thirty days."""

    person: User
    in_hand: int = 0
    decided: int = 0
    opinions: int = 0
    judged: int = 0
    appealed: int = 0
    overturned: int = 0
    days: list[float] = field(default_factory=list)

    @property
    def median_days(self) -> float | None:
        return percentile(self.days, 50)


def workloads(now: datetime) -> list[Workload]:
    """Return everybody of vetting with their work, who decided most first."""
    since = now - timedelta(days=PERSON_DAYS)
    people = {user.pk: Workload(user) for user in staff_with_role(StaffRoleKind.VETTING)}
    for pk in Case.objects.open().filter(claimed_until__gt=now).values_list("claimed_by", flat=True):
        _of(people, pk).in_hand += 1
    decisions = Decision.objects.filter(decided_at__gt=since, decided_at__lte=now)
    for pk, at, opened_at in decisions.values_list("decided_by", "decided_at", "case__opened_at"):
        _of(people, pk).decided += 1
        _of(people, pk).days.append(max(at - opened_at, timedelta()) / DAY)
    for pk in Opinion.objects.given().filter(given_at__gt=since).values_list("given_by", flat=True):
        _of(people, pk).opinions += 1
    for pk in Appeal.objects.filter(judged_at__gt=since).values_list("judged_by", flat=True):
        _of(people, pk).judged += 1
    for pk, outcome in Appeal.objects.filter(decision__decided_at__gt=since).values_list("against", "outcome"):
        _of(people, pk).appealed += 1
        _of(people, pk).overturned += outcome in (AppealOutcome.APPROVED, AppealOutcome.REOPENED)
    return sorted(people.values(), key=lambda one: (-one.decided, -one.in_hand, one.person.full_name))


def _of(people: dict[int, Workload], pk: Any) -> Workload:
    """Return a person's row, or one that is thrown away where the person is not of vetting any more."""
    return people.get(pk) or Workload(User())
