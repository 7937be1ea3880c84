"""The week's end: handing it to the lab, taking it back, approving. Silence approves. Charging is in charges.py."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor, System
from marketplace.kernel.errors import NotAllowed, Refused, WrongState
from marketplace.kernel.money import format_money
from marketplace.kernel.states import require_move
from marketplace.kernel.sweeping import each
from marketplace.notices.actions import notify
from projects.hiring.models import Contract
from projects.hours.actions.charges import charge, lines_of
from projects.hours.enums import PAY_LINE_MOVES, REVIEW_AT_LEAST, TIMESHEET_MOVES, PayLineState, TimesheetState
from projects.hours.models import PayLine, Timer, Timesheet
from projects.labs.queries import managers_of, require_manager

SWEEP_LIMIT = 200


@transaction.atomic(durable=True)
def submit_timesheet(*, timesheet_id: UUID, by: User, now: datetime) -> Timesheet:
    """
    Hand a finished week to the lab before the clock does it.

    :raises WrongState: if the week is not over, or a timer of it still runs.
    """
    sheet = _locked(timesheet_id)
    _require_expert(sheet, by, "You can submit your own hours only.")
    if clock.ends_at(sheet.period) > now:
        raise WrongState("This week is not over yet. It can be submitted from Monday 00:00 UTC on.")
    if _timer_runs(sheet):
        raise WrongState("Your timer still runs since that week. Stop it first.")
    if not sheet.entries.exists():
        raise Refused("There are no hours in this week. It closes by itself on Monday at 12:00 UTC.")
    _submit(sheet, by=by, now=now)
    return sheet


@transaction.atomic(durable=True)
def reopen_timesheet(*, timesheet_id: UUID, by: User, now: datetime) -> Timesheet:
    """
    Take a submitted week back to correct it, as long as the time for corrections runs and the lab has not approved.

    The next submission gets a new revision, so a lab that still looks at the old one cannot approve it unseen.

    :raises WrongState: if it is too late.
    """
    sheet = _locked(timesheet_id)
    _require_expert(sheet, by, "You can take back your own hours only.")
    require_move(TIMESHEET_MOVES, current=sheet.state, target=TimesheetState.OPEN, what="week")
    if sheet.correction_ends_at <= now:
        raise WrongState("The time for corrections ended on Monday at 12:00 UTC. The lab reviews the week now.")
    sheet.lines.all().delete()
    sheet.state = TimesheetState.OPEN
    sheet.submitted_at = None
    sheet.save(update_fields=["state", "submitted_at"])
    record(what="hours.reopen_timesheet", by=by, about=sheet, now=now, after={"revision": sheet.revision})
    return sheet


def close_weeks(*, now: datetime) -> int:
    """Submit every week whose time for self-correction is over; each in its own transaction. Return how many."""
    ids = list(Timesheet.objects.to_submit(now).values_list("public_id", flat=True)[:SWEEP_LIMIT])
    return each(ids, lambda public_id: _close_week(public_id, now=now), sweep="hours.close_weeks")


@transaction.atomic(durable=True)
def _close_week(timesheet_id: UUID, *, now: datetime) -> bool:
    sheet = _locked(timesheet_id)
    if sheet.state != TimesheetState.OPEN or sheet.correction_ends_at > now:
        return False
    if _timer_runs(sheet):
        return False  # The timer sweep stops it first; this week comes next round.
    _submit(sheet, by=System("clock"), now=now)
    return True


def _timer_runs(sheet: Timesheet) -> bool:
    return Timer.objects.filter(contract=sheet.contract, started_at__lt=clock.ends_at(sheet.period)).exists()


def _submit(sheet: Timesheet, *, by: Actor, now: datetime) -> None:
    require_move(TIMESHEET_MOVES, current=sheet.state, target=TimesheetState.SUBMITTED, what="week")
    sheet.lines.all().delete()
    lines = PayLine.objects.bulk_create(lines_of(sheet))
    sheet.state = TimesheetState.SUBMITTED
    sheet.revision += 1
    sheet.submitted_at = now
    sheet.review_ends_at = max(sheet.review_ends_at, now + REVIEW_AT_LEAST) if lines else sheet.review_ends_at
    sheet.save(update_fields=["state", "revision", "submitted_at", "review_ends_at"])
    record(what="hours.submit_timesheet", by=by, about=sheet, now=now, after={"revision": sheet.revision})
    if not lines:  # Nothing to look at, so nobody is asked; the reserve goes back.
        _approve(sheet, by=System("clock"), now=now)
        return
    total = format_money(sum(line.charge_minor for line in lines), sheet.contract.currency)
    for manager in managers_of(sheet.contract.lab):
        notify(
            user=manager,
            kind="hours_to_approve",
            title=f"Hours to approve: {total}, {sheet.contract.project.title}",
            body=f"{sheet.contract.alias} submitted the week of {sheet.period:%-d %B}. What nobody questions by "
            f"{sheet.review_ends_at:%A %-d %B, %H:%M} UTC is approved and charged.",
            path=f"/lab/{sheet.contract.lab.slug}/hours/",
            now=now,
        )


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
    require_move(TIMESHEET_MOVES, current=sheet.state, target=TimesheetState.APPROVED, what="week")
    if sheet.revision != revision:
        raise WrongState("These hours were changed since you opened the page. Look at them again.")
    _approve(sheet, by=by, now=now)
    return sheet


def approve_by_silence(*, now: datetime) -> int:
    """Approve the weeks that no lab questioned in time; each in its own transaction. Return how many."""
    ids = list(Timesheet.objects.to_approve_by_silence(now).values_list("public_id", flat=True)[:SWEEP_LIMIT])
    return each(ids, lambda public_id: _approve_silently(public_id, now=now), sweep="hours.silence")


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
    pay = sum(line.pay_minor for line in lines)
    record(
        what="hours.approve_timesheet", by=by, about=sheet, now=now,
        after={"revision": sheet.revision, "pay_minor": pay, "charge_minor": sum(line.charge_minor for line in lines)},
    )  # fmt: skip
    if lines:
        _tell_expert(sheet, pay, now=now)
    charge(sheet, lines, by=by, now=now)


def _tell_expert(sheet: Timesheet, pay_minor: int, *, now: datetime) -> None:
    label = clock.period_label(sheet.period)
    notify(
        user=sheet.contract.expert.user,
        kind="hours",
        title=f"Hours of {label} approved: {format_money(pay_minor, sheet.contract.currency)}",
        body=f"{sheet.contract.project.title}. Paid with the next pay run.",
        path=f"/me/earnings/{label}/",
        button="Open the payslip",
        now=now,
    )


def _require_expert(sheet: Timesheet, by: User, sentence: str) -> None:
    if sheet.contract.expert.user_id != by.pk:
        raise NotAllowed(sentence)


def _locked(timesheet_id: UUID) -> Timesheet:
    """Return the locked week; its contract is read once the lock is there, so that it is as it stands now."""
    sheet: Timesheet = Timesheet.objects.select_for_update(of=("self",), no_key=True).get(public_id=timesheet_id)
    contracts = Contract.objects.select_related("expert__user", "project", "lab")
    sheet.contract = contracts.get(pk=sheet.contract_id)
    return sheet
