"""Weeks of work for tests, made through the product's own actions, and the books as plain values."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from marketplace.accounts.models import User
from payments.ledger.enums import AccountCode
from payments.ledger.queries import balance_minor, total_minor, trial_balance
from projects.hiring.models import Contract
from projects.hours.actions import entries, timers, timesheets
from projects.hours.models import TimeEntry, Timer, Timesheet
from tests.factories import projects_hiring
from tests.factories.projects_hiring import at_once, make_contract, make_expert, make_gig, owner_of

__all__ = ["at_once", "make_contract", "make_expert", "make_gig", "owner_of"]

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)  # 2026-W47
BEFORE = MONDAY - timedelta(days=3)
FUNDS = 2_000_000  # of a gig that `make_gig` makes


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """A moment of the test's week: day 0 is Monday; 24 hours and more run on into the next days."""
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute, seconds=second)


def make_running(**facts: object) -> Contract:
    """A contract that began on the Friday before the test's week."""
    return make_contract(now=BEFORE, **facts)  # type: ignore[arg-type]


def log(
    contract: Contract, start: datetime, end: datetime, *, memo: str = "Reviewed", now: datetime | None = None
) -> list[TimeEntry]:
    """Add time by hand, by default at the moment when it ended."""
    user = contract.expert.user
    return entries.add_entry(
        contract_id=contract.public_id, by=user, start=start, end=end, memo=memo, zone=user.time_zone, now=now or end
    )


def change(
    entry: TimeEntry, start: datetime, end: datetime, *, now: datetime | None = None, memo: str = "Corrected"
) -> TimeEntry:
    """Correct an entry as the person whose time it is, by default on the Saturday at noon or when it ends, if later."""
    return entries.change_entry(
        entry_id=entry.public_id, by=entry.user, start=start, end=end, memo=memo, now=now or max(end, at(5, 12))
    )


def start_timer(contract: Contract, now: datetime) -> Timer:
    user = contract.expert.user
    return timers.start_timer(contract_id=contract.public_id, by=user, memo="Reviewing", zone=user.time_zone, now=now)


def beat(contract: Contract, now: datetime, *, idle: int = 0, working: bool = False) -> timers.Beat:
    return timers.beat_timer(by=contract.expert.user, now=now, idle_seconds=idle, was_working=working)


def stop_timer(contract: Contract, now: datetime, *, leave_out: bool = False) -> timers.Stopped | None:
    return timers.stop_timer(by=contract.expert.user, leave_out_idle=leave_out, now=now)


def work_until(contract: Contract, until: datetime) -> None:
    """Send a sign of life every nine minutes, as often as somebody who works must, up to and with `until`."""
    timer = Timer.objects.get(user=contract.expert.user)
    moment = timer.heartbeat_at
    while moment < until:
        moment = min(until, moment + timedelta(minutes=9))
        beat(contract, moment)


def sheet_of(contract: Contract, period: date = MONDAY.date()) -> Timesheet:
    sheet: Timesheet = Timesheet.objects.get(contract=contract, period=period)
    return sheet


def submit(contract: Contract, period: date = MONDAY.date()) -> Timesheet:
    """Let the clock hand the week to the lab, Monday at noon."""
    sheet = sheet_of(contract, period)
    timesheets.close_weeks(now=sheet.correction_ends_at)
    sheet.refresh_from_db()
    return sheet


def approve(contract: Contract, period: date = MONDAY.date(), *, now: datetime | None = None) -> Timesheet:
    """Let the lab's owner approve a submitted week."""
    sheet = sheet_of(contract, period)
    return timesheets.approve_timesheet(
        timesheet_id=sheet.public_id,
        by=owner_of(contract.lab),
        revision=sheet.revision,
        now=now or sheet.correction_ends_at + timedelta(hours=2),
    )


def press_approve(contract: Contract, by: User, *, revision: int | None = None, now: datetime = at(7, 14)) -> Timesheet:
    """Let somebody of the lab approve the test's week, as they see it or in the revision that they saw."""
    sheet = sheet_of(contract)
    return timesheets.approve_timesheet(
        timesheet_id=sheet.public_id, by=by, revision=sheet.revision if revision is None else revision, now=now
    )


def told(contract: Contract) -> list[str]:
    """The titles of the notices about hours that the expert got, in their order."""
    return projects_hiring.told(contract.expert.user, "hours")


def ranges(contract: Contract) -> list[tuple[datetime, datetime]]:
    """When each entry of the contract begins and ends, in their order."""
    rows = TimeEntry.objects.filter(timesheet__contract=contract).order_by("during")
    return [(row.during.lower, row.during.upper) for row in rows]


def books(contract: Contract) -> dict[str, int]:
    """What the ledger holds around a contract, in minor units."""
    currency = contract.currency
    return {
        "funds": balance_minor(AccountCode.PROJECT_FUNDS, contract.project.public_id, currency),
        "reserve": balance_minor(AccountCode.CONTRACT_RESERVE, contract.public_id, currency),
        "payable": balance_minor(AccountCode.EXPERT_PAYABLE, contract.expert.user.public_id, currency),
        "fees": total_minor(AccountCode.PLATFORM_FEE, currency),
    }


def off_balance() -> int:
    """The sum of the trial balance, which is zero."""
    return sum(row.closing_minor for row in trial_balance("USD"))
