"""The expert's week: a row for each contract, a column for each UTC day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.kernel.money import pay_for_minutes
from projects.hiring.enums import ContractState
from projects.hiring.models import Contract, ContractVersion
from projects.hiring.queries import versions_of_week
from projects.hours.enums import EntrySource
from projects.hours.models import TimeEntry, Timesheet
from projects.hours.ranges import seconds_by_day


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
        """What the cap still allows, where it still matters: on a contract that runs."""
        return 0 if self.contract.state == ContractState.ENDED else max(0, self.cap_seconds - self.seconds)


@dataclass(slots=True)
class Week:
    """An expert's week: the grid, its entries (the newest first), and the totals."""

    period: date
    days: list[date]
    rows: list[GridRow]
    entries: list[TimeEntry]
    day_totals: list[int] = field(default_factory=list)

    @property
    def seconds(self) -> int:
        return sum(row.seconds for row in self.rows)

    @property
    def entries_seconds(self) -> int:
        return sum(entry.seconds for entry in self.entries)

    @property
    def pay(self) -> list[tuple[str, int]]:
        """Earned minor units by currency; currencies are never added up. At least one."""
        totals: dict[str, int] = {}
        for row in self.rows:
            totals[row.contract.currency] = totals.get(row.contract.currency, 0) + row.pay_minor
        return sorted(totals.items()) or [("USD", 0)]

    @property
    def left_seconds(self) -> int:
        return sum(row.left_seconds for row in self.rows)

    @property
    def sheets(self) -> list[Timesheet]:
        return [row.sheet for row in self.rows if row.sheet is not None]

    @property
    def worked_sheets(self) -> list[Timesheet]:
        """The timesheets with time on them."""
        return [row.sheet for row in self.rows if row.sheet is not None and row.seconds]


def week_of(user: User, period: date) -> Week:
    """
    Return the week of an expert over all contracts, by five queries. Days are UTC days, because pay is counted by them.

    Pay per day is computed exactly as the week's end will, by the version that pays this week: whole minutes of the day, rounded once.
    """
    days = [period + timedelta(days=number) for number in range(7)]
    entries = list(
        TimeEntry.objects.of_expert(user)
        .filter(timesheet__period=period)
        .select_related("timesheet__contract__project")
        .order_by("-during")
    )
    sheets = {sheet.contract_id: sheet for sheet in Timesheet.objects.of_expert(user).filter(period=period)}
    contracts = (
        Contract.objects.of_expert(user).with_people().filter(started_at__lt=clock.ends_at(period)).order_by("pk")
    )
    shown = [row for row in contracts if row.pk in sheets or row.state != ContractState.ENDED]
    versions = versions_of_week(shown, period)
    by_contract = {row.pk: [entry for entry in entries if entry.timesheet.contract_id == row.pk] for row in shown}
    rows = [_row(row, versions[row.pk], sheets.get(row.pk), by_contract[row.pk], days) for row in shown]
    totals = [sum(row.days[number] for row in rows) for number in range(7)]
    return Week(period, days, rows, entries, totals)


def _row(
    contract: Contract, version: ContractVersion, sheet: Timesheet | None, entries: list[TimeEntry], days: list[date]
) -> GridRow:
    if sheet is not None:
        sheet.contract = contract  # spares the page a query for each
    seconds = seconds_by_day((entry.during.lower, entry.during.upper) for entry in entries)
    manual = [entry for entry in entries if entry.source == EntrySource.MANUAL]
    by_hand = seconds_by_day((entry.during.lower, entry.during.upper) for entry in manual)
    return GridRow(
        contract=contract,
        days=[seconds.get(day, 0) for day in days],
        by_hand=[bool(by_hand.get(day)) for day in days],
        sheet=sheet,
        rate_minor=version.rate_minor,
        cap_seconds=version.weekly_cap_minutes * 60,
        pay_minor=sum(pay_for_minutes(seconds.get(day, 0) // 60, version.rate_minor) for day in days),
    )
