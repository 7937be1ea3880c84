"""Taking an assessment: the server has the clock, and every page says what it says."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experts.assessments import actions, queries
from experts.assessments.enums import AttemptState
from experts.assessments.forms import AnswerForm
from experts.assessments.kinds import registered
from experts.assessments.models import Ask, Assessment, Attempt, AttemptQuestion
from marketplace.kernel import clock
from marketplace.kernel.errors import Invalid
from marketplace.kernel.http import Request

STALE = 409


@require_http_methods(["GET", "POST"])
def start(request: Request, ask_id: UUID, assessment_id: UUID) -> HttpResponse:
    """What it is, why it is asked and how it is scored; then the clock starts."""
    ask = get_object_or_404(Ask.objects.visible_to(request.user).select_related("field", "expert"), public_id=ask_id)
    rows = Assessment.objects.for_field(ask.field).filter(current__isnull=False).select_related("current")
    assessment = get_object_or_404(rows, public_id=assessment_id)
    now = clock.now()
    if request.method == "POST":
        begun = actions.start_attempt(
            ask_id=ask.public_id, assessment_id=assessment.public_id, by=request.user, now=now
        )
        return redirect("assessments:question", begun.public_id, 1)
    standing = queries.standing_of(ask.expert, assessment, now=now)
    if standing.open is not None:
        return redirect("assessments:attempt", standing.open.public_id)
    asked = next((one for one in queries.asks_of(ask.expert, now=now) if one.ask == ask), None)
    granted = ask.expert.accommodations.granted().first()
    version = assessment.live
    context = {
        "ask": ask, "asked": asked, "assessment": assessment, "version": version, "standing": standing,
        "granted": granted, "extra": version.minutes * granted.extra_time / 100 if granted else 0,
        "rules": [rules.rule for rules in registered.values()],
    }  # fmt: skip
    return render(request, "assessments/start.html", context)


@require_GET
def attempt(request: Request, attempt_id: UUID) -> HttpResponse:
    """Where I am in it; closed, how it went."""
    row = _own(request, attempt_id)
    now = clock.now()
    context = _context(row, now)
    if row.is_open:
        name = "over" if row.is_over(now) else "attempt"
        return render(request, f"assessments/{name}.html", context)
    topics: dict[str, list[AttemptQuestion]] = {}
    for one in context["questions"]:
        topics.setdefault(one.version.topic, []).append(one)
    context |= {"topics": topics, "standing": queries.standing_of(row.expert, row.assessment, now=now)}
    return render(request, "assessments/result.html", context)


@require_http_methods(["GET", "POST", "PUT"])
def question(request: Request, attempt_id: UUID, position: int) -> HttpResponse:
    """One question. PUT is the script saving as one writes; POST saves and goes on, without JavaScript too."""
    row = _own(request, attempt_id)
    one = get_object_or_404(row.questions.select_related("version"), position=position)
    if request.method == "GET":
        if not row.is_open or row.state == AttemptState.PAUSED or row.is_over(clock.now()):
            return redirect("assessments:attempt", row.public_id)
        return _page(request, row, one, _form(one))
    form = _form(one, QueryDict(request.body) if request.method == "PUT" else request.POST)
    if not form.is_valid():
        raise Invalid("This page is too old. Open the question again and answer it there.")
    saved = actions.save_answer(
        attempt_id=row.public_id, position=position, answer=form.answer(), by=request.user, now=clock.now(),
        revision=form.cleaned_data["revision"],
    )  # fmt: skip
    if request.method == "PUT":
        facts = {"revision": saved.question.revision, "left": saved.attempt.left(clock.now())}
        return JsonResponse(facts, status=STALE if saved.is_stale else 200)
    if saved.is_stale:
        return _page(request, row, saved.question, form, stale=True)
    return _go(row, position, form.cleaned_data["then"])


def _go(row: Attempt, position: int, then: str) -> HttpResponse:
    """Go where the button says: back, on, to a question by its number, or to the overview."""
    last = row.questions.count()
    wanted = {"back": position - 1, "next": position + 1}.get(then, int(then) if then.isdecimal() else 0)
    if 1 <= wanted <= last:
        return redirect("assessments:question", row.public_id, wanted)
    return redirect("assessments:attempt", row.public_id)


@require_POST
def submit(request: Request, attempt_id: UUID) -> HttpResponse:
    """Hand it in."""
    row = _own(request, attempt_id)
    done = actions.submit_attempt(attempt_id=row.public_id, by=request.user, now=clock.now())
    if done.state == AttemptState.SCORING:
        messages.success(request, _("Handed in. Two people score your texts within two days."))
    else:
        messages.success(request, _("Handed in and scored."))
    return redirect("assessments:attempt", row.public_id)


@require_POST
def pause(request: Request, attempt_id: UUID) -> HttpResponse:
    """Stop the clock, where that was granted."""
    row = _own(request, attempt_id)
    actions.pause_attempt(attempt_id=row.public_id, by=request.user, now=clock.now())
    return redirect("assessments:attempt", row.public_id)


@require_POST
def resume(request: Request, attempt_id: UUID) -> HttpResponse:
    """Go on after a pause."""
    row = _own(request, attempt_id)
    actions.resume_attempt(attempt_id=row.public_id, by=request.user, now=clock.now())
    first = row.questions.filter(answer={}).order_by("position").first()
    return redirect("assessments:question", row.public_id, first.position if first else 1)


def _form(one: AttemptQuestion, data: QueryDict | None = None) -> AnswerForm:
    return AnswerForm(
        data, version=one.version, order=one.option_order, answer=one.answer, initial={"revision": one.revision}
    )


def _page(
    request: Request, row: Attempt, one: AttemptQuestion, form: AnswerForm, *, stale: bool = False
) -> HttpResponse:
    context = _context(row, clock.now()) | {"one": one, "version": one.version, "form": form, "stale": stale}
    return render(request, "assessments/question.html", context, status=STALE if stale else 200)


def _context(row: Attempt, now: Any) -> dict[str, Any]:
    questions = list(row.questions.select_related("version").order_by("position"))
    return {
        "attempt": row,
        "questions": questions,
        "answered": sum(bool(one.answer) for one in questions),
        "left": row.left(now),
    }


def _own(request: Request, attempt_id: UUID) -> Attempt:
    rows = Attempt.objects.visible_to(request.user).select_related("version", "assessment__current", "expert")
    return get_object_or_404(rows, public_id=attempt_id)
