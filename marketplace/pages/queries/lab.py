"""The lab's first screen: is the work getting done, is it good, what does it cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.kernel import clock
from payments.ledger.enums import AccountCode
from payments.ledger.queries import balances_minor
from projects.hiring.enums import ApplicationState
from projects.hiring.models import Application
from projects.hours.enums import TimesheetState
from projects.hours.models import PayLine, Timesheet
from projects.labs.models import Lab
from projects.listings.enums import ProjectState
from projects.listings.models import Project
from projects.work.enums import AssignmentState
from projects.work.models import Assignment

DAYS = 14
WEEKS = 8


@dataclass(frozen=True, slots=True)
class ToDecide:
    """One queue that waits for the lab."""

    title: str
    words: str
    url: str
    button: str
    until: datetime | None


def to_decide(lab: Lab, *, manages: bool) -> list[ToDecide]:
    """Return the queues that wait for this member: hours and candidates are for managers, reviews for all."""
    return [*(_for_managers(lab) if manages else []), *_for_reviewers(lab)]


def _for_managers(lab: Lab) -> list[ToDecide]:
    found = []
    sheets = Timesheet.objects.filter(contract__lab=lab, state=TimesheetState.SUBMITTED)
    facts = sheets.aggregate(count=Count("pk", distinct=True), pay=Sum("lines__charge_minor"))
    if facts["count"]:
        first = sheets.order_by("review_ends_at").values_list("review_ends_at", flat=True).first()
        title = ngettext("%(n)d week of hours waits for you", "%(n)d weeks of hours wait for you", facts["count"])
        found.append(
            ToDecide(
                title % {"n": facts["count"]},
                _("Lines that nobody questions are approved."),
                reverse("hours:lab_hours", args=[lab.slug]),
                _("Review hours"),
                first,
            )
        )
    waiting = Application.objects.of_lab(lab).filter(
        state__in=[ApplicationState.SUBMITTED, ApplicationState.SHORTLISTED]
    )
    count = waiting.count()
    if count:
        first = waiting.order_by("due_at").values_list("due_at", flat=True).first()
        title = ngettext("%(n)d candidate waits for you", "%(n)d candidates wait for you", count)
        found.append(
            ToDecide(
                title % {"n": count},
                _("Undecided applications lapse and count in your fairness figures."),
                reverse("hiring:candidates", args=[lab.slug]),
                _("See candidates"),
                first,
            )
        )
    return found


def _for_reviewers(lab: Lab) -> list[ToDecide]:
    found = []
    work = Assignment.objects.filter(project__lab=lab, state=AssignmentState.SUBMITTED)
    count = work.count()
    if count:
        first = work.order_by("due_at").values_list("due_at", flat=True).first()
        title = ngettext("%(n)d piece of work waits for review", "%(n)d pieces of work wait for review", count)
        found.append(
            ToDecide(
                title % {"n": count},
                _("Seven days of silence accept."),
                reverse("work:review_queue", args=[lab.slug]),
                _("Review work"),
                first,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Figures:
    """The tiles: counts of this week, money in minor units of US dollars."""

    accepted_week: int
    submitted_week: int
    spent_week_minor: int
    fee_week_minor: int
    funds_minor: int
    reserved_minor: int
    places_filled: int
    places_wanted: int


def figures(lab: Lab, now: datetime) -> Figures:
    """Return the lab's figures of the week in progress, and what stands on deposit."""
    since = clock.week_start(now)
    work = Assignment.objects.filter(project__lab=lab).aggregate(
        accepted=Count("pk", filter=Q(state=AssignmentState.ACCEPTED, decided_at__gte=since)),
        submitted=Count("pk", filter=Q(submitted_at__gte=since)),
    )
    spent = PayLine.objects.approved().filter(timesheet__contract__lab=lab, approved_at__gte=since)
    money = spent.aggregate(charge=Sum("charge_minor"), fee=Sum("fee_minor"))
    projects = list(Project.objects.filter(lab=lab).values_list("public_id", "places_filled", "places_wanted"))
    contracts = list(lab.contracts.values_list("public_id", flat=True))
    return Figures(
        accepted_week=work["accepted"],
        submitted_week=work["submitted"],
        spent_week_minor=money["charge"] or 0,
        fee_week_minor=money["fee"] or 0,
        funds_minor=sum(balances_minor(AccountCode.PROJECT_FUNDS, [row[0] for row in projects]).values()),
        reserved_minor=sum(balances_minor(AccountCode.CONTRACT_RESERVE, contracts).values()),
        places_filled=sum(row[1] for row in projects),
        places_wanted=sum(row[2] for row in projects),
    )


def accepted_by_day(lab: Lab, now: datetime) -> tuple[list[str], list[int]]:
    """Return the last fourteen days and how many tasks were accepted on each."""
    first = now.date() - timedelta(days=DAYS - 1)
    rows = (
        Assignment.objects.filter(project__lab=lab, state=AssignmentState.ACCEPTED, decided_at__date__gte=first)
        .annotate(day=TruncDate("decided_at"))
        .values_list("day")
        .annotate(count=Count("pk"))
    )
    counts: dict[date, int] = dict(rows)
    days = [first + timedelta(days=number) for number in range(DAYS)]
    return [f"{day:%-d %b}" for day in days], [counts.get(day, 0) for day in days]


def spend_by_week(lab: Lab, now: datetime) -> tuple[list[str], list[int], list[int]]:
    """Return the last eight weeks with pay and fee in minor units, by the week of the work."""
    current = clock.period_of(now)
    first = current - timedelta(weeks=WEEKS - 1)
    rows = (
        PayLine.objects.filter(timesheet__contract__lab=lab, timesheet__period__gte=first)
        .values_list("timesheet__period")
        .annotate(pay=Sum("pay_minor"), fee=Sum("fee_minor"))
    )
    found = {period: (pay, fee) for period, pay, fee in rows}
    weeks = [first + timedelta(weeks=number) for number in range(WEEKS)]
    pairs = [found.get(week, (0, 0)) for week in weeks]
    return [clock.period_label(week)[5:] for week in weeks], [pay for pay, _fee in pairs], [fee for _pay, fee in pairs]


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project with what stands on deposit for it, in minor units."""

    project: Project
    funds_minor: int


def projects_of(lab: Lab) -> list[ProjectRow]:
    """Return the lab's projects that are not closed, the newest first, with their funds."""
    rows = list(Project.objects.filter(lab=lab).exclude(state=ProjectState.CLOSED).order_by("-pk")[:20])
    funds = balances_minor(AccountCode.PROJECT_FUNDS, [row.public_id for row in rows])
    return [ProjectRow(row, funds.get(row.public_id, 0)) for row in rows]
