"""The expert's week: grid, timer, entries, submitting."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.kernel.http import Request
from projects.hours import queries
from projects.hours.actions import entries, timers, timesheets
from projects.hours.enums import TimesheetState
from projects.hours.forms import EntryForm, StartTimerForm, StopTimerForm, WeekForm
from projects.hours.models import TimeEntry, Timesheet


@require_GET
def week(request: Request) -> HttpResponse:
    """The week grid with the timer beside it."""
    form = WeekForm(request.GET)
    asked = form.cleaned_data["week"] if form.is_valid() else None
    return render(request, "hours/week.html", _week_context(request, asked))


def _week_context(request: Request, asked: date | None, **extra: Any) -> dict[str, Any]:
    now = clock.now()
    current = clock.period_of(now)
    period = asked or current
    contracts = queries.startable_contracts(request.user)
    shown = queries.week_of(request.user, period)
    before = queries.week_of(request.user, period - timedelta(days=7)) if period == current else None
    sheets = [row.sheet for row in shown.rows if row.sheet is not None]
    can_submit = clock.ends_at(period) <= now and any(sheet.state == TimesheetState.OPEN for sheet in sheets)
    today = now.astimezone(timezone.get_current_timezone()).date()
    context = {
        "now": now,
        "week": shown,
        "label": clock.period_label(period),
        "is_current": period == current,
        "ends_at": clock.ends_at(period),
        "last_day": period + timedelta(days=6),
        "change_until": clock.ends_at(period) + timedelta(hours=12),
        "newer": clock.period_label(period + timedelta(days=7)) if period < current else "",
        "older": clock.period_label(period - timedelta(days=7)),
        "can_change": clock.ends_at(period) + timedelta(hours=12) > now and not can_be_over(sheets),
        "can_submit": can_submit,
        "sheets": sheets,
        "before": before,
        "before_label": clock.period_label(period - timedelta(days=7)),
        "contracts": contracts,
        "timer": queries.timer_of(request.user),
        "timer_form": StartTimerForm(contracts=contracts),
        "entry_form": EntryForm(contracts=contracts, initial={"day": today}),
        "zone": request.user.time_zone,
    }
    return context | extra


def can_be_over(sheets: list[Timesheet]) -> bool:
    """Whether every timesheet of the week was submitted already."""
    return bool(sheets) and all(sheet.state != TimesheetState.OPEN for sheet in sheets)


@require_POST
def entry_add(request: Request) -> HttpResponse:
    contracts = queries.startable_contracts(request.user)
    form = EntryForm(request.POST, contracts=contracts)
    if not form.is_valid():
        return render(request, "hours/week.html", _week_context(request, None, entry_form=form), status=400)
    start, end = form.moments(request.user.time_zone)
    entries.add_entry(
        contract_id=UUID(form.cleaned_data["contract"]),
        by=request.user,
        start=start,
        end=end,
        memo=form.cleaned_data["memo"],
        zone=request.user.time_zone,
        now=clock.now(),
    )
    messages.success(request, _("Added."))
    return _back_to(clock.period_of(start))


@require_http_methods(["GET", "POST"])
def entry(request: Request, entry_id: UUID) -> HttpResponse:
    """Correct one entry."""
    row = _own_entry(request.user, entry_id)
    contract = row.timesheet.contract
    zone = timezone.get_current_timezone()
    start, end = row.during.lower.astimezone(zone), row.during.upper.astimezone(zone)
    initial = {
        "contract": str(contract.public_id),
        "day": start.date(),
        "start": start.time(),
        "end": end.time(),
        "memo": row.memo,
    }
    form = EntryForm(request.POST if request.method == "POST" else None, contracts=[contract], initial=initial)
    if request.method == "POST" and form.is_valid():
        new_start, new_end = form.moments(request.user.time_zone)
        entries.change_entry(
            entry_id=row.public_id,
            by=request.user,
            start=new_start,
            end=new_end,
            memo=form.cleaned_data["memo"],
            now=clock.now(),
        )
        messages.success(request, _("Changed."))
        return _back_to(row.timesheet.period)
    return render(
        request, "hours/entry.html", {"entry": row, "form": form, "label": clock.period_label(row.timesheet.period)}
    )


@require_POST
def entry_remove(request: Request, entry_id: UUID) -> HttpResponse:
    row = _own_entry(request.user, entry_id)
    entries.remove_entry(entry_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("Removed."))
    return _back_to(row.timesheet.period)


@require_POST
def week_submit(request: Request, timesheet_id: UUID) -> HttpResponse:
    sheet = get_object_or_404(Timesheet.objects.of_expert(request.user), public_id=timesheet_id)
    timesheets.submit_timesheet(timesheet_id=sheet.public_id, by=request.user, now=clock.now())
    messages.success(request, _("Submitted. The lab reviews it until Wednesday 24:00 UTC; silence approves."))
    return _back_to(sheet.period)


@require_GET
def timer(request: Request) -> HttpResponse:
    """The timer as a fragment: the workbench and the hours page load it, and it says that somebody is there."""
    timers.beat_timer(by=request.user, now=clock.now())
    return render(request, "hours/timer.html#timer", _timer_context(request))


@require_POST
def timer_start(request: Request) -> HttpResponse:
    form = StartTimerForm(request.POST, contracts=queries.startable_contracts(request.user))
    if form.is_valid():
        timers.start_timer(
            contract_id=UUID(form.cleaned_data["contract"]),
            by=request.user,
            memo=form.cleaned_data["memo"],
            zone=request.user.time_zone,
            now=clock.now(),
        )
    return _timer_answer(request)


@require_POST
def timer_stop(request: Request) -> HttpResponse:
    form = StopTimerForm(request.POST)
    memo = form.cleaned_data["memo"] if form.is_valid() else ""
    timers.stop_timer(by=request.user, memo=memo or None, now=clock.now())
    return _timer_answer(request)


def _timer_answer(request: Request) -> HttpResponse:
    if request.htmx:
        return render(request, "hours/timer.html#timer", _timer_context(request))
    return redirect("hours:week")


def _timer_context(request: Request) -> dict[str, Any]:
    contracts = queries.startable_contracts(request.user)
    return {
        "timer": queries.timer_of(request.user),
        "timer_form": StartTimerForm(contracts=contracts),
        "contracts": contracts,
        "now": clock.now(),
    }


def _own_entry(user: User, entry_id: UUID) -> TimeEntry:
    rows = TimeEntry.objects.of_expert(user).select_related("timesheet__contract__project__lab")
    row: TimeEntry = get_object_or_404(rows, public_id=entry_id)
    return row


def _back_to(period: date) -> HttpResponse:
    response = redirect("hours:week")
    response["Location"] += f"?week={clock.period_label(period)}"
    return response
