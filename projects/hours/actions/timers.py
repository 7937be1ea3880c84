"""The timer: server time only, one per expert, never past the weekly cap."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor, System
from marketplace.kernel.errors import Refused, WrongState
from marketplace.notices.actions import notify
from projects.hiring.enums import ContractState
from projects.hours.actions import weeks
from projects.hours.enums import IDLE_SECONDS, EntrySource
from projects.hours.models import TimeEntry, Timer, Timesheet

SWEEP_LIMIT = 500


@transaction.atomic(durable=True)
def start_timer(*, contract_id: UUID, by: User, memo: str, zone: str, now: datetime) -> Timer:
    """
    Start the clock on a contract, once this week's money is reserved.

    Two timers racing for the last funded hour: the floor of the project's funds lets one start.

    :raises WrongState: if a timer runs already or the contract is not active.
    :raises InsufficientFunds: if the project cannot cover the week.
    """
    contract = weeks.lock_contract(contract_id, by)
    if contract.state != ContractState.ACTIVE:
        raise WrongState("This contract is not active, so its timer cannot start.")
    running = Timer.objects.filter(user=by).select_related("contract__project").first()
    if running is not None:
        raise WrongState(f"Your timer already runs on {running.contract.project.title}. Stop it first.")
    period = clock.period_of(now)
    sheet = weeks.open_week(contract, period, now=now)
    if seconds_left(sheet) < 60:
        raise Refused("Your hours of this week are used up. The next week begins on Monday at 00:00 UTC.")
    timer = Timer.objects.create(
        user=by, contract=contract, started_at=now, heartbeat_at=now, memo=memo[:300], zone=zone
    )
    record(what="hours.start_timer", by=by, about=("contract", contract.public_id), now=now)
    weeks.reserve_week(contract, period, by=by, now=now)
    return timer


def seconds_left(sheet: Timesheet) -> int:
    """Return how many seconds the weekly cap still allows."""
    return weeks.version_of(sheet.contract).weekly_cap_minutes * 60 - weeks.seconds_used(sheet)


@transaction.atomic(durable=True)
def beat_timer(*, by: User, now: datetime) -> Timer | None:
    """Say that the page with the timer is open and somebody is there. Without it the timer stops by itself."""
    timer: Timer | None = Timer.objects.select_for_update(of=("self",), no_key=True).filter(user=by).first()
    if timer is not None and timer.heartbeat_at < now:
        timer.heartbeat_at = now
        timer.save(update_fields=["heartbeat_at"])
    return timer


@transaction.atomic(durable=True)
def stop_timer(*, by: User, memo: str | None = None, now: datetime) -> list[TimeEntry]:
    """
    Stop the clock and make entries of it; stopping a stopped timer does nothing.

    Time after the last sign of life beyond ten minutes is left out, and so is time past the weekly cap.
    """
    timer = Timer.objects.filter(user=by).select_related("contract").first()
    if timer is None:
        return []
    return _stop(timer, by=by, actor=by, end=min(now, _alive_until(timer)), memo=memo, now=now)


def stop_abandoned_timers(*, now: datetime) -> int:
    """Stop timers whose page was closed or whose week is full; each in its own transaction. Return how many."""
    ids = list(Timer.objects.order_by("heartbeat_at").values_list("user_id", flat=True)[:SWEEP_LIMIT])
    return sum(_stop_if_over(user_id, now=now) for user_id in ids)


@transaction.atomic(durable=True)
def _stop_if_over(user_id: int, *, now: datetime) -> bool:
    timer = Timer.objects.filter(user_id=user_id).select_related("contract", "user").first()
    if timer is None:
        return False
    abandoned = timer.heartbeat_at + timedelta(seconds=IDLE_SECONDS) <= now
    full = _cap_moment(timer) <= now
    if not abandoned and not full:
        return False
    end = min(now, _alive_until(timer) if not abandoned else timer.heartbeat_at)
    _stop(timer, by=timer.user, actor=System("clock"), end=end, memo=None, now=now)
    title = "Your hours of this week are used up" if full else "Your timer has stopped"
    reason = (
        "The timer stopped at the weekly limit of your contract."
        if full
        else "The page with the timer was closed or idle for ten minutes, so it stopped at the last sign of you. "
        "If you worked on, add the time by hand."
    )
    notify(user=timer.user, kind="hours", title=title, body=reason, path="/me/hours/", now=now)
    return True


def _stop(timer: Timer, *, by: User, actor: Actor, end: datetime, memo: str | None, now: datetime) -> list[TimeEntry]:
    contract = weeks.lock_contract(timer.contract.public_id, by)
    locked = Timer.objects.select_for_update(of=("self",), no_key=True).filter(pk=timer.pk).first()
    if locked is None:
        return []
    end = min(end, _cap_moment(locked))
    started, words, zone = locked.started_at, memo if memo is not None else locked.memo, locked.zone
    locked.delete()
    record(
        what="hours.stop_timer", by=actor, about=("contract", contract.public_id), now=now,
        after={"seconds": max(0, int((end - started).total_seconds()))},
    )  # fmt: skip
    if end - started < timedelta(seconds=1):
        return []
    entries = weeks.write_entries(
        contract, started, end, by=by, now=now, source=EntrySource.TIMER, memo=words[:300], zone=zone
    )
    for entry in entries[1:]:
        weeks.reserve_week(contract, clock.period_of(entry.during.lower), by=by, now=now)
    return entries


def _alive_until(timer: Timer) -> datetime:
    return timer.heartbeat_at + timedelta(seconds=IDLE_SECONDS)


def _cap_moment(timer: Timer) -> datetime:
    """The moment when this timer reaches the weekly cap of the week it began in."""
    period = clock.period_of(timer.started_at)
    sheet = Timesheet.objects.filter(contract=timer.contract, period=period).select_related("contract__current_version")
    first = sheet.first()
    return timer.started_at + timedelta(seconds=max(0, seconds_left(first))) if first else timer.started_at
