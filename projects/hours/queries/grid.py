"""Questions about hours: the week grid, earnings, payslips, and the lab's side of the same lines."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from django.db.models import QuerySet, Sum

from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.kernel.money import charge_for, pay_for_minutes
from payments.payouts.models import PayItem
from projects.hiring.enums import ContractState
from projects.hiring.models import Contract
from projects.hours.enums import ROUNDING_RESERVE_MINOR, TimesheetState
from projects.hours.models import PayLine, TimeEntry, Timer, Timesheet
from projects.labs.models import Lab


@dataclass(slots=True)
class GridRow:
    """One contract in the week grid: seconds of each UTC day, and the pay they come to in minor units."""

    contract: Contract
    days: list[int]
    by_hand: list[bool]
    sheet: Timesheet | None
    rate_minor: int
    cap_seconds: int
    pay_minor: int = 0

    @property
    def seconds(self) -> int:
        return sum(self.days)

    @property
    def cells(self) -> list[tuple[int, bool]]:
        return list(zip(self.days, self.by_hand, strict=True))

    @property
    def left_seconds(self) -> int:
        return max(0, self.cap_seconds - self.seconds)


@dataclass(slots=True)
class Week:
    """An expert's week: the grid, its entries in order, and the totals."""

    period: date
    days: list[date]
    rows: list[GridRow]
    entries: list[TimeEntry]
    day_totals: list[int] = field(default_factory=list)

    @property
    def seconds(self) -> int:
        return sum(row.seconds for row in self.rows)

    @property
    def pay_minor(self) -> int:
        return sum(row.pay_minor for row in self.rows)

    @property
    def left_seconds(self) -> int:
        return sum(row.left_seconds for row in self.rows)


def week_of(user: User, period: date) -> Week:
    """
    Return the week of an expert over all contracts. Days are UTC days, because pay is counted by them.

    Pay per day is computed exactly as the week's end will: whole minutes of the day, rounded once.
    """
    days = [period + timedelta(days=number) for number in range(7)]
    entries = list(
        TimeEntry.objects.of_expert(user)
        .filter(timesheet__period=period)
        .select_related("timesheet__contract__project__lab", "timesheet__contract__current_version")
        .order_by("during")
    )
    sheets = {sheet.contract_id: sheet for sheet in Timesheet.objects.of_expert(user).filter(period=period)}
    contracts = (
        Contract.objects.of_expert(user).with_people().filter(started_at__lt=clock.ends_at(period)).order_by("pk")
    )
    rows = []
    for contract in contracts:
        if contract.pk not in sheets and contract.state == ContractState.ENDED:
            continue
        rows.append(
            _row(
                contract, sheets.get(contract.pk), [e for e in entries if e.timesheet.contract_id == contract.pk], days
            )
        )
    week = Week(period, days, rows, entries)
    week.day_totals = [sum(row.days[number] for row in rows) for number in range(7)]
    return week


def _row(contract: Contract, sheet: Timesheet | None, entries: list[TimeEntry], days: list[date]) -> GridRow:
    seconds: dict[date, int] = defaultdict(int)
    by_hand: dict[date, bool] = defaultdict(bool)
    for entry in entries:
        for day, part in parts_by_day(entry):
            seconds[day] += part
            by_hand[day] |= entry.source == "MANUAL"
    version = contract.current_version
    rate = version.rate_minor if version else 0
    return GridRow(
        contract=contract,
        days=[seconds[day] for day in days],
        by_hand=[by_hand[day] for day in days],
        sheet=sheet,
        rate_minor=rate,
        cap_seconds=version.weekly_cap_minutes * 60 if version else 0,
        pay_minor=sum(pay_for_minutes(seconds[day] // 60, rate) for day in days),
    )


def parts_by_day(entry: TimeEntry) -> list[tuple[date, int]]:
    """Return (UTC day, seconds) for each day that an entry touches."""
    parts = []
    start, end = entry.during.lower.astimezone(UTC), entry.during.upper.astimezone(UTC)
    while start < end:
        midnight = datetime(start.year, start.month, start.day, tzinfo=UTC) + timedelta(days=1)
        parts.append((start.date(), int((min(end, midnight) - start).total_seconds())))
        start = midnight
    return parts


def timer_of(user: User) -> Timer | None:
    """Return the running timer of a person, with its contract."""
    return Timer.objects.filter(user=user).select_related("contract__project__lab").first()


def startable_contracts(user: User) -> list[Contract]:
    """Return the contracts on which time can be logged now."""
    return list(Contract.objects.of_expert(user).active().with_people().order_by("-pk"))


def reserve_for(contract: Contract) -> int:
    """Return what one week of this contract reserves, in minor units: the charge for the cap plus rounding."""
    version = contract.current_version
    if version is None:
        return 0
    return (
        charge_for(pay_for_minutes(version.weekly_cap_minutes, version.rate_minor), version.fee_bps)
        + ROUNDING_RESERVE_MINOR
    )


@dataclass(frozen=True, slots=True)
class WeekPay:
    """One week of earnings: what the lines come to, and where they stand."""

    period: date
    label: str
    seconds: int
    pay_minor: int
    currency: str
    states: frozenset[str]
    item: PayItem | None


def earnings_by_week(user: User, count: int = 26) -> list[WeekPay]:
    """Return the expert's weeks with lines, the newest first, each with its pay item where there is one."""
    rows = list(
        PayLine.objects.filter(timesheet__contract__expert__user=user)
        .values("timesheet__period", "currency")
        .annotate(seconds=Sum("seconds"), pay=Sum("pay_minor"))
        .order_by("-timesheet__period")[:count]
    )
    periods = [row["timesheet__period"] for row in rows]
    states: dict[date, set[str]] = defaultdict(set)
    for period, state in Timesheet.objects.of_expert(user).filter(period__in=periods).values_list("period", "state"):
        states[period].add(state)
    items = {
        item.run.period: item
        for item in PayItem.objects.visible_to(user).filter(payee=user, run__period__in=periods).with_people()
    }
    return [
        WeekPay(
            row["timesheet__period"],
            clock.period_label(row["timesheet__period"]),
            row["seconds"],
            row["pay"],
            row["currency"],
            frozenset(states[row["timesheet__period"]]),
            items.get(row["timesheet__period"]),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Payslip:
    """What a Friday paid: the lines of its week, what was carried from earlier weeks, and the transfer."""

    period: date
    label: str
    lines: list[PayLine]
    item: PayItem | None
    currency: str

    @property
    def minutes(self) -> int:
        return sum(line.minutes for line in self.lines)

    @property
    def pay_minor(self) -> int:
        return sum(line.pay_minor for line in self.lines)

    @property
    def carried_minor(self) -> int:
        """What the item pays beyond this week's lines: earlier weeks that were carried or held."""
        return self.item.gross_minor - self.pay_minor if self.item else 0

    @property
    def total_minor(self) -> int:
        return self.item.net_minor if self.item else self.pay_minor


def payslip_of(user: User, period: date) -> Payslip | None:
    """Return the payslip of a week, also while it is still a draft; None if nothing was worked or paid."""
    lines = list(
        PayLine.objects.filter(timesheet__contract__expert__user=user, timesheet__period=period)
        .select_related("timesheet__contract__project__lab")
        .order_by("timesheet__contract_id", "day")
    )
    item = PayItem.objects.visible_to(user).filter(payee=user, run__period=period).with_people().first()
    if not lines and item is None:
        return None
    currency = item.currency if item else lines[0].currency
    return Payslip(period, clock.period_label(period), lines, item, currency)


def weeks_to_approve(lab: Lab) -> QuerySet[Timesheet]:
    """Return the lab's weeks in review, the nearest clock first, with lines and entries."""
    rows = Timesheet.objects.filter(contract__lab=lab, state=TimesheetState.SUBMITTED).with_people()
    return rows.prefetch_related("lines", "entries").order_by("review_ends_at", "pk")  # type: ignore[no-any-return]


def weeks_approved(lab: Lab) -> QuerySet[Timesheet]:
    """Return the lab's approved weeks, the newest first."""
    rows = Timesheet.objects.filter(contract__lab=lab, state=TimesheetState.APPROVED).with_people()
    return rows.select_related("approved_by").prefetch_related("lines").order_by("-period", "-pk")  # type: ignore[no-any-return]


def hours_waiting(lab: Lab) -> int:
    """Return how many weeks wait for the lab's approval."""
    return Timesheet.objects.filter(contract__lab=lab, state=TimesheetState.SUBMITTED).count()
