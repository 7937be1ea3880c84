"""
Steps that timers and entries share. None is an action: each needs the open transaction of its caller.

Lock order, everywhere in this room: expert, contract, timesheet, weekly reserve, then the ledger's accounts.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Func, Sum

from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.errors import Invalid, NotAllowed, Refused, WrongState
from marketplace.kernel.money import format_money
from payments.ledger import actions as ledger
from payments.ledger.enums import AccountCode, EntryKind
from payments.ledger.errors import InsufficientFunds
from projects.hiring.enums import ContractState
from projects.hiring.models import Contract
from projects.hiring.queries import version_of_week
from projects.hours.enums import REVIEW_CLOSES_DAYS, SELF_CORRECTION_HOURS, EntrySource, TimesheetState
from projects.hours.localtime import here
from projects.hours.models import TimeEntry, Timer, Timesheet, WeeklyReserve
from projects.hours.queries import reserve_for
from projects.hours.ranges import split_at_weeks
from projects.listings.enums import ProjectState


def lock_expert(by: User) -> None:
    """
    Make everything that one expert does with time happen one after the other.

    :raises NotAllowed: if the person is no expert.
    """
    if Expert.objects.select_for_update(of=("self",), no_key=True).filter(user=by).first() is None:
        raise NotAllowed("You can log hours on your own contracts only.")


def lock_contract(contract_id: UUID, by: User) -> Contract:
    """
    Lock the expert and then the contract.

    :raises NotAllowed: if it is somebody else's contract.
    """
    lock_expert(by)
    # Without the version: what is joined is as old as the statement, which may have waited for the lock.
    rows = Contract.objects.select_related("expert", "project", "lab", "offer")
    contract: Contract = rows.select_for_update(of=("self",), no_key=True).get(public_id=contract_id)
    if contract.expert.user_id != by.pk:
        raise NotAllowed("You can log hours on your own contracts only.")
    return contract


def refuse_before_first_day(contract: Contract, start: datetime, by: User) -> None:
    """
    Refuse time before the first day that the offer names; the day has come once it has in the expert's zone or in UTC.

    :raises Refused: naming the day.
    """
    first = contract.offer.starts_on
    if max(here(start, by).date(), start.astimezone(UTC).date()) < first:
        raise Refused(f"This contract begins on {first:%-d %B}. Hours before that day cannot be logged.", field="day")


def open_week(contract: Contract, period: date, *, now: datetime, from_timer: bool = False) -> Timesheet:
    """
    Return the open timesheet of a week, locked; the first time, open it.

    :param from_timer: a stopped timer may still be written after the time for corrections, until the week is submitted.
    :raises WrongState: if the week was submitted, or its time for corrections is over.
    """
    monday = clock.ends_at(period)
    rows = Timesheet.objects.select_for_update(of=("self",), no_key=True)
    locked: Timesheet | None = rows.filter(contract=contract, period=period).first()
    if locked is None:  # The contract is locked, so nobody else opens the same week meanwhile.
        locked = Timesheet.objects.create(
            contract=contract,
            period=period,
            correction_ends_at=monday + timedelta(hours=SELF_CORRECTION_HOURS),
            review_ends_at=monday + timedelta(days=REVIEW_CLOSES_DAYS),
        )
    if locked.state != TimesheetState.OPEN:
        raise WrongState(f"The week of {period:%-d %B} was handed to the lab, so its hours can no longer be changed.")
    if locked.correction_ends_at <= now and not from_timer:
        raise WrongState(
            f"The week of {period:%-d %B} closed on Monday at 12:00 UTC. Its hours can no longer be changed."
        )
    locked.contract = contract
    return locked


def require_reservable(contract: Contract, period: date) -> None:
    """
    Let an active contract of a running project begin a week; one that is paused goes on only in a week that was reserved
    before, and so does every contract of a project that its lab has paused.

    :raises WrongState: in words, if it may not.
    """
    last = contract.last_moment
    if last is not None and last <= clock.starts_at(period):
        raise WrongState("This contract has ended. Hours after its end cannot be logged.")
    is_paused = contract.project.state == ProjectState.PAUSED
    if contract.state == ContractState.ENDED or (contract.state == ContractState.ACTIVE and not is_paused):
        return
    if not WeeklyReserve.objects.filter(contract=contract, period=period).exists():
        what = "contract" if contract.state == ContractState.PAUSED else "project"
        raise WrongState(f"This {what} is paused. Only weeks whose pay was set aside before the pause can be logged.")


def reserve_week(contract: Contract, period: date, *, by: Actor, now: datetime) -> None:
    """
    Hold the charge for the weekly cap plus rounding, once per week. Posts to the ledger, so call it last.

    :raises InsufficientFunds: if the project's funds do not cover it; nothing of the hold was written then.
    """
    amount = reserve_for(contract, period)
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
            f"The project's funds do not cover this week any more: {format_money(amount, contract.currency)} must be "
            "set aside before time counts. The lab was asked to add funds; nothing you have logged is touched.",
            **error.facts,
        ) from error


def seconds_used(sheet: Timesheet) -> int:
    """Return the seconds that the entries of a timesheet hold."""
    bounds = [Func(F("during"), function=side, output_field=DateTimeField()) for side in ("upper", "lower")]
    length = ExpressionWrapper(bounds[0] - bounds[1], output_field=DurationField())
    total = TimeEntry.objects.filter(timesheet=sheet).aggregate(total=Sum(length))["total"]
    return int(total.total_seconds()) if total else 0


def seconds_left(sheet: Timesheet) -> int:
    """Return how many seconds the weekly cap still allows beside the entries; a running timer is not counted."""
    return max(0, version_of_week(sheet.contract, sheet.period).weekly_cap_minutes * 60 - seconds_used(sheet))


def running_seconds(contract: Contract, period: date, *, now: datetime) -> int:
    """Return what the contract's running timer has used of a week so far: the cap counts it too (reference E.9)."""
    timer = Timer.objects.filter(contract=contract).first()
    if timer is None:
        return 0
    start, end = max(timer.started_at, clock.starts_at(period)), min(now, clock.ends_at(period))
    return max(0, int((end - start).total_seconds()))


def free_from(by: User, moment: datetime) -> datetime:
    """Return the first moment from this one on that no entry of the expert covers or follows."""
    later = TimeEntry.objects.filter(user=by, during__overlap=DateTimeTZRange(moment, None)).order_by("-during").first()
    return later.during.upper if later is not None else moment


def refuse_overlap(by: User, start: datetime, end: datetime, *, except_entry: int | None = None) -> None:
    """
    Refuse time that the expert already has, on any contract. The exclusion constraint stands behind this.

    :raises Refused: naming the entry or the running timer, in the person's own zone.
    """
    others = TimeEntry.objects.filter(user=by, during__overlap=DateTimeTZRange(start, end)).exclude(
        pk=except_entry or 0
    )
    other = others.order_by("during").values_list("during", "timesheet__contract__project__title").first()
    if other is not None:
        during, title = other
        since, until = here(during.lower, by), here(during.upper, by)
        raise Refused(
            f"You already have {since:%H:%M} to {until:%H:%M} on {since:%-d %B}, {title}. One thing at a time.",
            field="start",
        )
    timer = Timer.objects.filter(user=by, started_at__lt=end).first()
    if timer is not None:
        raise Refused(
            f"Your timer has been running since {here(timer.started_at, by):%H:%M}. Stop it first.", field="end"
        )


def refuse_over_cap(sheet: Timesheet, wanted: int, *, now: datetime, given_back: int = 0) -> None:
    """
    Refuse time beyond the weekly cap. Entries and the running timer count.

    :param wanted: seconds to be written.
    :param given_back: seconds of the entry that is replaced.
    :raises Refused: with the time that is left.
    """
    left = max(0, seconds_left(sheet) + given_back - running_seconds(sheet.contract, sheet.period, now=now))
    if wanted > left:
        raise Refused(
            f"The weekly limit leaves {left // 3600} h {left % 3600 // 60} min in the week of {sheet.period:%-d %B}.",
            field="end",
        )


def write_by_hand(
    contract: Contract, start: datetime, end: datetime, *, by: User, now: datetime, memo: str, zone: str
) -> list[TimeEntry]:
    """
    Write a range of work, split at Monday 00:00 UTC, within the weekly cap; return the entries.

    :raises WrongState: if a week is closed, or the contract does not allow it any more.
    :raises Refused: if the week's cap would be exceeded, with the time that is left.
    """
    entries = []
    for part_start, part_end in split_at_weeks(start, end):
        period = clock.period_of(part_start)
        require_reservable(contract, period)
        sheet = open_week(contract, period, now=now)
        refuse_over_cap(sheet, int((part_end - part_start).total_seconds()), now=now)
        entries.append(
            TimeEntry.objects.create(
                user=by,
                timesheet=sheet,
                during=DateTimeTZRange(part_start, part_end),
                source=EntrySource.MANUAL,
                memo=memo,
                zone=zone,
                created_at=now,
            )
        )
    return entries


def refuse_outside(contract: Contract, start: datetime, end: datetime, *, by: User) -> None:
    """
    Refuse time outside the contract.

    :raises Invalid: if it begins before the contract did.
    :raises Refused: if it begins before the first day that was agreed, or ends after the contract.
    """
    if start < contract.started_at:
        since = here(contract.started_at, by)
        raise Invalid(
            f"The contract began on {since:%-d %B at %H:%M}. Time before that cannot be logged.", field="start"
        )
    refuse_before_first_day(contract, start, by)
    if contract.last_moment is not None and end > contract.last_moment:
        until = here(contract.last_moment, by)
        raise WrongState(f"The contract ended on {until:%-d %B at %H:%M}. Time after that cannot be logged.")
