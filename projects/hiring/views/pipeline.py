"""The lab's pipeline: table, board, a file of what one sees, and decisions about many with undo."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from marketplace.kernel import clock
from marketplace.kernel.http import Request
from projects.hiring import queries
from projects.hiring.actions import held
from projects.hiring.enums import HOLD_MINUTES, ApplicationState, DeclineCode, HeldKind
from projects.hiring.forms import BulkDeclineForm, CandidateFilterForm, PickForm
from projects.hiring.models import Application
from projects.hiring.policies import require_hiring_manager
from projects.hiring.queries import pipeline as lists
from projects.labs.models import Lab
from projects.labs.queries import lab_or_404, may_manage, role_in
from projects.listings.models import Project

PAGE = 50
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def lab_context(request: Request, lab: Lab) -> dict[str, Any]:
    """Return what every page of a lab's candidates needs."""
    role = role_in(lab, request.user)
    return {"lab": lab, "lab_role": role, "may_decide": may_manage(lab, request.user)}


def _wanted(form: CandidateFilterForm, lab: Lab) -> lists.Wanted:
    data = form.cleaned_data if form.is_valid() else {}
    ref = data.get("project")
    project = Project.objects.filter(lab=lab, public_id=ref).first() if ref else None
    return lists.Wanted(
        project, data.get("state", ""), data.get("q", ""), bool(data.get("unscored")), data.get("sort", "")
    )


def _query(wanted: lists.Wanted, **changes: object) -> str:
    """Return the filters as the end of an address, with changes; empty ones are left out."""
    parts = {
        "state": wanted.state, "q": wanted.text, "unscored": "on" if wanted.unscored else "", "sort": wanted.sort,
        "project": wanted.project.public_id if wanted.project else "",
    } | changes  # fmt: skip
    return urlencode({name: str(value) for name, value in parts.items() if value})


@require_GET
def candidates(request: Request, slug: str) -> HttpResponse:
    """Everybody who applied to the lab's projects, those who wait for a decision first by their clock."""
    lab = lab_or_404(request.user, slug)
    form = CandidateFilterForm(request.GET)
    wanted = _wanted(form, lab)
    after = form.cleaned_data.get("after") if form.is_valid() else None
    rows, last = lists.pipeline_page(lab, request.user, wanted, after=after, size=PAGE)
    context = lab_context(request, lab) | {
        "form": form,
        "applications": rows,
        "older": _query(wanted, after=last) if last else "",
        "counts": queries.pipeline_counts(lab, wanted.project),
        "states": [
            (one, _query(wanted, state=one.value)) for one in ApplicationState if one != ApplicationState.STARTED
        ],
        "all_states": _query(wanted, state=""),
        "wanted": wanted,
        "query": _query(wanted),
        "held": lists.held_groups(lab),
        "project": wanted.project,
    }
    return render(request, "hiring/candidates.html", context)


@require_GET
def board(request: Request, slug: str) -> HttpResponse:
    """The same people as columns, one for each state."""
    lab = lab_or_404(request.user, slug)
    wanted = _wanted(CandidateFilterForm(request.GET), lab)
    context = lab_context(request, lab) | {
        "board": lists.board_of(lab, request.user, wanted.project),
        "held": lists.held_groups(lab),
        "project": wanted.project,
        "query": _query(lists.Wanted(wanted.project)),
    }
    return render(request, "hiring/board.html", context)


@require_GET
def candidates_csv(request: Request, slug: str) -> StreamingHttpResponse:
    """The table as a file, with the same filters and order."""
    lab = lab_or_404(request.user, slug)
    rows = lists.pipeline(lab, request.user, _wanted(CandidateFilterForm(request.GET), lab))
    response = StreamingHttpResponse(_csv(lists.lines_of(rows)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="candidates-{lab.slug}.csv"'
    return response


def _csv(lines: Iterator[list[str]]) -> Iterator[str]:
    """Yield lines as CSV, with no cell that a spreadsheet would run as a formula."""
    for cells in lines:
        text = StringIO(newline="")
        csv.writer(text).writerow([f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell for cell in cells])
        yield text.getvalue()


@require_POST
def bulk(request: Request, slug: str) -> HttpResponse:
    """Decide about the chosen candidates; a decline asks for its reason first."""
    lab = lab_or_404(request.user, slug)
    require_hiring_manager(request.user, lab)
    form = PickForm(request.POST)
    if not form.is_valid():
        messages.warning(request, " ".join(str(words) for errors in form.errors.values() for words in errors))
        return redirect("hiring:candidates", slug)
    kind, picked = HeldKind(form.cleaned_data["do"]), form.cleaned_data["pick"]
    if kind == HeldKind.SHORTLIST:
        found = held.hold_decisions(lab_id=lab.pk, application_ids=picked, kind=kind, by=request.user, now=clock.now())
        return _after_holding(request, slug, found)
    why = BulkDeclineForm(request.POST if form.cleaned_data["confirmed"] else None)
    if not why.is_valid():
        rows = Application.objects.of_lab(lab).filter(public_id__in=picked).with_people().order_by("due_at", "pk")
        context = lab_context(request, lab) | {"form": why, "chosen": rows, "minutes": HOLD_MINUTES}
        return render(request, "hiring/bulk_decline.html", context, status=400 if why.errors else 200)
    found = held.hold_decisions(
        lab_id=lab.pk, application_ids=picked, kind=kind, by=request.user, now=clock.now(),
        code=DeclineCode(why.cleaned_data["code"]), reason=why.cleaned_data["reason"],
    )  # fmt: skip
    return _after_holding(request, slug, found)


def _after_holding(request: Request, slug: str, found: held.Held) -> HttpResponse:
    words = ngettext("Decided about %s candidate.", "Decided about %s candidates.", found.count) % found.count
    words += " " + _("Nobody is told for %s minutes; until then it can be undone.") % HOLD_MINUTES
    if found.left_out:
        left = ngettext(
            "%s was left out: decided or taken back.", "%s were left out: decided or taken back.", found.left_out
        )
        words += " " + left % found.left_out
    messages.success(request, words)
    return redirect("hiring:candidates", slug)


@require_POST
def undo(request: Request, slug: str, group: UUID) -> HttpResponse:
    """Undo what was decided with one press."""
    lab = lab_or_404(request.user, slug)
    count = held.undo_decisions(lab_id=lab.pk, group=group, by=request.user, now=clock.now())
    words = ngettext("Undone for %s candidate. Nobody was told.", "Undone for %s candidates. Nobody was told.", count)
    messages.success(request, words % count)
    return redirect("hiring:candidates", slug)
