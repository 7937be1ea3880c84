"""A lab's batches: sending a file, its columns, the dry run, start, pause, resume, cancel, and the tasks in it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.kernel import clock
from marketplace.kernel.http import Request
from marketplace.kernel.paging import page_after
from projects.labs.enums import Scope
from projects.labs.models import Lab
from projects.labs.queries import lab_or_404, may_manage, role_in
from projects.listings.models import Project
from projects.work import policies
from projects.work.actions import batches as actions
from projects.work.enums import BatchState
from projects.work.forms import BatchFilterForm, ColumnsForm, FinalizeForm, UploadForm
from projects.work.kinds import kind_of
from projects.work.kinds.base import EXTERNAL_ID
from projects.work.models import Batch
from projects.work.queries import batches as queries
from projects.work.reading import peek, suggest

PAGE = 30
ERRORS_SHOWN = 100


def lab_page(request: Request, slug: str) -> tuple[Lab, dict[str, Any]]:
    """Return the lab and what every page of its dashboard needs."""
    lab = lab_or_404(request.user, slug)
    may_run = may_manage(lab, request.user, scope=Scope.TASKS_WRITE)
    return lab, {"lab": lab, "lab_role": role_in(lab, request.user), "may_run": may_run, "now": clock.now()}


@require_GET
def batch_list(request: Request, slug: str) -> HttpResponse:
    """The batches of the lab, or of one project, the newest first."""
    lab, context = lab_page(request, slug)
    form = BatchFilterForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    rows = queries.batches_of(lab)
    project = queries.project_of(lab, wanted.get("project"))
    if project is not None:
        rows = rows.filter(project=project)
    counts = queries.count_by_state(rows)
    shown = rows.filter(state=wanted["state"]) if wanted.get("state") else rows
    page = page_after(shown, order=("-pk",), after=wanted.get("after"), size=PAGE)
    tallies = queries.tallies_of(page.rows)
    context |= {
        "project": project,
        "page": page,
        "batches": [(batch, tallies[batch.pk]) for batch in page.rows],
        "counts": [(state, counts[state]) for state in BatchState if counts.get(state)],
        "state": wanted.get("state", ""),
        "total": sum(counts.values()),
    }
    return render(request, "work/batch_list.html", context)


@require_http_methods(["GET", "POST"])
def upload(request: Request, slug: str, project_id: UUID) -> HttpResponse:
    """Send a file of tasks."""
    lab, context = lab_page(request, slug)
    project = get_object_or_404(Project.objects.filter(lab=lab).select_related("lab"), public_id=project_id)
    policies.require_may_run_batches(lab, request.user)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = UploadForm(*sent, wanted=list(project.kinds), label_suffix="")
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        batch = actions.send_file(
            project=project, upload=said["file"], kind=said["kind"], name=said["name"], by=request.user, now=clock.now()
        )
        return redirect("work:batch_columns", lab.slug, batch.public_id)
    status = 422 if form.is_bound else 200
    return render(request, "work/batch_upload.html", context | {"project": project, "form": form}, status=status)


@require_http_methods(["GET", "POST"])
def columns(request: Request, slug: str, batch_id: UUID) -> HttpResponse:
    """What each column of the file becomes, with the first rows to look at."""
    lab, context = lab_page(request, slug)
    policies.require_may_run_batches(lab, request.user)
    batch = _batch(lab, batch_id)
    if not batch.file or batch.state not in {BatchState.DRAFT, BatchState.READY}:
        return redirect("work:batch", lab.slug, batch.public_id)
    form = _columns_form(request, batch)
    if request.method == "POST" and form.is_valid():
        actions.start_reading(
            batch_id=batch.pk,
            name=form.cleaned_data["name"],
            mapping=form.mapping(),
            terms=form.terms(),
            by=request.user,
            now=clock.now(),
        )
        return redirect("work:batch", lab.slug, batch.public_id)
    status = 422 if form.is_bound else 200
    return render(request, "work/batch_columns.html", context | {"batch": batch, "form": form}, status=status)


def _columns_form(request: Request, batch: Batch) -> ColumnsForm:
    kind = kind_of(batch.kind)
    with batch.file.open("rb") as file:
        found = peek(file, batch.file_format)
    terms = ("name", "overlap", "minutes_expected", "priority")
    initial = {name: getattr(batch, name) for name in terms} | {"instructions": batch.template.instructions}
    suggested = batch.mapping or suggest(found.columns, kind)
    data = request.POST if request.method == "POST" else None
    return ColumnsForm(data, kind=kind, found=found, suggested=suggested, initial=initial)


@require_GET
def batch(request: Request, slug: str, batch_id: UUID) -> HttpResponse:
    """One batch: its reading, its dry run, its progress."""
    lab, context = lab_page(request, slug)
    return render(request, "work/batch.html", context | _batch_context(_batch(lab, batch_id)))


@require_GET
def progress(request: Request, slug: str, batch_id: UUID) -> HttpResponse:
    """The progress of reading, as a fragment; the whole page when it is over."""
    lab, context = lab_page(request, slug)
    found = _batch(lab, batch_id)
    if not request.htmx:
        return redirect("work:batch", lab.slug, found.public_id)
    if found.state != BatchState.STAGED:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "work/batch.html#progress", context | {"batch": found})


def _batch_context(found: Batch) -> dict[str, Any]:
    errors = found.row_errors.order_by("row")
    kind = kind_of(found.kind)
    first = [(task, kind.title_of(task.prompt)) for task in queries.tasks_of(found).order_by("pk")[:5]]
    return {
        "batch": found,
        "tally": queries.tallies_of([found])[found.pk],
        "errors": list(errors[:ERRORS_SHOWN]) if found.rows_refused else [],
        "first_tasks": first,
        "finalize_form": FinalizeForm(label_suffix=""),
        "columns": _columns_of(found),
    }


def _columns_of(found: Batch) -> list[tuple[str, str]]:
    """Return (column, what it becomes in words), the parts of the prompt first."""
    targets = [(EXTERNAL_ID, _("your id of the task"))]
    targets += [(column.target, column.label.lower()) for column in kind_of(found.kind).columns]
    targets += [("fact", _("shown as a fact")), ("lab_only", _("for you only")), ("leave_out", _("left out"))]
    return [(name, words) for code, words in targets for name, target in found.mapping.items() if target == code]


@require_POST
def finalize(request: Request, slug: str, batch_id: UUID) -> HttpResponse:
    """Start the batch."""
    lab, _context = lab_page(request, slug)
    form = FinalizeForm(request.POST)
    form.full_clean()
    found = actions.finalize_batch(
        batch_id=_batch(lab, batch_id).pk,
        by=request.user,
        now=clock.now(),
        include_duplicates=form.cleaned_data["include_duplicates"],
    )
    messages.success(request, _("%(batch)s is live. Its experts have been told.") % {"batch": found})
    return redirect("work:batch", lab.slug, found.public_id)


@require_POST
def pause(request: Request, slug: str, batch_id: UUID) -> HttpResponse:
    """Hand out no more tasks for now."""
    lab, _context = lab_page(request, slug)
    found = actions.pause_batch(batch_id=_batch(lab, batch_id).pk, by=request.user, now=clock.now())
    messages.success(request, _("Paused. Who has a task finishes it; nobody gets a new one."))
    return redirect("work:batch", lab.slug, found.public_id)


@require_POST
def resume(request: Request, slug: str, batch_id: UUID) -> HttpResponse:
    """Hand out tasks again."""
    lab, _context = lab_page(request, slug)
    found = actions.resume_batch(batch_id=_batch(lab, batch_id).pk, by=request.user, now=clock.now())
    messages.success(request, _("Live again."))
    return redirect("work:batch", lab.slug, found.public_id)


@require_http_methods(["GET", "POST"])
def cancel(request: Request, slug: str, batch_id: UUID) -> HttpResponse:
    """End the batch for good, after one question."""
    lab, context = lab_page(request, slug)
    policies.require_may_run_batches(lab, request.user)
    found = _batch(lab, batch_id)
    if request.method == "GET":
        return render(request, "work/batch_cancel.html", context | {"batch": found})
    actions.cancel_batch(batch_id=found.pk, by=request.user, now=clock.now())
    messages.success(request, _("Cancelled. Work in hand may still be submitted."))
    return redirect("work:batch", lab.slug, found.public_id)


def _batch(lab: Lab, batch_id: UUID) -> Batch:
    rows = Batch.objects.filter(lab=lab).with_template()
    return get_object_or_404(rows, public_id=batch_id)
