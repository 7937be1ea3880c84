"""Two accounts beside each other, for vetting staff. Neither of the two ever sees a page of these."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from experts.duplicates import actions, policies, queries
from experts.duplicates.enums import Outcome, QuestionState
from experts.duplicates.forms import AnswerForm, ListForm
from experts.duplicates.models import Question
from marketplace.kernel import clock
from marketplace.kernel.http import Request
from marketplace.kernel.paging import page_after

REFUSED = 422
HINTS = {
    Outcome.SAME_PERSON: gettext_lazy("Write to them and agree which account stays"),
    Outcome.HOUSEHOLD: gettext_lazy("A couple, parents and children: one bank account, two people"),
    Outcome.SHARED_PLACE: gettext_lazy("A group number, a letterhead, an account of the practice"),
    Outcome.COINCIDENCE: gettext_lazy("A mistyped number, the same public form"),
    Outcome.FRAUD_SUSPECTED: gettext_lazy("Nothing stops by itself: tell finance if money should wait"),
}


@require_GET
def queue(request: Request) -> HttpResponse:
    """Pairs of accounts that wait for somebody, the oldest first."""
    if not policies.may_enter(request.user):
        raise Http404
    form = ListForm(request.GET)
    state = form.value("state")
    order = ("-opened_at", "-pk") if state == QuestionState.ANSWERED else ("opened_at", "pk")
    page = page_after(queries.questions(request.user, state=state), order=order, after=form.value("after"))
    context = {"door": "vetting", "form": form, "page": page, "state": state or "", "now": clock.now()}
    return render(request, "duplicates/queue.html", context)


@require_GET
def question(request: Request, twin_id: UUID) -> HttpResponse:
    """One pair, side by side."""
    return render(request, "duplicates/question.html", _page(request, _question_or_404(request, twin_id)))


@require_POST
def answer(request: Request, twin_id: UUID) -> HttpResponse:
    """Say why the two have something in common; what is missing is said next to its field."""
    row = _question_or_404(request, twin_id)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return render(request, "duplicates/question.html", _page(request, row, form=form), status=REFUSED)
    actions.answer_question(
        question_id=row.public_id,
        outcome=form.cleaned_data["outcome"],
        words=form.cleaned_data["words"],
        by=request.user,
        now=clock.now(),
    )
    messages.success(request, _("Kept. This pair is not asked about again."))
    return redirect("duplicates:queue")


def _question_or_404(request: Request, twin_id: UUID) -> Question:
    if not policies.may_enter(request.user):
        raise Http404
    found: Question = get_object_or_404(Question.objects.visible_to(request.user).with_both(), public_id=twin_id)
    return found


def _page(request: Request, row: Question, *, form: AnswerForm | None = None) -> dict[str, Any]:
    return {
        "door": "vetting",
        "question": row,
        "sides": queries.sides_of(row),
        "answers": queries.answers_to(row),
        "choices": [(outcome, HINTS[outcome]) for outcome in Outcome],
        "form": form or AnswerForm(),
        "may_answer": row.state == QuestionState.OPEN and policies.may_answer(request.user, row),
    }
