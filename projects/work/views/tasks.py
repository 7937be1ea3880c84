"""A lab's tasks: the list of a batch, and one task's whole history."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from marketplace.kernel import clock
from marketplace.kernel.http import Request
from marketplace.kernel.paging import page_after
from projects.labs.models import Lab
from projects.work.actions import blocked
from projects.work.enums import TaskState
from projects.work.forms import TaskFilterForm
from projects.work.kinds import kind_of
from projects.work.models import Batch, Task
from projects.work.queries import batches as queries
from projects.work.views.batches import lab_page

PAGE = 50


@require_GET
def task_list(request: Request, slug: str, batch_id: UUID) -> HttpResponse:
    """The tasks of a batch, in the order in which they are handed out."""
    lab, context = lab_page(request, slug)
    batch = get_object_or_404(Batch.objects.filter(lab=lab).with_template(), public_id=batch_id)
    form = TaskFilterForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    rows = queries.tasks_of(batch, state=wanted.get("state", ""), words=wanted.get("q", ""))
    page = page_after(rows, order=("pk",), after=wanted.get("after"), size=PAGE)
    kind = kind_of(batch.kind)
    context |= {
        "batch": batch,
        "page": page,
        "tasks": [(task, kind.title_of(task.prompt)) for task in page.rows],
        "states": TaskState,
        "state": wanted.get("state", ""),
        "q": wanted.get("q", ""),
    }
    return render(request, "work/task_list.html", context)


@require_GET
def task(request: Request, slug: str, task_id: UUID) -> HttpResponse:
    """One task: prompt, what only the lab sees, every revision and review, and everything that happened."""
    lab, context = lab_page(request, slug)
    found = _task(lab, task_id)
    kind = kind_of(found.batch.kind)
    handouts = [
        (row, [(one, kind.summary_of(one.answer)) for one in sorted(row.submissions.all(), key=lambda s: s.revision)])
        for row in queries.handouts_of(found)
    ]
    context |= {
        "task": found,
        "batch": found.batch,
        "kind": kind,
        "prompt": found.prompt,
        "title": kind.title_of(found.prompt),
        "handouts": handouts,
        "history": queries.history_of(found),
    }
    return render(request, "work/task.html", context)


@require_POST
def reopen(request: Request, slug: str, task_id: UUID) -> HttpResponse:
    """Hand a reported task out again."""
    lab, _context = lab_page(request, slug)
    found = blocked.reopen_task(task_id=_task(lab, task_id).pk, by=request.user, now=clock.now())
    messages.success(request, _("The task is in the queue again."))
    return redirect("work:task", lab.slug, found.public_id)


@require_POST
def cancel(request: Request, slug: str, task_id: UUID) -> HttpResponse:
    """Take a reported task out for good."""
    lab, _context = lab_page(request, slug)
    found = blocked.cancel_task(task_id=_task(lab, task_id).pk, by=request.user, now=clock.now())
    messages.success(request, _("The task is out of the batch."))
    return redirect("work:task", lab.slug, found.public_id)


def _task(lab: Lab, task_id: UUID) -> Task:
    rows = Task.objects.filter(project__lab=lab).select_related("batch__template", "project", "duplicate_of")
    return get_object_or_404(rows, public_id=task_id)
