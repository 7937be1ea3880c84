"""Four weeks of hours and pay of the demonstration world, lived through on the product's own clock."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from marketplace.accounts.models import User
from marketplace.demo.actions.clock import tell_stand_in
from marketplace.demo.world.standin import order
from marketplace.kernel import clock
from marketplace.kernel.errors import Refused
from payments.payouts.actions.approval import approve_run, execute_run
from payments.payouts.actions.jobs import deliver_event, perform_job
from payments.payouts.actions.reconciliation import reconcile_all
from payments.payouts.actions.runs import ask_to_compute, create_run
from payments.payouts.actions.sending import send_item
from payments.payouts.enums import ItemState
from payments.payouts.models import PayItem, PayoutAccount, PayoutEvent, PayoutJob, PayRun
from projects.hiring.models import Contract
from projects.hours.actions.entries import add_entry
from projects.hours.actions.timesheets import approve_by_silence, close_weeks

MEMOS = (
    "Reviewed the morning's tasks",
    "Corrections sent back on Monday",
    "New batch, first ten",
    "Long answers",
    "Calibration",
)
WEEKS_BACK = 4


def live_through_weeks(
    contracts: list[Contract], *, preparer: User, approver: User, failing: User, now: datetime
) -> Iterator[str]:
    """
    Let the contracts work from four weeks ago until now; pay each week that is due.

    The run of the last week that is approved stays computed and waits for a second person. In the first run one
    payout fails, because the payee's account was closed.
    """
    current = clock.period_of(now)
    periods = [current - timedelta(weeks=back) for back in range(WEEKS_BACK, -1, -1)]
    chance = random.Random(2026)
    due = [period for period in periods if _thursday(period) <= now]
    for period in periods:
        work_week(contracts, period, chance, now=now)
        close_weeks(now=min(now, clock.ends_at(period) + timedelta(hours=12, minutes=1)))
        approve_by_silence(now=min(now, clock.ends_at(period) + timedelta(days=3, minutes=1)))
        if period in due:
            pay_week(period, preparer=preparer, approver=None if period == due[-1] else approver,
                     failing=failing if period == due[0] else None)  # fmt: skip
        yield clock.period_label(period)
    tell_stand_in(clock.offset())
    reconcile_all(now=now)


def _thursday(period: date) -> datetime:
    return clock.ends_at(period) + timedelta(days=3, hours=8)


def work_week(contracts: list[Contract], period: date, chance: random.Random, *, now: datetime) -> None:
    """Log two to four pieces of work for each contract; what would lie in the future is left out."""
    for contract in contracts:
        cap = contract.current_version.weekly_cap_minutes if contract.current_version else 0
        left = int(cap * chance.uniform(0.45, 0.95))
        for day in sorted(chance.sample(range(6), chance.randint(2, 4))):
            minutes = min(left, chance.choice([95, 130, 155, 180, 215, 240]))
            start = clock.starts_at(period) + timedelta(
                days=day, hours=chance.randint(7, 17), minutes=chance.choice([0, 5, 20, 40])
            )
            end = start + timedelta(minutes=minutes)
            if minutes < 30 or end > now or start < contract.started_at:
                continue
            left -= minutes
            _log(contract, start, end, chance)


def _log(contract: Contract, start: datetime, end: datetime, chance: random.Random) -> None:
    user = contract.expert.user
    try:
        add_entry(
            contract_id=contract.public_id, by=user, start=start, end=end, memo=chance.choice(MEMOS),
            zone=user.time_zone, now=end + timedelta(minutes=3),
        )  # fmt: skip
    except Refused:
        return  # Two contracts of one person wanted the same hour: nobody works twice at once.


def pay_week(period: date, *, preparer: User, approver: User | None, failing: User | None) -> PayRun:
    """Compute the run of a week on its Thursday; with an approver also send it on Friday and reconcile it."""
    thursday = _thursday(period)
    tell_stand_in(thursday - clock.now() + clock.offset())
    run = create_run(period=period, currency="USD", by=preparer, now=thursday)
    work_off(thursday)
    ask_to_compute(run_id=run.public_id, by=preparer, now=thursday)
    work_off(thursday)
    run.refresh_from_db()
    if approver is None:
        return run
    run = approve_run(
        run_id=run.public_id, sha256=run.computed_sha256, comment="Checked totals and first payouts.", by=approver,
        now=thursday + timedelta(hours=2),
    )  # fmt: skip
    friday = thursday + timedelta(days=1)
    tell_stand_in(friday - clock.now() + clock.offset())
    if failing is not None:
        _set_account(failing, "restricted")
    execute_run(run_id=run.public_id, by=preparer, now=friday)
    work_off(friday)
    for item_id in PayItem.objects.filter(run=run, state=ItemState.QUEUED).values_list("public_id", flat=True):
        send_item(item_id=item_id, now=friday)
    work_off(friday + timedelta(minutes=1))
    if failing is not None:
        _set_account(failing, "active")
    run.refresh_from_db()
    return run


def _set_account(user: User, status: str) -> None:
    account = PayoutAccount.objects.filter(user=user).first()
    if account is not None:
        order("account", {"account": account.stripe_account_id, "status": status})


def work_off(now: datetime) -> None:
    """Do what the money worker would: events, then jobs, until nothing is due."""
    for _round in range(20):
        events = list(PayoutEvent.objects.due(now).values_list("pk", flat=True))
        work = list(PayoutJob.objects.due(now).values_list("pk", flat=True))
        for event_id in events:
            deliver_event(event_id=event_id, now=now)
        for job_id in work:
            perform_job(job_id=job_id, now=now)
        if not events and not work:
            return
