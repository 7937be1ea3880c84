"""The expert's first screen: what to do next, what was earned, when it is paid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from experts.profiles.queries import Progress, expert_of, progress_of
from experts.vetting.enums import CaseState
from experts.vetting.models import Case
from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.kernel.money import format_money
from payments.ledger.enums import AccountCode
from payments.ledger.queries import balance_minor
from payments.payouts.enums import ItemState
from payments.payouts.models import PayItem
from payments.payouts.queries import account_of, payout_account_ready
from projects.hiring.enums import ApplicationState, OfferState
from projects.hiring.models import Application, Contract, Offer
from projects.hiring.queries import versions_of_week
from projects.hiring.queries.invitations import open_invitations
from projects.hours.enums import TimesheetState
from projects.hours.models import PayLine, TimeEntry, Timesheet
from projects.work.enums import AssignmentState
from projects.work.models import Assignment

SHOWN = 6
WEEKS = 8


@dataclass(frozen=True, slots=True)
class ToDo:
    """One thing to do: where it leads, and the clock that runs on it with what happens at zero."""

    icon: str
    title: str
    words: str
    url: str
    button: str
    until: datetime | None = None
    since: datetime | None = None
    then: str = ""
    primary: bool = False


def todos(user: User, now: datetime) -> list[ToDo]:
    """Return what waits for the expert, the nearest clock first, things without a clock last."""
    found = [*_work(user), *_offers(user), *_invitations(user), *_applications(user), *_onboarding(user)]
    return sorted(found, key=lambda todo: (todo.until is None, todo.until or now))


def _work(user: User) -> list[ToDo]:
    rows = (
        Assignment.objects.of_expert(user)
        .filter(state__in=[AssignmentState.WORKING, AssignmentState.RETURNED])
        .with_task()
        .order_by("pk")[:SHOWN]
    )
    found = []
    for row in rows:
        url = reverse("work:workbench", args=[row.public_id])
        where = row.task.project.title
        if row.state == AssignmentState.WORKING:
            found.append(
                ToDo(
                    "list-checks",
                    _("Finish %s") % row.task.external_id,
                    where,
                    url,
                    _("Resume"),
                    row.lease_until,
                    row.claimed_at,
                    _("then it returns to the queue, your draft is kept"),
                    primary=True,
                )
            )
        else:
            found.append(
                ToDo(
                    "undo-2",
                    _("Correct %s") % row.task.external_id,
                    where,
                    url,
                    _("Correct"),
                    row.due_at,
                    None,
                    _("then another expert gets it, your time is still paid"),
                )
            )
    return found


def _offers(user: User) -> list[ToDo]:
    rows = Offer.objects.of_expert(user).filter(state=OfferState.SENT).with_people().order_by("expires_at")[:SHOWN]
    return [
        ToDo(
            "file-text",
            _("An offer: %s") % row.application.project.title,
            _("%(rate)s an hour, up to %(hours)s h a week")
            % {"rate": format_money(row.rate_minor, row.currency), "hours": row.weekly_cap_minutes // 60},
            reverse("hiring:offer", args=[row.public_id]),
            _("Read"),
            row.expires_at,
            row.sent_at,
            _("then it expires"),
        )
        for row in rows
    ]


def _invitations(user: User) -> list[ToDo]:
    return [
        ToDo(
            "mail",
            _("You are invited by %s") % row.project.lab.public_name,
            row.project.title,
            reverse("hiring:invitation", args=[row.public_id]),
            _("Read"),
            row.due_at,
            row.sent_at,
            _("then the invitation lapses"),
        )
        for row in open_invitations(user)[:SHOWN]
    ]


def _applications(user: User) -> list[ToDo]:
    rows = Application.objects.of_expert(user).filter(state=ApplicationState.STARTED).with_people()[:SHOWN]
    return [
        ToDo(
            "pen-line",
            _("Finish your application: %s") % row.project.title,
            row.project.lab.public_name,
            reverse("hiring:application", args=[row.public_id]),
            _("Continue"),
        )
        for row in rows
    ]


def _onboarding(user: User) -> list[ToDo]:
    expert = expert_of(user, with_history=True)
    if expert is None:
        words = _("Headline, field, country and years: about ten minutes.")
        return [
            ToDo("user-round", _("Fill in your profile"), words, reverse("profiles:edit"), _("Start"), primary=True)
        ]
    progress = progress_of(expert)
    has_case = Case.objects.filter(expert=expert).exists()
    found = [*_profile(progress, is_optional_asked=not has_case)]
    asked = Case.objects.filter(expert=expert, state=CaseState.MORE_ASKED).select_related("field")
    found += [
        ToDo(
            "badge-check",
            _("More is asked of you: %s") % case.field.name,
            str(case),
            reverse("vetting:mine"),
            _("Answer"),
            case.due_at,
        )
        for case in asked
    ]
    if not has_case and not progress.missing:
        words = _("Vetting is done once per field and counts for every application.")
        found.append(ToDo("badge-check", _("Be vetted"), words, reverse("vetting:mine"), _("Begin")))
    if Contract.objects.of_expert(user).exists() and not payout_account_ready(user):
        words = _("What you earn is kept for you until it is ready.")
        found.append(ToDo("wallet", _("Set up your payout account"), words, reverse("payouts:account"), _("Set up")))
    return found


def _profile(progress: Progress, *, is_optional_asked: bool) -> Iterator[ToDo]:
    """What is open in the profile. Optional sections are asked for until the first vetting, and then no more."""
    if progress.next is None or not (progress.missing or is_optional_asked):
        return
    title = _("Complete your profile") if progress.missing else _("Round off your profile")
    words = _("%(done)s of %(of)s steps done. Next: %(next)s.") % {
        "done": progress.done, "of": progress.of, "next": progress.next.title,
    }  # fmt: skip
    yield ToDo("user-round", title, words, reverse("profiles:steps"), _("Continue"), primary=bool(progress.missing))


@dataclass(frozen=True, slots=True)
class Earnings:
    """Money of the first screen, minor units of one currency."""

    currency: str
    week_minor: int
    week_seconds: int
    next_minor: int
    next_words: str
    next_on: date
    paid_year_minor: int
    paid_year_count: int
    destination: str


def earnings(user: User, now: datetime, currency: str = "USD") -> Earnings:
    """Return what the expert earned this week so far, what is paid next and when, and what was paid this year."""
    period = clock.period_of(now)
    week_seconds, week_minor = _running_week(user, period)
    sent = PayItem.objects.filter(payee=user, currency=currency, state=ItemState.SENT, sent_at__year=now.year)
    totals = sent.aggregate(total=Sum("net_minor"))
    approved = balance_minor(AccountCode.EXPERT_PAYABLE, user.public_id, currency)
    in_review = PayLine.objects.filter(
        timesheet__contract__expert__user=user, timesheet__state=TimesheetState.SUBMITTED, currency=currency
    ).aggregate(total=Sum("pay_minor"))["total"] or 0  # fmt: skip
    in_transit = (
        PayItem.objects.filter(payee=user, currency=currency).in_transit().aggregate(total=Sum("net_minor"))["total"]
        or 0
    )
    words = _("approved") if not in_review else _("%s of it in lab review") % format_money(in_review, currency)
    account = account_of(user)
    return Earnings(
        currency=currency,
        week_minor=week_minor,
        week_seconds=week_seconds,
        next_minor=approved + in_review + in_transit,
        next_words=words,
        next_on=_next_friday(now),
        paid_year_minor=totals["total"] or 0,
        paid_year_count=sent.count(),
        destination=account.destination_label if account else "",
    )


def _next_friday(now: datetime) -> date:
    """Friday of this week; from Saturday on, Friday of the next."""
    days = (4 - now.weekday()) % 7
    return (now + timedelta(days=days)).date()


def _running_week(user: User, period: date) -> tuple[int, int]:
    """Seconds and pay of the week in progress, by the rates in force; rounding is done when the week closes."""
    seconds = pay = 0
    rows = TimeEntry.objects.filter(user=user, timesheet__period=period).select_related("timesheet__contract")
    entries = list(rows)
    versions = versions_of_week({entry.timesheet.contract for entry in entries}, period) if entries else {}
    for entry in entries:
        seconds += entry.seconds
        pay += entry.seconds * versions[entry.timesheet.contract_id].rate_minor // 3600
    return seconds, pay


@dataclass(frozen=True, slots=True)
class WeekBar:
    """One week of the picture: its label, hours worked, and pay in minor units."""

    label: str
    seconds: int
    pay_minor: int


def weeks_picture(user: User, now: datetime) -> list[WeekBar]:
    """Return the last eight weeks, the oldest first, ending with the one in progress."""
    current = clock.period_of(now)
    first = current - timedelta(weeks=WEEKS - 1)
    rows = (
        PayLine.objects.filter(timesheet__contract__expert__user=user, timesheet__period__gte=first)
        .values("timesheet__period")
        .annotate(seconds=Sum("seconds"), pay=Sum("pay_minor"))
    )
    by_period = {row["timesheet__period"]: (row["seconds"], row["pay"]) for row in rows}
    by_period[current] = _running_week(user, current)
    weeks = [first + timedelta(weeks=number) for number in range(WEEKS)]
    return [WeekBar(f"{week:%-d %b}", *by_period.get(week, (0, 0))) for week in weeks]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for somebody else, with their clock."""

    title: str
    words: str
    until: datetime | None
    since: datetime | None
    then: str
    url: str


def waiting_on_others(user: User) -> list[Waiting]:
    """Return what others owe the expert an answer on: labs, vetting staff, reviewers."""
    found = [
        Waiting(
            row.project.title,
            _("%s decides on your application") % row.project.lab.public_name,
            row.due_at,
            row.submitted_at,
            _("then it lapses and counts against the lab"),
            reverse("hiring:application", args=[row.public_id]),
        )
        for row in Application.objects.of_expert(user)
        .filter(state__in=[ApplicationState.SUBMITTED, ApplicationState.SHORTLISTED])
        .with_people()[:SHOWN]
    ]
    open_states = [CaseState.CHECKING, CaseState.AWAITING_DECISION, CaseState.APPEALED]
    found += [
        Waiting(
            str(_("Vetting in %s") % case.field.name),
            _("Another person judges your appeal") if case.state == CaseState.APPEALED else _("Vetting staff decide"),
            case.due_at,
            case.clock_since,
            case.clock_then,
            reverse("vetting:mine"),
        )
        for case in Case.objects.filter(expert__user=user, state__in=open_states).select_related("field")[:SHOWN]
    ]
    found += [
        Waiting(
            sheet.contract.project.title,
            _("Hours in lab review"),
            sheet.review_ends_at,
            sheet.submitted_at,
            _("then approved"),
            reverse("hours:week"),
        )
        for sheet in Timesheet.objects.of_expert(user).filter(state=TimesheetState.SUBMITTED).with_people()[:SHOWN]
    ]
    return sorted(found, key=lambda waiting: (waiting.until is None, waiting.until))


@dataclass(frozen=True, slots=True)
class ContractRow:
    """A running contract with this week's hours against its cap."""

    contract: Contract
    seconds: int
    cap_seconds: int


def running_contracts(user: User, now: datetime) -> list[ContractRow]:
    """Return the active contracts with the seconds worked this week."""
    contracts = list(Contract.objects.of_expert(user).active().with_people().order_by("-pk")[:SHOWN])
    used: dict[int, int] = {}
    for entry in TimeEntry.objects.filter(user=user, timesheet__period=clock.period_of(now)).select_related(
        "timesheet"
    ):
        used[entry.timesheet.contract_id] = used.get(entry.timesheet.contract_id, 0) + entry.seconds
    return [
        ContractRow(row, used.get(row.pk, 0), row.current_version.weekly_cap_minutes * 60 if row.current_version else 0)
        for row in contracts
    ]
