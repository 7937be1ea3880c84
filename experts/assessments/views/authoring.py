"""The bank of questions, and the assessments and interviews made of it."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experts.assessments import actions, policies, queries
from experts.assessments.enums import UNPAID_MINUTES
from experts.assessments.forms import (
    AnswerForm,
    AssessmentForm,
    BankForm,
    GuideForm,
    NewPaperForm,
    NewQuestionForm,
    QuestionForm,
)
from experts.assessments.models import Assessment, Guide, Question, QuestionVersion
from marketplace.kernel import clock
from marketplace.kernel.http import Request
from marketplace.kernel.paging import page_after

REFUSED = 422
PAPERS: dict[str, tuple[type[Assessment | Guide], type[AssessmentForm | GuideForm]]] = {
    "assessment": (Assessment, AssessmentForm),
    "guide": (Guide, GuideForm),
}


@require_GET
def bank(request: Request) -> HttpResponse:
    """Every question, the last changed on top."""
    require_staff(request)
    form = BankForm(request.GET)
    wanted = {name: form.value(name) for name in ("field", "kind", "state") if form.value(name)}
    rows = Question.objects.visible_to(request.user).filter(**wanted).select_related("field", "current", "changed_by")
    page = page_after(rows, order=("-changed_at", "-pk"), after=form.value("after"))
    kept = request.GET.copy()
    kept.pop("after", None)
    context = {"door": "vetting", "form": form, "page": page, "query": kept.urlencode(), "narrowed": bool(wanted)}
    return render(request, "assessments/bank.html", context)


@require_http_methods(["GET", "POST"])
def new_question(request: Request) -> HttpResponse:
    """Field and kind of a new question."""
    require_staff(request)
    form = NewQuestionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        row = actions.create_authored(
            Question, field_id=form.cleaned_data["field"].pk, kind=form.cleaned_data["kind"], draft={},
            by=request.user, now=clock.now(),
        )  # fmt: skip
        return redirect("assessments:question_edit", row.public_id)
    context = {"door": "vetting", "form": form}
    return render(request, "assessments/question_new.html", context, status=_status(request))


@require_http_methods(["GET", "POST"])
def edit_question(request: Request, question_id: UUID) -> HttpResponse:
    """The draft of a question, and its versions."""
    row = _question(request, question_id)
    initial = QuestionForm.initial_of(row.kind, row.draft, row.draft_revision)
    form = QuestionForm(request.POST if request.method == "POST" else None, kind=row.kind, initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.save_authored(
            Question, public_id=row.public_id, draft=form.draft(), revision=form.cleaned_data["revision"],
            by=request.user, now=clock.now(),
        )  # fmt: skip
        messages.success(request, _("The draft is saved. Experts meet it when it is published."))
        return redirect("assessments:question_edit", row.public_id)
    versions = row.versions.select_related("published_by").order_by("-number")
    context = {"door": "vetting", "row": row, "form": form, "versions": versions,
               "topics": queries.pool_of(row.field)}  # fmt: skip
    return render(request, "assessments/question_edit.html", context, status=_status(request))


@require_GET
def preview(request: Request, question_id: UUID) -> HttpResponse:
    """The draft exactly as an expert will see it, and the right answer below, as experts never see it."""
    row = _question(request, question_id)
    if not row.draft.get("content"):
        messages.info(request, _("Write the question first, then look at it."))
        return redirect("assessments:question_edit", row.public_id)
    version = QuestionVersion(question=row, kind=row.kind, **row.draft)
    form = AnswerForm(version=version, initial={"revision": 0})
    solution = version.kind_rules.solution(version.content)
    context = {"door": "vetting", "row": row, "version": version, "form": form, "solution": solution}
    return render(request, "assessments/question_preview.html", context)


@require_POST
def publish_question(request: Request, question_id: UUID) -> HttpResponse:
    row = _question(request, question_id)
    done = actions.publish_authored(Question, public_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("%(row)s is published as version %(n)s.") % {"row": done, "n": done.current.number})  # type: ignore[union-attr]
    return redirect("assessments:question_edit", row.public_id)


@require_POST
def retire_question(request: Request, question_id: UUID) -> HttpResponse:
    row = _question(request, question_id)
    actions.retire_authored(Question, public_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("%(row)s is retired. No attempt draws it any more.") % {"row": row})
    return redirect("assessments:question_edit", row.public_id)


# ------------------------------------------------------------------------------------------------------------- papers


@require_GET
def papers(request: Request) -> HttpResponse:
    """Assessments and interviews by field, with the unpaid minutes they ask."""
    require_staff(request)
    rows = [
        (what, row)
        for what, (table, _form) in PAPERS.items()
        for row in table.objects.visible_to(request.user).in_reading_order()
    ]
    rows.sort(key=lambda pair: (pair[1].field.tree_order, pair[0], pair[1].pk))
    return render(request, "assessments/papers.html", {"door": "vetting", "rows": rows})


@require_http_methods(["GET", "POST"])
def new_paper(request: Request) -> HttpResponse:
    """What a new paper is, and for which field."""
    require_staff(request)
    form = NewPaperForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        what = form.cleaned_data["what"]
        row = actions.create_authored(
            PAPERS[what][0], field_id=form.cleaned_data["field"].pk, draft={}, by=request.user, now=clock.now()
        )
        return redirect("assessments:paper_edit", what, row.public_id)
    return render(
        request, "assessments/paper_new.html", {"door": "vetting", "form": form}, status=_status(request)
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def edit_paper(request: Request, what: str, paper_id: UUID) -> HttpResponse:
    """The draft of an assessment or an interview, and its versions."""
    row = _paper(request, what, paper_id)
    table, shape = PAPERS[what]
    initial = shape.initial_of(row.draft, row.draft_revision)
    form = shape(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.save_authored(
            table, public_id=row.public_id, draft=form.draft(), revision=form.cleaned_data["revision"],
            by=request.user, now=clock.now(),
        )  # fmt: skip
        messages.success(request, _("The draft is saved. It counts when it is published."))
        return redirect("assessments:paper_edit", what, row.public_id)
    context: dict[str, Any] = {
        "door": "vetting", "row": row, "what": what, "form": form,
        "versions": row.versions.select_related("published_by").order_by("-number"),
        "topics": queries.pool_of(row.field), "unpaid": queries.unpaid_minutes_of_field(row.field),
        "most": UNPAID_MINUTES,
    }  # fmt: skip
    return render(request, "assessments/paper_edit.html", context, status=_status(request))


@require_POST
def publish_paper(request: Request, what: str, paper_id: UUID) -> HttpResponse:
    row = _paper(request, what, paper_id)
    done: Any = actions.publish_authored(PAPERS[what][0], public_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("%(row)s is published as version %(n)s.") % {"row": done, "n": done.current.number})
    return redirect("assessments:paper_edit", what, row.public_id)


@require_POST
def retire_paper(request: Request, what: str, paper_id: UUID) -> HttpResponse:
    row = _paper(request, what, paper_id)
    actions.retire_authored(PAPERS[what][0], public_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("%(row)s is retired. Nobody is asked for it any more.") % {"row": row})
    return redirect(reverse("assessments:papers"))


def _status(request: Request) -> int:
    return REFUSED if request.method == "POST" else 200


def require_staff(request: Request) -> None:
    """Whoever is not behind this door finds nothing here."""
    if not policies.may_enter(request.user):
        raise Http404


def _question(request: Request, question_id: UUID) -> Question:
    require_staff(request)
    rows = Question.objects.visible_to(request.user).select_related("field", "current", "changed_by")
    return get_object_or_404(rows, public_id=question_id)


def _paper(request: Request, what: str, paper_id: UUID) -> Assessment | Guide:
    require_staff(request)
    if what not in PAPERS:
        raise Http404
    rows = PAPERS[what][0].objects.visible_to(request.user).select_related("field", "current", "changed_by")
    return cast(Assessment | Guide, get_object_or_404(rows, public_id=paper_id))
