"""Four weeks of hours and pay of the demonstration world, and the week that runs, on the product's own clock."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from marketplace.accounts.models import User
from marketplace.demo.actions.clock import tell_stand_in
from marketplace.demo.actions.people import personas
from marketplace.demo.world.standin import order
from marketplace.kernel import clock
from payments.payouts.actions.approval import approve_run, execute_run
from payments.payouts.actions.holds import place_hold
from payments.payouts.actions.jobs import deliver_event, perform_job
from payments.payouts.actions.reconciliation import reconcile_all
from payments.payouts.actions.runs import ask_to_compute, create_run
from payments.payouts.actions.sending import send_item
from payments.payouts.enums import HoldReason, RunState
from payments.payouts.models import PayItem, PayoutAccount, PayoutEvent, PayoutJob, PayRun
from projects.hiring.models import Contract
from projects.hours.actions.entries import add_entry
from projects.hours.actions.timesheets import approve_by_silence, close_weeks
from projects.hours.models import TimeEntry

MEMOS = (
    "Reviewed the morning's tasks",
    "Corrections sent back on Monday",
    "New batch, first ten",
    "Long answers",
    "Calibration",
)
WEEKS_BACK = 4
HELD = "The name at the bank is spelled differently; asked the payee for a statement."


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of work to be logged, UTC."""

    contract: Contract
    start: datetime
    end: datetime
    memo: str


@dataclass(slots=True)
class Diary:
    """What each expert does when; nobody works twice at once."""

    busy: dict[int, list[tuple[datetime, datetime]]] = field(default_factory=dict)

    def is_free(self, user: User, start: datetime, end: datetime) -> bool:
        """Tell whether the time is free, and take it if it is."""
        taken = self.busy.setdefault(user.pk, [])
        if any(start < until and since < end for since, until in taken):
            return False
        taken.append((start, end))
        return True


def live_through_weeks(*, now: datetime) -> None:
    """
    Let the contracts work from four weeks ago until now; pay each week that is due.

    The last run that is due stays computed and waits for a second person. In the run before it one payout fails,
    because Stripe wanted more from the payee; finance can try it again.
    """
    people = personas()
    rows = Contract.objects.select_related("expert__user", "current_version", "offer").order_by("pk")
    contracts = list(rows)
    chance, diary = random.Random(2026), Diary()
    logged = set(TimeEntry.objects.values_list("timesheet__contract_id", "during__startswith"))
    current = clock.period_of(now)
    periods = [current - timedelta(weeks=back) for back in range(WEEKS_BACK, -1, -1)]
    due = [period for period in periods if _thursday(period) <= now]
    for period in periods:
        for piece in _pieces(contracts, period, chance, diary, now=now):
            if (piece.contract.pk, piece.start) not in logged:
                _log(piece)
        close_weeks(now=min(now, clock.ends_at(period) + timedelta(hours=12, minutes=1)))
        approve_by_silence(now=min(now, clock.ends_at(period) + timedelta(days=3, minutes=1)))
        if period not in due:
            continue
        fails = contracts[-1].expert.user if period == due[-2] else None
        run = _compute_run(period, by=people["preparer"])
        if period != due[-1]:
            _pay_run(run, preparer=people["preparer"], approver=people["approver"], fails=fails)
    held = contracts[-3].expert.user
    place_hold(
        payee=held, reason=HoldReason.MANUAL, words=HELD, expires_at=now + timedelta(days=9), by=people["preparer"],
        now=now - timedelta(hours=2),
    )  # fmt: skip
    tell_stand_in(clock.offset())
    reconcile_all(now=now)


def _thursday(period: date) -> datetime:
    return clock.ends_at(period) + timedelta(days=3, hours=8)


# ------------------------------------------------------------------------------------------------------------- hours


def _pieces(
    contracts: list[Contract], period: date, chance: random.Random, diary: Diary, *, now: datetime
) -> list[Piece]:
    """Plan the pieces of work of a week; what would lie in the future, or before the contract, is left out."""
    pieces = []
    for number, contract in enumerate(contracts):
        version = contract.current_version
        left = int((version.weekly_cap_minutes if version else 0) * chance.uniform(0.45, 0.95))
        rests = number > 1 and chance.random() < 0.2
        for day in sorted(chance.sample(range(6), 4 if number == 0 else chance.randint(1, 3))):
            minutes = min(left, chance.choice([130, 155, 180, 215, 240, 290]))
            start = clock.starts_at(period) + timedelta(
                days=day, hours=chance.randint(7, 17), minutes=chance.choice([0, 5, 20, 40])
            )
            end, memo = start + timedelta(minutes=minutes), chance.choice(MEMOS)
            is_under_contract = start >= contract.started_at + timedelta(days=2)
            if rests or minutes < 30 or end > now or not is_under_contract:
                continue
            if diary.is_free(contract.expert.user, start, end):
                left -= minutes
                pieces.append(Piece(contract, start, end, memo))
    return pieces


def _log(piece: Piece) -> None:
    user = piece.contract.expert.user
    add_entry(
        contract_id=piece.contract.public_id, by=user, start=piece.start, end=piece.end, memo=piece.memo,
        zone=user.time_zone, now=piece.end + timedelta(minutes=3),
    )  # fmt: skip


# --------------------------------------------------------------------------------------------------------------- pay


def _compute_run(period: date, *, by: User) -> PayRun:
    """Draft the run of a week on its Thursday and have it computed, unless that was done."""
    thursday = _thursday(period)
    tell_stand_in(thursday - clock.now() + clock.offset())
    run = PayRun.objects.filter(period=period, currency="USD").first()
    if run is None:
        run = create_run(period=period, currency="USD", by=by, now=thursday)
    if run.state == RunState.DRAFT:
        _work_off(thursday)
        ask_to_compute(run_id=run.public_id, by=by, now=thursday)
        _work_off(thursday)
        run.refresh_from_db()
    return run


def _pay_run(run: PayRun, *, preparer: User, approver: User, fails: User | None) -> None:
    """Approve a run, send it on Friday and reconcile it, from wherever it stands."""
    thursday = _thursday(run.period)
    friday = thursday + timedelta(days=1)
    if run.state == RunState.COMPUTED:
        run = approve_run(
            run_id=run.public_id, sha256=run.computed_sha256, comment="Checked totals and first payouts.", by=approver,
            now=thursday + timedelta(hours=2),
        )  # fmt: skip
    tell_stand_in(friday - clock.now() + clock.offset())
    _set_account(fails, "restricted")
    if run.state == RunState.APPROVED:
        run = execute_run(run_id=run.public_id, by=preparer, now=friday)
    moment = friday
    while run.state == RunState.EXECUTING and moment < friday + timedelta(hours=1):
        _work_off(moment)
        for item_id in PayItem.objects.sendable(moment).filter(run=run).values_list("public_id", flat=True):
            send_item(item_id=item_id, now=moment)
        moment += timedelta(minutes=10)  # Longer than the lease of an item that a stopped try had in hand.
        run.refresh_from_db()
    _work_off(moment)
    _set_account(fails, "active")


def _set_account(user: User | None, status: str) -> None:
    account = PayoutAccount.objects.filter(user=user).first() if user is not None else None
    if account is not None:
        order("account", {"account": account.stripe_account_id, "status": status})


def _work_off(now: datetime) -> None:
    """Do what the money worker would: events, then jobs, until nothing is due."""
    for _round in range(20):
        events = list(PayoutEvent.objects.due(now).values_list("pk", flat=True))
        jobs = list(PayoutJob.objects.due(now).values_list("pk", flat=True))
        for event_id in events:
            deliver_event(event_id=event_id, now=now)
        for job_id in jobs:
            perform_job(job_id=job_id, now=now)
        if not events and not jobs:
            return
