"""What other people say: second opinions before a decision, and appeals after it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from experts.vetting import actions, queries
from experts.vetting.enums import AppealOutcome
from experts.vetting.forms import JudgeForm, OpinionAskForm, OpinionForm
from experts.vetting.views.page import case_or_404, refused
from marketplace.kernel import clock
from marketplace.kernel.http import Request


@require_POST
def ask(request: Request, case_id: UUID) -> HttpResponse:
    """Ask a colleague, or whoever is free."""
    row = case_or_404(request, case_id)
    form = OpinionAskForm(request.POST, others=queries.colleagues(row, of=request.user), prefix="ask")
    if not form.is_valid():
        return refused(request, row, ask_form=form)
    data = form.cleaned_data
    opinion = actions.ask_opinion(
        case_id=row.public_id, own_leaning=data["own_leaning"], of_id=data["of"], question=data["question"],
        by=request.user, now=clock.now(),
    )  # fmt: skip
    whom = opinion.of.get_full_name() if opinion.of else _("Everybody in vetting")
    messages.success(
        request, _("%(whom)s was asked. What you would do is shown to nobody until then.") % {"whom": whom}
    )
    return redirect("vetting:case", row.public_id)


@require_POST
def give(request: Request, case_id: UUID) -> HttpResponse:
    """Give the second opinion."""
    row = case_or_404(request, case_id)
    form = OpinionForm(request.POST, prefix="opinion")
    if not form.is_valid():
        return refused(request, row, opinion_form=form)
    opinion = actions.give_opinion(case_id=row.public_id, by=request.user, now=clock.now(), **form.cleaned_data)
    words = _("You would do the same.") if opinion.agrees else _("You see it differently.")
    messages.success(request, _("Sent to %(name)s.") % {"name": opinion.asked_by.get_full_name()} + " " + words)
    return redirect("vetting:case", row.public_id)


@require_POST
def withdraw(request: Request, case_id: UUID) -> HttpResponse:
    """Take the question back."""
    row = case_or_404(request, case_id)
    actions.withdraw_opinion(case_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("The question is taken back."))
    return redirect("vetting:case", row.public_id)


@require_POST
def judge(request: Request, case_id: UUID) -> HttpResponse:
    """Say whether a decline stands."""
    row = case_or_404(request, case_id)
    form = JudgeForm(request.POST, prefix="judge")
    if not form.is_valid():
        return refused(request, row, judge_form=form)
    appeal = actions.judge_appeal(case_id=row.public_id, by=request.user, now=clock.now(), **form.cleaned_data)
    words = {
        AppealOutcome.UPHELD: _("The decline of %(case)s stands."),
        AppealOutcome.APPROVED: _("%(case)s is approved after its appeal."),
        AppealOutcome.REOPENED: _("%(case)s is checked again."),
    }
    messages.success(request, words[AppealOutcome(appeal.outcome)] % {"case": row})
    return redirect("vetting:case", row.public_id)
