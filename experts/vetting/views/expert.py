"""The expert's side: what is asked of me, how far my cases are, and why they were decided as they were."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experts.profiles.models import Expert
from experts.profiles.queries import expert_of
from experts.vetting import actions, queries
from experts.vetting.enums import CaseState
from experts.vetting.forms import AnswerForm, AppealForm, RequestForm
from experts.vetting.models import Case
from marketplace.kernel import clock
from marketplace.kernel.http import Request

REFUSED = 422


@require_GET
def mine(request: Request) -> HttpResponse:
    """My cases with their clocks, and the form that asks for a new one."""
    expert = expert_of(request.user)
    if expert is None:
        return redirect("profiles:edit")
    return render(request, "vetting/mine.html", _mine(expert, request))


@require_GET
def steps(request: Request) -> HttpResponse:
    """The way to being vetted as a card, for the side of other pages."""
    expert = expert_of(request.user)
    return render(request, "vetting/steps.html", {"steps": queries.steps_of(expert)})


@require_POST
def ask(request: Request) -> HttpResponse:
    """Ask to be vetted for a field."""
    expert = get_object_or_404(Expert.objects.with_profile(), user=request.user)
    form = RequestForm(request.POST, expert=expert)
    if not form.is_valid():
        return render(request, "vetting/mine.html", _mine(expert, request, form), status=REFUSED)
    case = actions.open_case(
        expert_id=expert.public_id, field_id=form.cleaned_data["field"].pk, by=request.user, now=clock.now()
    )
    messages.success(request, _("The checks run now. A person decides within three days."))
    return redirect("vetting:own_case", case.public_id)


@require_GET
def own_case(request: Request, case_id: UUID) -> HttpResponse:
    """One case as the person it is about sees it."""
    return render(request, "vetting/own_case.html", _own(_own_case(request, case_id)))


@require_GET
def progress(request: Request, case_id: UUID) -> HttpResponse:
    """How many checks are in, and the state of the case; the page asks again by itself until all are."""
    context = _own(_own_case(request, case_id)) | {"oob": True}
    parts = [render_to_string(f"vetting/own_case.html#{part}", context, request) for part in ("checks", "state")]
    return HttpResponse("".join(parts))


@require_POST
def answer(request: Request, case_id: UUID) -> HttpResponse:
    """Answer what more was asked."""
    case = _own_case(request, case_id)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return render(request, "vetting/own_case.html", _own(case, form), status=REFUSED)
    actions.answer_case(case_id=case.public_id, text=form.cleaned_data["text"], by=request.user, now=clock.now())
    messages.success(request, _("Sent. The checks run again on what you added."))
    return redirect("vetting:own_case", case.public_id)


@require_POST
def appeal(request: Request, case_id: UUID) -> HttpResponse:
    """Appeal against a decline."""
    case = _own_case(request, case_id)
    form = AppealForm(request.POST)
    if not form.is_valid():
        return render(request, "vetting/own_case.html", _own(case, appeal_form=form), status=REFUSED)
    actions.file_appeal(case_id=case.public_id, text=form.cleaned_data["text"], by=request.user, now=clock.now())
    messages.success(request, _("Your appeal is here. Another person looks at everything again."))
    return redirect("vetting:own_case", case.public_id)


@require_http_methods(["GET", "POST"])
def withdraw(request: Request, case_id: UUID) -> HttpResponse:
    """Ask once more, then take the request back."""
    case = _own_case(request, case_id)
    if request.method == "GET":
        return render(request, "vetting/withdraw.html", {"case": case})
    actions.withdraw_case(case_id=case.public_id, by=request.user, now=clock.now())
    messages.success(request, _("Withdrawn. Nothing was decided; you can ask again at any time."))
    return redirect("vetting:mine")


def _mine(expert: Expert, request: Request, form: RequestForm | None = None) -> dict[str, Any]:
    cases, evidence = queries.cases_of(request.user), queries.has_evidence(expert)
    return {
        "now": clock.now(),
        "expert": expert,
        "cases": cases,
        "missing": queries.missing_for_case(expert, evidence=evidence),
        "form": form or RequestForm(expert=expert),
        "steps": queries.steps_of(expert, evidence=evidence, cases=cases),
    }


def _own(case: Case, form: AnswerForm | None = None, *, appeal_form: AppealForm | None = None) -> dict[str, Any]:
    now = clock.now()
    checks, decisions = queries.checks_of(case), queries.decisions_of(case)
    against = queries.appealable(case, decisions, now=now)
    return {
        "now": now,
        "case": case,
        "checks": checks,
        "checks_in": sum(check.checked_at is not None for check in checks),
        "decisions": decisions,
        "form": form or (AnswerForm() if case.state == CaseState.MORE_ASKED else None),
        "against": against,
        "appeal_form": appeal_form or (AppealForm() if against else None),
    }


def _own_case(request: Request, case_id: UUID) -> Case:
    rows = Case.objects.visible_to(request.user).with_people()
    return get_object_or_404(rows, public_id=case_id, expert__user=request.user)
