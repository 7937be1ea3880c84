"""The timer: server time only, one per expert, never past the weekly cap, never past the last sign of the person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor, System
from marketplace.kernel.errors import Refused, WrongState
from marketplace.kernel.sweeping import each
from payments.ledger.errors import InsufficientFunds
from projects.hiring.enums import ContractState
from projects.hours.actions import weeks
from projects.hours.actions.funds import ask_for_funds, tell_managers
from projects.hours.actions.stops import tell_why
from projects.hours.enums import AWAY_AFTER, IDLE_AFTER, LONGEST, EntrySource, StopReason
from projects.hours.models import TimeEntry, Timer
from projects.hours.ranges import split_at_weeks, whole_second
from projects.listings.enums import ProjectState

SWEEP_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Stopped:
    """What stopping has written, the moment up to which time counts, and why it is that one."""

    entries: list[TimeEntry]
    at: datetime
    reason: StopReason


@dataclass(frozen=True, slots=True)
class Beat:
    """What a sign of life found: the timer while it runs, or how it has just stopped; neither if none was running."""

    timer: Timer | None = None
    stopped: Stopped | None = None


def start_timer(*, contract_id: UUID, by: User, memo: str, zone: str, now: datetime) -> Timer:
    """
    Start the clock on a contract, once this week's money is reserved.

    Two timers racing for the last funded hour: the floor of the project's funds lets one start.

    :raises WrongState: if a timer runs already or the contract is not active.
    :raises InsufficientFunds: if the project cannot cover the week; the lab is asked for funds then.
    """
    try:
        return _start(contract_id=contract_id, by=by, memo=memo, zone=zone, now=whole_second(now))
    except InsufficientFunds:
        ask_for_funds(contract_id=contract_id, now=now)
        raise


@transaction.atomic(durable=True)
def _start(*, contract_id: UUID, by: User, memo: str, zone: str, now: datetime) -> Timer:
    contract = weeks.lock_contract(contract_id, by)
    if contract.state != ContractState.ACTIVE or (contract.last_moment is not None and contract.last_moment <= now):
        raise WrongState("This contract is not active, so its timer cannot start.")
    weeks.refuse_before_first_day(contract, now, by)
    running = Timer.objects.filter(user=by).select_related("contract__project").first()
    if running is not None:
        raise WrongState(f"Your timer already runs on {running.contract.project.title}. Stop it first.")
    # `now` was read before the locks: a stop that had them first may have written time up to a little later.
    begins = max(now, weeks.free_from(by, now))
    period = clock.period_of(begins)
    weeks.require_reservable(contract, period)
    sheet = weeks.open_week(contract, period, now=now)
    if weeks.seconds_left(sheet) < 60:
        raise Refused("Your hours of this week are used up. The next week begins on Monday at 00:00 UTC.")
    timer: Timer = Timer.objects.create(
        user=by, contract=contract, started_at=begins, heartbeat_at=begins, memo=memo.strip()[:300], zone=zone
    )
    record(what="hours.start_timer", by=by, about=("contract", contract.public_id), now=now)
    weeks.reserve_week(contract, period, by=by, now=now)
    return timer


@transaction.atomic(durable=True)
def beat_timer(*, by: User, now: datetime, idle_seconds: int = 0, was_working: bool = False) -> Beat:
    """
    Take a sign of life from the page with the timer; stop the timer if it is over by its own rules.

    :param idle_seconds: how long ago the page saw the last input. It can only make the time shorter.
    :param was_working: the answer to the idle question; the gap then counts, and the lab sees how long it was.
    """
    timer = _locked_timer(by)
    if timer is None:
        return Beat()
    now = whole_second(now)
    over = _over(timer, now=now)
    if over is not None:
        return Beat(stopped=_finish(timer, over, actor=System("clock"), now=now))
    gap = _gap_seconds(timer, now)
    if was_working:
        timer.idle_seconds += gap
        timer.heartbeat_at = now
    elif not gap:  # Once the question stands, a hand on the mouse is no answer to it.
        heard = now - timedelta(seconds=max(0, idle_seconds))
        timer.heartbeat_at = max(timer.heartbeat_at, heard)
    monday = clock.week_start(now)
    if timer.started_at < monday <= timer.heartbeat_at:
        stopped = _roll_over(timer, monday, now=now)
        if stopped is not None:
            return Beat(stopped=stopped)
    timer.save(update_fields=["started_at", "heartbeat_at", "idle_seconds"])
    return Beat(timer=timer)


def _gap_seconds(timer: Timer, now: datetime) -> int:
    """Return how long nothing was heard, if that was long enough to ask about it."""
    gap = now - timer.heartbeat_at
    return int(gap.total_seconds()) if gap >= IDLE_AFTER else 0


@transaction.atomic(durable=True)
def stop_timer(*, by: User, memo: str | None = None, leave_out_idle: bool = False, now: datetime) -> Stopped | None:
    """
    Stop the clock and make entries of it; stopping a stopped timer does nothing.

    Time after the last sign of a person who was away is left out, and so is time past the weekly cap.

    :param leave_out_idle: the answer to the idle question; time then counts to the last input only.
    """
    timer = _locked_timer(by)
    if timer is None:
        return None
    now = whole_second(now)
    until = timer.heartbeat_at if leave_out_idle else now
    if not leave_out_idle:
        timer.idle_seconds += _gap_seconds(timer, now)
    over = _over(timer, now=now)
    asked = _Ending(until, StopReason.ASKED)
    ending = over if over is not None and over.at < until else asked
    return _finish(timer, ending, actor=by, now=now, memo=memo)


def stop_abandoned_timers(*, now: datetime) -> int:
    """
    Stop the timers of people who are away; each in its own transaction. Return how many.

    Nothing else needs a sweep: whoever is there sends a sign each minute, which stops a full week to the second and
    carries the timer over Monday 00:00 UTC.
    """
    ids = Timer.objects.abandoned(now).values_list("user_id", flat=True)[:SWEEP_LIMIT]
    return each(list(ids), lambda user_id: _look_after(user_id, now=whole_second(now)), sweep="hours.timers")


@transaction.atomic(durable=True)
def _look_after(user_id: int, *, now: datetime) -> bool:
    timer = _locked_timer(User.objects.get(pk=user_id))
    if timer is None:
        return False
    over = _over(timer, now=now)
    if over is None:  # a sign of life came while this one waited for the lock
        return False
    _finish(timer, over, actor=System("clock"), now=now)
    return True


def _locked_timer(by: User) -> Timer | None:
    """Return the person's timer with its contract, both locked; whoever changes a timer holds its expert's lock."""
    if not Timer.objects.filter(user=by).exists():
        return None
    weeks.lock_expert(by)
    timer: Timer | None = Timer.objects.filter(user=by).select_related("user", "contract").first()
    if timer is not None:
        timer.contract = weeks.lock_contract(timer.contract.public_id, by)
    return timer


@dataclass(frozen=True, slots=True)
class _Ending:
    at: datetime
    reason: StopReason


def _over(timer: Timer, *, now: datetime) -> _Ending | None:
    """Return the first moment at which the timer's own rules end it, if that has come."""
    endings = [_Ending(timer.started_at + LONGEST, StopReason.LONGEST)]
    if timer.heartbeat_at + AWAY_AFTER <= now:
        endings.append(_Ending(timer.heartbeat_at, StopReason.AWAY))
    last = timer.contract.last_moment
    if last is not None:
        endings.append(_Ending(max(timer.started_at, whole_second(last)), StopReason.ENDED))
    period = clock.period_of(timer.started_at)
    sheet = weeks.open_week(timer.contract, period, now=now, from_timer=True)
    full_at = timer.started_at + timedelta(seconds=weeks.seconds_left(sheet))
    if full_at < clock.ends_at(period):
        endings.append(_Ending(full_at, StopReason.CAP))
    first = min(endings, key=lambda ending: ending.at)
    return first if first.at <= now else None


def _finish(timer: Timer, ending: _Ending, *, actor: Actor, now: datetime, memo: str | None = None) -> Stopped:
    """Take the timer away and write its time up to the ending, or less where a new week could not begin."""
    began, until, reason = timer.started_at, ending.at, ending.reason
    if memo is not None:
        timer.memo = memo.strip()[:300]
    timer.delete()
    entries: list[TimeEntry] = []
    for start, end in split_at_weeks(began, until) if until > began else []:
        refusal = _enter_week(timer, clock.period_of(start), now=now) if start > began else None
        if refusal is not None:
            until, reason = start, refusal
            break
        entry = _write(timer, start, end, now=now)
        entries += [entry] if entry else []
        written = entry.during.upper if entry else start
        if written < end:  # the second week is full
            until, reason = written, StopReason.CAP
            break
    stopped = Stopped(entries, until, reason)
    record(
        what="hours.stop_timer", by=actor, about=("contract", timer.contract.public_id), now=now,
        after={"seconds": int((until - began).total_seconds()), "reason": reason.value},
    )  # fmt: skip
    tell_why(timer, at=until, reason=reason, now=now)
    return stopped


def _roll_over(timer: Timer, monday: datetime, *, now: datetime) -> Stopped | None:
    """
    Write the time up to Monday 00:00 UTC and let the timer go on in the new week, once its money is reserved.

    Return how it stopped if the new week cannot begin.
    """
    refusal = _enter_week(timer, monday.date(), now=now)
    if refusal is not None:
        return _finish(timer, _Ending(monday, refusal), actor=System("clock"), now=now)
    for start, end in split_at_weeks(timer.started_at, monday):
        _write(timer, start, end, now=now)
    timer.started_at = monday
    return None


def _enter_week(timer: Timer, period: date, *, now: datetime) -> StopReason | None:
    """Reserve a later week for the running timer; return why it cannot be, for the timer must stop all the same."""
    contract = timer.contract
    # The last week of a contract that has ended is worked up to its end.
    if contract.state == ContractState.PAUSED or contract.project.state == ProjectState.PAUSED:
        return StopReason.PAUSED
    try:
        with transaction.atomic():
            weeks.reserve_week(contract, period, by=timer.user, now=now)
    except InsufficientFunds:
        tell_managers(contract, now=now)
        return StopReason.UNFUNDED
    return None


def _write(timer: Timer, start: datetime, end: datetime, *, now: datetime) -> TimeEntry | None:
    """Write one week's part of a timer, cut at the weekly cap; the idle time stands on the first part."""
    sheet = weeks.open_week(timer.contract, clock.period_of(start), now=now, from_timer=True)
    end = min(end, start + timedelta(seconds=weeks.seconds_left(sheet)))
    if end <= start:
        return None
    entry: TimeEntry = TimeEntry.objects.create(
        user=timer.user,
        timesheet=sheet,
        during=DateTimeTZRange(start, end),
        source=EntrySource.TIMER,
        memo=timer.memo,
        zone=timer.zone,
        idle_seconds=min(timer.idle_seconds, int((end - start).total_seconds())),
        created_at=now,
    )
    timer.idle_seconds = 0
    return entry
