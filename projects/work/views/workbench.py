"""The expert's desk and the workbench: one task at a time."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.kernel import clock
from marketplace.kernel.errors import Invalid
from marketplace.kernel.http import Request
from marketplace.kernel.paging import AfterForm, page_after
from projects.hiring.models import Contract
from projects.work.actions import claims, submissions
from projects.work.enums import (
    HEARTBEAT_SECONDS,
    IDLE_SECONDS,
    LEASE_WARNING_MINUTES,
    AssignmentState,
    SkipReason,
)
from projects.work.forms import BeatForm, SkipForm, SkipReasonForm, WorkForm
from projects.work.kinds import kind_of
from projects.work.kinds.base import AnswerForm, compare
from projects.work.models import Assignment
from projects.work.queries import desk

PAGE = 20


@require_GET
def queue(request: Request) -> HttpResponse:
    """What waits for the expert, what can be taken, and what was handed in."""
    form = AfterForm(request.GET)
    after = form.cleaned_data["after"] if form.is_valid() else None
    waiting = desk.in_hand(request.user)
    page = page_after(desk.handed_in(request.user), order=("-submitted_at", "-pk"), after=after, size=PAGE)
    context = {
        "in_hand": [(row, kind_of(row.task.batch.kind).title_of(row.task.prompt)) for row in waiting],
        "reviews": desk.newest_review([row for row in waiting if row.state == AssignmentState.RETURNED]),
        "contracts": desk.open_contracts(request.user, waiting),
        "page": page,
        "handed_in": [(row, kind_of(row.task.batch.kind).title_of(row.task.prompt)) for row in page.rows],
        "now": clock.now(),
    }
    return render(request, "work/queue.html", context)


@require_POST
def start(request: Request, contract_id: UUID) -> HttpResponse:
    """Take the next task under a contract, or go on with the one in hand."""
    rows = Contract.objects.of_expert(request.user).with_people()
    contract = get_object_or_404(rows, public_id=contract_id)
    assignment = claims.claim_next(contract=contract, by=request.user, now=clock.now())
    if assignment is None:
        messages.info(request, _("There is no task to take right now. You are told when new ones come."))
        return redirect("work:queue")
    return redirect("work:workbench", assignment.public_id)


@require_GET
def workbench(request: Request, assignment_id: UUID) -> HttpResponse:
    """The task with its form, or what became of it."""
    assignment = _own(request, assignment_id)
    if not assignment.is_writable:
        return render(request, "work/outcome.html", _outcome_context(assignment))
    form = kind_of(assignment.task.batch.kind).form(assignment.task.prompt, draft=assignment.draft)
    return _bench(request, assignment, form)


@require_POST
def draft(request: Request, assignment_id: UUID) -> HttpResponse:
    """Save the draft: asked by the script every few seconds, or by the button without it."""
    assignment = _own(request, assignment_id)
    work, form = _read(request, assignment)
    now = clock.now()
    saved = submissions.save_draft(
        assignment_id=assignment.pk, answer=form.answer(), version=work["version"], by=request.user, now=now
    )
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        facts = {"version": saved.assignment.draft_version, "time": _time_of(saved.assignment)}
        return JsonResponse(facts, status=409 if saved.is_stale else 200)
    if saved.is_stale:
        return _compare(request, saved.assignment, form)
    messages.success(request, _("The draft is saved."))
    return redirect("work:workbench", assignment.public_id)


@require_POST
def compare_drafts(request: Request, assignment_id: UUID) -> HttpResponse:
    """What this window has beside what another one saved, and a choice."""
    assignment = _own(request, assignment_id)
    _work, form = _read(request, assignment)
    return _compare(request, assignment, form)


@require_POST
def submit(request: Request, assignment_id: UUID) -> HttpResponse:
    """Hand in the answer, and take the next task in the same request if asked."""
    assignment = _own(request, assignment_id)
    work, form = _read(request, assignment)
    if not form.is_valid():
        return _bench(request, assignment, form, status=422)
    done = submissions.submit_answer(
        assignment_id=assignment.pk,
        answer=form.answer(),
        version=work["version"],
        key=work["key"] or uuid4(),
        by=request.user,
        now=clock.now(),
        then_next=work["then"] == "next",
    )
    if done.is_stale:
        return _compare(request, done.assignment, form)
    _say_how_it_went(request, done)
    return _go_on(request, done.following)


@require_POST
def beat(request: Request, assignment_id: UUID) -> JsonResponse:
    """One heartbeat of an open workbench."""
    assignment = _own(request, assignment_id)
    form = BeatForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    assignment = claims.beat(
        assignment_id=assignment.pk,
        visible=form.cleaned_data["visible"],
        idle_seconds=form.cleaned_data["idle"],
        by=request.user,
        now=clock.now(),
    )
    until = assignment.lease_until.isoformat()
    return JsonResponse({"active": assignment.active_seconds, "until": until, "state": assignment.state})


@require_http_methods(["GET", "POST"])
def skip(request: Request, assignment_id: UUID) -> HttpResponse:
    """Give the task to somebody else, with the reason."""
    assignment = _own(request, assignment_id)
    asked = SkipReasonForm(request.GET)
    initial = asked.cleaned_data["reason"] if asked.is_valid() else ""
    form = SkipForm(_posted(request), initial={"reason": initial}, label_suffix="")
    if request.method == "POST" and form.is_valid():
        claims.skip_task(
            assignment_id=assignment.pk,
            reason=SkipReason(form.cleaned_data["reason"]),
            note=form.cleaned_data["note"].strip(),
            by=request.user,
            now=clock.now(),
        )
        messages.success(request, _("Skipped. Somebody else gets the task; it costs you nothing."))
        return redirect("work:queue")
    status = 422 if form.is_bound else 200
    return render(request, "work/skip.html", {"assignment": assignment, "form": form}, status=status)


@require_POST
def take_back(request: Request, assignment_id: UUID) -> HttpResponse:
    """Go on with a task whose lease ran out."""
    assignment = _own(request, assignment_id)
    claims.take_back(assignment_id=assignment.pk, by=request.user, now=clock.now())
    return redirect("work:workbench", assignment.public_id)


# ------------------------------------------------------------------------------------------------------ shared steps


def _posted(request: Request) -> QueryDict | None:
    """Return what was posted, also when that is nothing; None when the page is only opened."""
    return request.POST if request.method == "POST" else None


def _own(request: Request, assignment_id: UUID) -> Assignment:
    rows = Assignment.objects.of_expert(request.user).with_task()
    return get_object_or_404(rows, public_id=assignment_id)


def _read(request: Request, assignment: Assignment) -> tuple[dict[str, Any], AnswerForm]:
    """
    Return what came with the answer, and the form of the kind.

    :raises Invalid: if the page was changed so that it cannot be read; then nothing is saved over what there is.
    """
    work = WorkForm(request.POST)
    form = kind_of(assignment.task.batch.kind).form(assignment.task.prompt, data=request.POST)
    if not work.is_valid() or not form.was_read:
        raise Invalid(_("The page could not be read. Reload it; what was saved is kept."))
    return work.cleaned_data, form


def _bench(request: Request, assignment: Assignment, form: AnswerForm, *, status: int = 200) -> HttpResponse:
    now = clock.now()
    task = assignment.task
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    reviews = list(desk.reviews_of(assignment)) if assignment.rounds else []
    context = {
        "assignment": assignment,
        "task": task,
        "kind": kind_of(task.batch.kind),
        "prompt": task.prompt,
        "form": form,
        "instructions": task.batch.template.instructions,
        "key": uuid4(),
        "review": reviews[0] if reviews else None,
        "comments": _comments(reviews[0].field_comments, task.batch.kind) if reviews else [],
        "done_today": desk.submitted_since(request.user, today),
        "skip_form": SkipForm(label_suffix="", prefix="", auto_id="skip_%s"),
        "beat_seconds": HEARTBEAT_SECONDS,
        "idle_seconds": IDLE_SECONDS,
        "warn_minutes": LEASE_WARNING_MINUTES,
        "elapsed": int((now - assignment.claimed_at).total_seconds()),
        "now": now,
    }
    return render(request, "work/workbench.html", context, status=status)


def _comments(field_comments: list[dict[str, str]], kind: str) -> list[tuple[str, str]]:
    labels = dict(kind_of(kind).anchors)
    return [(labels.get(one["field"], one["field"]), one["text"]) for one in field_comments]


def _outcome_context(assignment: Assignment) -> dict[str, Any]:
    kind, prompt = kind_of(assignment.task.batch.kind), assignment.task.prompt
    newest = assignment.submissions.order_by("-revision").first()
    reviews = list(desk.reviews_of(assignment))
    shown = kind.review_context(prompt, newest.answer) if newest else {}
    return shown | {
        "assignment": assignment,
        "task": assignment.task,
        "kind": kind,
        "prompt": prompt,
        "answer": newest.answer if newest else None,
        "submission": newest,
        "reviews": [(review, _comments(review.field_comments, assignment.task.batch.kind)) for review in reviews],
        "now": clock.now(),
    }


def _compare(request: Request, assignment: Assignment, form: AnswerForm) -> HttpResponse:
    kind = kind_of(assignment.task.batch.kind)
    context = {
        "assignment": assignment,
        "rows": compare(kind, assignment.draft, form.answer()),
        "fields": form.sent_fields(),
    }
    return render(request, "work/compare.html", context, status=409)


def _time_of(assignment: Assignment) -> str:
    """Return the moment of the last save in the reader's zone, as the page writes it."""
    at = assignment.draft_saved_at
    return timezone.localtime(at).strftime("%H:%M:%S") if at else ""


def _say_how_it_went(request: Request, done: submissions.HandedIn) -> None:
    name = done.assignment.task.external_id
    if done.assignment.is_late:
        words = _("%(task)s was submitted late: somebody else has its place now. It is kept and reviewed all the same.")
        messages.warning(request, words % {"task": name})
    else:
        messages.success(request, _("%(task)s is submitted. Seven days of silence accept it.") % {"task": name})


def _go_on(request: Request, following: Assignment | None) -> HttpResponse:
    """Show the next task at once, or the desk."""
    address = reverse("work:workbench", args=[following.public_id]) if following else reverse("work:queue")
    if not request.htmx:
        return redirect(address)
    if following is None:
        return HttpResponse(headers={"HX-Redirect": address})
    form = kind_of(following.task.batch.kind).form(following.task.prompt, draft=following.draft)
    response = _bench(request, following, form)
    response["HX-Push-Url"] = address
    return response
