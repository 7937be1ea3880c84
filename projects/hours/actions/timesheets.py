"""The week's end: submitting, approving, charging. Silence approves."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor, System
from marketplace.kernel.errors import NotAllowed, WrongState
from marketplace.kernel.ids import PAY_LINE_NAMESPACE, named_id
from marketplace.kernel.money import RULE_VERSION, fee_on, format_money, pay_for_minutes
from marketplace.kernel.states import require_move
from marketplace.notices.actions import notify
from payments.ledger import actions as ledger
from payments.ledger.enums import AccountCode, EntryKind
from projects.hours.enums import (
    PAY_LINE_MOVES,
    RESERVE_MOVES,
    TIMESHEET_MOVES,
    PayLineKind,
    PayLineState,
    ReserveState,
    TimesheetState,
)
from projects.hours.models import PayLine, TimeEntry, Timer, Timesheet, WeeklyReserve
from projects.labs.queries import managers_of, require_manager

SWEEP_LIMIT = 200


@transaction.atomic(durable=True)
def submit_timesheet(*, timesheet_id: UUID, by: User, now: datetime) -> Timesheet:
    """
    Hand a finished week to the lab before the clock does it.

    :raises WrongState: if the week is not over, or a timer of it still runs.
    """
    sheet = _locked(timesheet_id)
    if sheet.contract.expert.user_id != by.pk:
        raise NotAllowed("You can submit your own hours only.")
    if clock.ends_at(sheet.period) > now:
        raise WrongState("This week is not over yet. It can be submitted from Monday 00:00 UTC on.")
    _submit(sheet, by=by, now=now)
    return sheet


def close_weeks(*, now: datetime) -> int:
    """Submit every week whose time for self-correction is over; each in its own transaction. Return how many."""
    ids = list(Timesheet.objects.to_submit(now).values_list("public_id", flat=True)[:SWEEP_LIMIT])
    return sum(_close_week(public_id, now=now) for public_id in ids)


@transaction.atomic(durable=True)
def _close_week(timesheet_id: UUID, *, now: datetime) -> bool:
    sheet = _locked(timesheet_id)
    if sheet.state != TimesheetState.OPEN or sheet.correction_ends_at > now:
        return False
    if Timer.objects.filter(contract=sheet.contract, started_at__lt=clock.ends_at(sheet.period)).exists():
        return False  # The timer sweep stops it first; this week comes next round.
    _submit(sheet, by=System("clock"), now=now)
    return True


def _submit(sheet: Timesheet, *, by: Actor, now: datetime) -> None:
    require_move(TIMESHEET_MOVES, current=sheet.state, target=TimesheetState.SUBMITTED, what="week")
    sheet.lines.all().delete()
    PayLine.objects.bulk_create(lines_of(sheet))
    sheet.state = TimesheetState.SUBMITTED
    sheet.revision += 1
    sheet.submitted_at = now
    sheet.save(update_fields=["state", "revision", "submitted_at"])
    record(what="hours.submit_timesheet", by=by, about=sheet, now=now, after={"revision": sheet.revision})
    for manager in managers_of(sheet.contract.lab):
        notify(
            user=manager,
            kind="hours_to_approve",
            title=f"Hours of {clock.period_label(sheet.period)} to approve: {sheet.contract.project.title}",
            body=f"{sheet.contract.alias} submitted the week. Lines that nobody questions by "
            f"{sheet.review_ends_at:%A %-d %B %H:%M} UTC are approved.",
            path=f"/lab/{sheet.contract.lab.slug}/hours/",
            now=now,
        )


def lines_of(sheet: Timesheet) -> list[PayLine]:
    """
    Compute what a week pays: per UTC day, whole minutes of that day's seconds, rounded once (design 5.1).

    Pay is round_half_even(minutes x rate / 60), the fee round_half_even(pay x bps / 10000), the charge their sum.
    """
    version = sheet.contract.current_version
    assert version is not None  # noqa: S101 -- a contract is written with its first version
    lines = []
    for day, seconds in sorted(seconds_by_day(sheet).items()):
        minutes = seconds // 60
        pay = pay_for_minutes(minutes, version.rate_minor)
        fee = fee_on(pay, version.fee_bps)
        if minutes == 0:
            continue
        lines.append(
            PayLine(
                public_id=named_id(PAY_LINE_NAMESPACE, sheet.contract.public_id, day.isoformat(), PayLineKind.TIME),
                timesheet=sheet,
                version=version,
                day=day,
                seconds=seconds,
                minutes=minutes,
                rate_minor=version.rate_minor,
                fee_bps=version.fee_bps,
                pay_minor=pay,
                fee_minor=fee,
                charge_minor=pay + fee,
                currency=sheet.contract.currency,
                rule=RULE_VERSION,
            )
        )
    return lines


def seconds_by_day(sheet: Timesheet) -> dict[date, int]:
    """Return the worked seconds of each UTC day; entries over midnight are cut there."""
    totals: dict[date, int] = defaultdict(int)
    for entry in TimeEntry.objects.filter(timesheet=sheet):
        start, end = entry.during.lower.astimezone(UTC), entry.during.upper.astimezone(UTC)
        while start < end:
            midnight = datetime(start.year, start.month, start.day, tzinfo=UTC) + timedelta(days=1)
            totals[start.date()] += int((min(end, midnight) - start).total_seconds())
            start = midnight
    return dict(totals)


@transaction.atomic(durable=True)
def approve_timesheet(*, timesheet_id: UUID, by: User, revision: int, now: datetime) -> Timesheet:
    """
    Approve a week's hours and charge them: the expert's pay and our fee, out of the week's reserve.

    Two managers pressing together are safe: the second finds the week approved.

    :param revision: what the page showed; an approval names exactly what it approves.
    :raises NotAllowed: if `by` does not manage the lab, or approves their own hours.
    :raises WrongState: if the week is not in review, or was changed since the page was loaded.
    """
    sheet = _locked(timesheet_id)
    require_manager(sheet.contract.lab, by, "Only owners and managers of the lab approve hours.")
    if sheet.contract.expert.user_id == by.pk:
        raise NotAllowed("Nobody approves their own hours. Ask another manager of the lab.")
    if sheet.revision != revision:
        raise WrongState("These hours were changed since you opened the page. Look at them again.")
    _approve(sheet, by=by, now=now)
    return sheet


def approve_by_silence(*, now: datetime) -> int:
    """Approve the weeks that no lab questioned in time; each in its own transaction. Return how many."""
    ids = list(Timesheet.objects.to_approve_by_silence(now).values_list("public_id", flat=True)[:SWEEP_LIMIT])
    return sum(_approve_silently(public_id, now=now) for public_id in ids)


@transaction.atomic(durable=True)
def _approve_silently(timesheet_id: UUID, *, now: datetime) -> bool:
    sheet = _locked(timesheet_id)
    if sheet.state != TimesheetState.SUBMITTED or sheet.review_ends_at > now:
        return False
    _approve(sheet, by=System("clock"), now=now)
    return True


def _approve(sheet: Timesheet, *, by: Actor, now: datetime) -> None:
    require_move(TIMESHEET_MOVES, current=sheet.state, target=TimesheetState.APPROVED, what="week")
    lines = list(sheet.lines.select_for_update(of=("self",), no_key=True).order_by("pk"))
    for line in lines:
        require_move(PAY_LINE_MOVES, current=line.state, target=PayLineState.APPROVED, what="pay line")
        line.state = PayLineState.APPROVED
        line.approved_at = now
    PayLine.objects.bulk_update(lines, ["state", "approved_at"])
    sheet.state = TimesheetState.APPROVED
    sheet.approved_at = now
    sheet.approved_by = by if isinstance(by, User) else None
    sheet.save(update_fields=["state", "approved_at", "approved_by"])
    total = sum(line.pay_minor for line in lines)
    record(
        what="hours.approve_timesheet", by=by, about=sheet, now=now,
        after={"revision": sheet.revision, "pay_minor": total, "charge_minor": sum(x.charge_minor for x in lines)},
    )  # fmt: skip
    notify(
        user=sheet.contract.expert.user,
        kind="hours",
        title=f"Hours of {clock.period_label(sheet.period)} approved: {format_money(total, sheet.contract.currency)}",
        body=f"{sheet.contract.project.title}. Paid with the next pay run.",
        path="/me/earnings/",
        now=now,
    )
    _charge(sheet, lines, by=by, now=now)


def _charge(sheet: Timesheet, lines: list[PayLine], *, by: Actor, now: datetime) -> None:
    """Post each line out of the reserve and give the rest back to the project, in one batch, last."""
    contract, currency = sheet.contract, sheet.contract.currency
    reserve = ledger.AccountRef(AccountCode.CONTRACT_RESERVE, contract.public_id, currency)
    payable = ledger.AccountRef(AccountCode.EXPERT_PAYABLE, contract.expert.user.public_id, currency)
    fees = ledger.AccountRef(AccountCode.PLATFORM_FEE, None, currency)
    funds = ledger.AccountRef(AccountCode.PROJECT_FUNDS, contract.project.public_id, currency)
    postings = [
        ledger.Posting(
            key=f"approval:{line.public_id}:{sheet.revision}",
            kind=EntryKind.APPROVAL,
            moves=[ledger.Move(reserve, payable, line.pay_minor), ledger.Move(reserve, fees, line.fee_minor)],
            effective_on=line.day,
            memo=f"{contract.alias} {line.day} {line.minutes} min",
        )
        for line in lines
        if line.charge_minor > 0
    ]
    held = WeeklyReserve.objects.select_for_update(of=("self",), no_key=True).filter(
        contract=contract, period=sheet.period, state=ReserveState.HELD
    ).first()  # fmt: skip
    if held is not None:
        require_move(RESERVE_MOVES, current=held.state, target=ReserveState.RELEASED, what="weekly reserve")
        held.state = ReserveState.RELEASED
        held.released_at = now
        held.save(update_fields=["state", "released_at"])
        rest = held.amount_minor - sum(line.charge_minor for line in lines)
        if rest > 0:
            postings.append(
                ledger.Posting(
                    key=f"hold-release:{contract.public_id}:{sheet.period.isoformat()}",
                    kind=EntryKind.HOLD_RELEASE,
                    moves=[ledger.Move(reserve, funds, rest)],
                    effective_on=now.date(),
                )
            )
    ledger.post_many(postings, by=by, now=now)


def _locked(timesheet_id: UUID) -> Timesheet:
    rows = Timesheet.objects.select_related(
        "contract__expert__user", "contract__project", "contract__lab", "contract__current_version"
    )
    sheet: Timesheet = rows.select_for_update(of=("self",), no_key=True).get(public_id=timesheet_id)
    return sheet
