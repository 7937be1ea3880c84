"""The lab's side: weeks to approve, and the statement."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from marketplace.kernel import clock
from marketplace.kernel.http import Request
from projects.hours import queries, statements
from projects.hours.actions import timesheets
from projects.hours.forms import ApproveForm, PageForm
from projects.hours.models import Timesheet
from projects.labs.models import Lab
from projects.labs.queries import lab_or_404, may_manage, money_lab_or_404, role_in

PAGE = 25


@require_GET
def hours(request: Request, slug: str) -> HttpResponse:
    """Weeks in review with their lines, and the latest approved ones."""
    lab = money_lab_or_404(request.user, slug)
    form = PageForm(request.GET)
    said = form.cleaned_data if form.is_valid() else {}
    waiting = list(queries.waiting_after(queries.weeks_to_approve(lab), said.get("after"))[: PAGE + 1])
    approved = list(queries.approved_after(queries.weeks_approved(lab), said.get("approved_after"))[: PAGE + 1])
    context = _context(request, lab) | {
        "waiting": waiting[:PAGE],
        "more": waiting[PAGE - 1].pk if len(waiting) > PAGE else None,
        "approved": approved[:PAGE],
        "older": approved[PAGE - 1].pk if len(approved) > PAGE else None,
    }
    return render(request, "hours/lab_hours.html", context)


@require_POST
def approve(request: Request, slug: str, timesheet_id: UUID) -> HttpResponse:
    lab = lab_or_404(request.user, slug)
    sheet = get_object_or_404(Timesheet.objects.filter(contract__lab=lab), public_id=timesheet_id)
    form = ApproveForm(request.POST)
    revision = form.cleaned_data["revision"] if form.is_valid() else -1
    timesheets.approve_timesheet(timesheet_id=sheet.public_id, by=request.user, revision=revision, now=clock.now())
    messages.success(request, _("Approved and charged. The expert is paid with the next pay run."))
    return redirect("hours:lab_hours", slug)


@require_GET
def statement(request: Request, slug: str) -> HttpResponse:
    """How the funds moved, tied to the ledger, and the lines behind it."""
    lab = money_lab_or_404(request.user, slug)
    form = PageForm(request.GET)
    after = form.cleaned_data["after"] if form.is_valid() else None
    page = list(statements.lines_after(statements.charged_lines(lab), after)[: PAGE + 1])
    context = _context(request, lab) | {
        "lines": page[:PAGE],
        "older": page[PAGE - 1].pk if len(page) > PAGE else None,
        "funds": statements.funds_of(lab),
    }
    return render(request, "hours/statement.html", context)


@require_GET
def statement_csv(request: Request, slug: str) -> StreamingHttpResponse:
    lab = money_lab_or_404(request.user, slug)
    response = StreamingHttpResponse(statements.statement_csv(lab), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="statement-{lab.slug}.csv"'
    return response


def _context(request: Request, lab: Lab) -> dict[str, Any]:
    role = role_in(lab, request.user)
    return {"lab": lab, "lab_role": role, "may_decide": may_manage(lab, request.user)}
