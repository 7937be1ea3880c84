"""The expert's week: grid, entries, submitting."""

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
from projects.hours.actions import entries, timesheets
from projects.hours.enums import SELF_CORRECTION_HOURS, TimesheetState
from projects.hours.forms import EntryForm, WeekForm, entry_initial
from projects.hours.models import TimeEntry, Timesheet
from projects.hours.views.timer import timer_context


@require_GET
def week(request: Request) -> HttpResponse:
    """The week grid with the timer beside it."""
    form = WeekForm(request.GET)
    asked = form.cleaned_data["week"] if form.is_valid() else None
    return render(request, "hours/week.html", _week_context(request, asked))


def _week_context(request: Request, asked: date | None, entry_form: EntryForm | None = None) -> dict[str, Any]:
    now = clock.now()
    current = clock.period_of(now)
    period = min(asked or current, current)
    shown = queries.week_of(request.user, period)
    before = queries.week_of(request.user, period - timedelta(days=7)) if period == current else None
    loggable = queries.loggable_contracts(request.user, now)
    day = min(max(timezone.localtime(now).date(), period), period + timedelta(days=6))
    form = entry_form or EntryForm(contracts=loggable, zone=request.user.time_zone, initial={"day": day})
    change_until = clock.ends_at(period) + timedelta(hours=SELF_CORRECTION_HOURS)
    is_over = clock.ends_at(period) <= now
    return timer_context(request, now) | {
        "week": shown,
        "label": clock.period_label(period),
        "is_current": period == current,
        "is_over": is_over,
        "ends_at": clock.ends_at(period),
        "last_day": period + timedelta(days=6),
        "change_until": change_until,
        "can_change": change_until > now,
        "to_submit": [row for row in shown.worked_sheets if row.state == TimesheetState.OPEN] if is_over else [],
        "to_take_back": [row for row in shown.worked_sheets if row.state == TimesheetState.SUBMITTED],
        "older": clock.period_label(period - timedelta(days=7)),
        "newer": clock.period_label(period + timedelta(days=7)) if period < current else "",
        "before": before,
        "before_label": clock.period_label(period - timedelta(days=7)),
        "loggable": loggable,
        "entry_form": form,
        "zone": request.user.time_zone,
    }


@require_POST
def entry_add(request: Request) -> HttpResponse:
    now = clock.now()
    contracts = queries.loggable_contracts(request.user, now)
    form = EntryForm(request.POST, contracts=contracts, zone=request.user.time_zone)
    if not form.is_valid() or form.start_at is None or form.end_at is None:
        return render(request, "hours/week.html", _week_context(request, None, form), status=400)
    entries.add_entry(
        contract_id=UUID(form.cleaned_data["contract"]),
        by=request.user,
        start=form.start_at,
        end=form.end_at,
        memo=form.cleaned_data["memo"],
        zone=request.user.time_zone,
        now=now,
    )
    messages.success(request, _("Time added."))
    return _back_to(clock.period_of(form.start_at))


@require_http_methods(["GET", "POST"])
def entry(request: Request, entry_id: UUID) -> HttpResponse:
    """Correct one entry."""
    row = _own_entry(request.user, entry_id)
    contract = row.timesheet.contract
    start, end = timezone.localtime(row.during.lower), timezone.localtime(row.during.upper)
    initial = entry_initial(contract, start, end, row.memo)
    data = request.POST if request.method == "POST" else None
    form = EntryForm(data, contracts=[contract], zone=request.user.time_zone, initial=initial)
    if data is not None and form.is_valid() and form.start_at is not None and form.end_at is not None:
        entries.change_entry(
            entry_id=row.public_id,
            by=request.user,
            start=form.start_at,
            end=form.end_at,
            memo=form.cleaned_data["memo"],
            now=clock.now(),
        )
        messages.success(request, _("Entry changed."))
        return _back_to(row.timesheet.period)
    context = {"entry": row, "form": form, "label": clock.period_label(row.timesheet.period)}
    return render(request, "hours/entry.html", context, status=400 if form.errors else 200)


@require_POST
def entry_remove(request: Request, entry_id: UUID) -> HttpResponse:
    row = _own_entry(request.user, entry_id)
    entries.remove_entry(entry_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("Entry removed."))
    return _back_to(row.timesheet.period)


@require_POST
def week_submit(request: Request, timesheet_id: UUID) -> HttpResponse:
    sheet = _own_sheet(request.user, timesheet_id)
    timesheets.submit_timesheet(timesheet_id=sheet.public_id, by=request.user, now=clock.now())
    messages.success(request, _("Hours submitted. The lab reviews them until Wednesday 24:00 UTC; silence approves."))
    return _back_to(sheet.period)


@require_POST
def week_reopen(request: Request, timesheet_id: UUID) -> HttpResponse:
    sheet = _own_sheet(request.user, timesheet_id)
    timesheets.reopen_timesheet(timesheet_id=sheet.public_id, by=request.user, now=clock.now())
    messages.success(request, _("Hours taken back. Correct them, then submit them again."))
    return _back_to(sheet.period)


def _own_entry(user: User, entry_id: UUID) -> TimeEntry:
    rows = TimeEntry.objects.of_expert(user).select_related("timesheet__contract__project__lab")
    row: TimeEntry = get_object_or_404(rows, public_id=entry_id)
    return row


def _own_sheet(user: User, timesheet_id: UUID) -> Timesheet:
    row: Timesheet = get_object_or_404(Timesheet.objects.of_expert(user), public_id=timesheet_id)
    return row


def _back_to(period: date) -> HttpResponse:
    response = redirect("hours:week")
    response["Location"] += f"?week={clock.period_label(period)}"
    return response
