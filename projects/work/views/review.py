"""The lab's review queue, and one piece of work under review."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from marketplace.kernel import clock
from marketplace.kernel.http import Request
from marketplace.kernel.paging import page_after
from projects.labs.models import Lab
from projects.labs.queries import lab_or_404, may_review, role_in
from projects.work import policies
from projects.work.actions import reviews as actions
from projects.work.enums import AssignmentState
from projects.work.forms import ReviewFilterForm, ReviewForm
from projects.work.kinds import kind_of
from projects.work.kinds.base import compare
from projects.work.models import Assignment
from projects.work.queries import reviews as queries
from projects.work.queries.batches import project_of

PAGE = 30


@require_GET
def review_queue(request: Request, slug: str) -> HttpResponse:
    """What waits for a review, the one whose clock runs out first on top."""
    lab = lab_or_404(request.user, slug)
    form = ReviewFilterForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    rows = queries.waiting_in(lab)
    project = project_of(lab, wanted.get("project"))
    if project is not None:
        rows = rows.filter(project=project)
    page = page_after(rows, order=("due_at", "pk"), after=wanted.get("after"), size=PAGE)
    context = {
        "lab": lab,
        "lab_role": role_in(lab, request.user),
        "may_review": may_review(lab, request.user),
        "project": project,
        "page": page,
        "rows": [_row(assignment, request) for assignment in page.rows],
        "total": queries.count_waiting(lab),
        "now": clock.now(),
    }
    return render(request, "work/review_queue.html", context)


def _row(assignment: Assignment, request: Request) -> dict[str, Any]:
    kind = kind_of(assignment.task.batch.kind)
    revision = assignment.revisions[-1]  # type: ignore[attr-defined]  # prefetched by the query
    until = assignment.review_lease_until
    return {
        "assignment": assignment,
        "title": kind.title_of(assignment.task.prompt),
        "found": kind.summary_of(revision.answer),
        "revision": revision.revision,
        "open_by": assignment.reviewer if until is not None and until > clock.now() else None,
        "is_own": policies.is_own_work(request.user, assignment),
    }


@require_POST
def take_next(request: Request, slug: str) -> HttpResponse:
    """Open the most urgent piece of work that nobody else has open."""
    lab = lab_or_404(request.user, slug)
    return _go_on(request, lab, actions.take_next_review(lab=lab, by=request.user, now=clock.now()))


@require_GET
def review(request: Request, slug: str, assignment_id: UUID) -> HttpResponse:
    """Prompt, answer, judgement, earlier revisions, and the decision."""
    lab = lab_or_404(request.user, slug)
    assignment = _assignment(lab, assignment_id)
    form = ReviewForm(anchors=kind_of(assignment.task.batch.kind).anchors)
    return _page(request, lab, assignment, form)


@require_POST
def take(request: Request, slug: str, assignment_id: UUID) -> HttpResponse:
    """Lease one piece of work to read and decide it."""
    lab = lab_or_404(request.user, slug)
    assignment = _assignment(lab, assignment_id)
    actions.take_review(assignment_id=assignment.pk, by=request.user, now=clock.now())
    return redirect("work:review", lab.slug, assignment.public_id)


@require_POST
def put_back(request: Request, slug: str, assignment_id: UUID) -> HttpResponse:
    """Leave it to another reviewer."""
    lab = lab_or_404(request.user, slug)
    actions.put_back_review(assignment_id=_assignment(lab, assignment_id).pk, by=request.user)
    return redirect("work:review_queue", lab.slug)


@require_POST
def decide(request: Request, slug: str, assignment_id: UUID) -> HttpResponse:
    """Accept, send back or reject."""
    lab = lab_or_404(request.user, slug)
    assignment = _assignment(lab, assignment_id)
    form = ReviewForm(request.POST, anchors=kind_of(assignment.task.batch.kind).anchors)
    if not form.is_valid():
        return _page(request, lab, assignment, form, status=422)
    done = actions.review_submission(
        assignment_id=assignment.pk,
        revision=form.cleaned_data["revision"],
        verdict=form.verdict(),
        by=request.user,
        now=clock.now(),
    )
    words = _("%(task)s: %(decision)s.") % {
        "task": assignment.task.external_id,
        "decision": done.get_decision_display(),
    }
    messages.success(request, words)
    if form.cleaned_data["then"] == "next":
        return _go_on(request, lab, actions.take_next_review(lab=lab, by=request.user, now=clock.now()))
    return redirect("work:review_queue", lab.slug)


def _assignment(lab: Lab, assignment_id: UUID) -> Assignment:
    rows = Assignment.objects.filter(task__project__lab=lab, submitted_at__isnull=False).with_task()
    return get_object_or_404(rows.select_related("reviewer"), public_id=assignment_id)


def _go_on(request: Request, lab: Lab, following: Assignment | None) -> HttpResponse:
    if following is None:
        messages.info(request, _("Nothing more waits for your review."))
        return redirect("work:review_queue", lab.slug)
    return redirect(reverse("work:review", args=[lab.slug, following.public_id]))


def _page(request: Request, lab: Lab, assignment: Assignment, form: ReviewForm, *, status: int = 200) -> HttpResponse:
    task, now = assignment.task, clock.now()
    kind = kind_of(task.batch.kind)
    revisions = queries.revisions_of(assignment)
    newest, before = revisions[-1], revisions[-2] if len(revisions) > 1 else None
    until = assignment.review_lease_until
    is_leased = until is not None and until > now
    form.initial = {"revision": newest.revision}
    context = kind.review_context(task.prompt, newest.answer) | {
        "lab": lab,
        "assignment": assignment,
        "task": task,
        "kind": kind,
        "prompt": task.prompt,
        "answer": newest.answer,
        "instructions": task.batch.template.instructions,
        "submission": newest,
        "earlier": before,
        "changes": compare(kind, before.answer, newest.answer) if before else [],
        "revisions": revisions,
        "form": form,
        "waits": assignment.state == AssignmentState.SUBMITTED,
        "may_review": policies.may_review_assignment(request.user, assignment),
        "is_own": policies.is_own_work(request.user, assignment),
        "is_mine": is_leased and assignment.reviewer_id == request.user.pk,
        "open_by": assignment.reviewer if is_leased and assignment.reviewer_id != request.user.pk else None,
        "may_send_back": assignment.rounds < lab.rounds_max,
        "max_rounds": lab.rounds_max,
        "now": now,
    }
    return render(request, "work/review.html", context, status=status)
