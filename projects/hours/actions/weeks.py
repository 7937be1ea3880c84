"""
Steps that timers and entries share. None is an action: each needs the open transaction of its caller.

Lock order, everywhere in this room: expert, contract, timesheet, then the ledger's accounts.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F, Func, Sum
from django.db.models.functions import Coalesce, Extract

from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.errors import Invalid, NotAllowed, Refused, WrongState
from marketplace.kernel.money import charge_for, format_money, pay_for_minutes
from payments.ledger import actions as ledger
from payments.ledger.enums import AccountCode, EntryKind
from payments.ledger.errors import InsufficientFunds
from projects.hiring.enums import ContractState
from projects.hiring.models import Contract, ContractVersion
from projects.hours.enums import (
    REVIEW_CLOSES_DAYS,
    ROUNDING_RESERVE_MINOR,
    SELF_CORRECTION_HOURS,
    EntrySource,
    TimesheetState,
)
from projects.hours.models import TimeEntry, Timer, Timesheet, WeeklyReserve

Range = tuple[datetime, datetime]


def lock_contract(contract_id: object, by: User) -> Contract:
    """
    Lock the expert and then the contract; everything one expert does with time happens one after the other.

    :raises NotAllowed: if it is somebody else's contract.
    """
    Expert.objects.select_for_update(of=("self",), no_key=True).get(user=by)
    rows = Contract.objects.select_related("expert", "project", "lab", "current_version")
    contract: Contract = rows.select_for_update(of=("self",), no_key=True).get(public_id=contract_id)
    if contract.expert.user_id != by.pk:
        raise NotAllowed("You can log hours on your own contracts only.")
    return contract


def version_of(contract: Contract) -> ContractVersion:
    """Return the version in force."""
    assert contract.current_version is not None  # noqa: S101 -- a contract is written with its first version
    return contract.current_version


def open_week(contract: Contract, period: date, *, now: datetime, from_timer: bool = False) -> Timesheet:
    """
    Return the open timesheet of a week, locked; the first time, open it.

    :param from_timer: a stopped timer may still be written after the time for corrections, until the week is submitted.
    :raises WrongState: if the week was submitted, or its time for corrections is over.
    """
    monday = clock.ends_at(period)
    sheet, _ = Timesheet.objects.get_or_create(
        contract=contract,
        period=period,
        defaults={
            "correction_ends_at": monday + timedelta(hours=SELF_CORRECTION_HOURS),
            "review_ends_at": monday + timedelta(days=REVIEW_CLOSES_DAYS),
        },
    )
    locked: Timesheet = Timesheet.objects.select_for_update(of=("self",), no_key=True).get(pk=sheet.pk)
    is_over = locked.correction_ends_at <= now and not from_timer
    if locked.state != TimesheetState.OPEN or is_over:
        raise WrongState(
            f"The week of {period:%-d %B} closed on Monday at 12:00 UTC, so its hours can no longer be changed."
        )
    return locked


def reserve_week(contract: Contract, period: date, *, by: Actor, now: datetime) -> None:
    """Hold the charge for the weekly cap plus rounding. Posts to the ledger, so call it last; once per week."""
    version = version_of(contract)
    pay = pay_for_minutes(version.weekly_cap_minutes, version.rate_minor)
    amount = charge_for(pay, version.fee_bps) + ROUNDING_RESERVE_MINOR
    _, created = WeeklyReserve.objects.get_or_create(
        contract=contract, period=period, defaults={"amount_minor": amount, "held_at": now}
    )
    if not created:
        return
    funds = ledger.AccountRef(AccountCode.PROJECT_FUNDS, contract.project.public_id, contract.currency)
    reserve = ledger.AccountRef(AccountCode.CONTRACT_RESERVE, contract.public_id, contract.currency)
    try:
        ledger.post(
            key=f"hold:{contract.public_id}:{period.isoformat()}",
            kind=EntryKind.HOLD,
            moves=[ledger.Move(funds, reserve, amount)],
            effective_on=max(period, now.date()),
            by=by,
            now=now,
        )
    except InsufficientFunds as error:
        raise InsufficientFunds(
            f"The project's funds do not cover this week any more: {format_money(amount, contract.currency)} are "
            "needed before you start. The lab was asked to add funds; nothing you have logged is touched."
        ) from error


def seconds_used(sheet: Timesheet) -> int:
    """Return the seconds that the entries of a timesheet hold."""
    length = Extract(Func(F("during"), function="upper") - Func(F("during"), function="lower"), "epoch")
    total = TimeEntry.objects.filter(timesheet=sheet).aggregate(total=Coalesce(Sum(length), 0.0))["total"]
    return int(total)


def refuse_overlap(by: User, start: datetime, end: datetime, *, except_entry: int | None = None) -> None:
    """
    Refuse time that the expert already has, on any contract. The exclusion constraint stands behind this.

    :raises Refused: naming the entry or the running timer.
    """
    other = (
        TimeEntry.objects.filter(user=by, during__overlap=DateTimeTZRange(start, end))
        .exclude(pk=except_entry)
        .select_related("timesheet__contract__project")
        .first()
    )
    if other is not None:
        raise Refused(
            f"You already have {other.during.lower:%H:%M} to {other.during.upper:%H:%M} UTC on "
            f"{other.timesheet.contract.project.title} that day. One thing at a time.",
            field="start",
        )
    timer = Timer.objects.filter(user=by, started_at__lt=end).first()
    if timer is not None:
        raise Refused("Your timer is running over that time. Stop it first.", field="end")


def write_entries(
    contract: Contract, start: datetime, end: datetime, *, by: User, now: datetime, source: EntrySource, memo: str,
    zone: str, idle_seconds: int = 0,
) -> list[TimeEntry]:  # fmt: skip
    """
    Write a range of work, split at Monday 00:00 UTC, within the weekly cap; return the entries.

    :raises Refused: if the week's cap would be exceeded, with the time that is left.
    """
    if contract.state == ContractState.ENDED and contract.ended_at is not None and end > contract.ended_at:
        raise WrongState("This contract has ended. Hours after its end cannot be logged.")
    entries = []
    for part_start, part_end in split_at_weeks(start, end):
        period = clock.period_of(part_start)
        sheet = open_week(contract, period, now=now, from_timer=source == EntrySource.TIMER)
        left = version_of(contract).weekly_cap_minutes * 60 - seconds_used(sheet)
        wanted = int((part_end - part_start).total_seconds())
        if wanted > left:
            raise Refused(
                f"The weekly limit leaves {max(left, 0) // 3600} h {max(left, 0) % 3600 // 60} min "
                f"in the week of {period:%-d %B}.",
                field="end",
            )
        entries.append(
            TimeEntry.objects.create(
                user=by,
                timesheet=sheet,
                during=DateTimeTZRange(part_start, part_end),
                source=source,
                memo=memo,
                zone=zone,
                idle_seconds=idle_seconds,
                created_at=now,
            )
        )
    return entries


def split_at_weeks(start: datetime, end: datetime) -> list[Range]:
    """Return the half-open UTC range cut at each Monday 00:00 UTC that lies inside it."""
    if end <= start:
        raise Invalid("The end lies before the start.", field="end")
    parts: list[Range] = []
    while start < end:
        monday = clock.week_start(start) + timedelta(days=7)
        parts.append((start, min(end, monday)))
        start = monday
    return parts
