"""Ratings: giving and answering them on both sides, what everybody sees of a lab, and the reports that staff decide."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.kernel import clock
from marketplace.kernel.http import Request
from projects.hiring import queries
from projects.hiring.actions import ratings
from projects.hiring.enums import RATINGS_SHOWN_FROM
from projects.hiring.forms import RatingForm, ReportDecisionForm, WordsForm
from projects.hiring.models import Contract, Rating
from projects.hiring.views.contracts import BAD_REQUEST, contract_context
from projects.hiring.views.lab_contracts import lab_contract_context
from projects.hiring.views.sides import contract_of_lab_or_404, own_contract_or_404, require_money
from projects.labs.models import Lab
from projects.labs.queries import lab_or_404


@require_POST
def rate(request: Request, contract_id: UUID) -> HttpResponse:
    row = own_contract_or_404(request, contract_id)
    form = RatingForm(request.POST, auto_id="rating_%s")
    if not form.is_valid():
        context = contract_context(row) | {"rating_form": form}
        return render(request, "hiring/contract.html", context, status=BAD_REQUEST)
    _give(request, row, form)
    return redirect("hiring:contract", row.public_id)


@require_POST
def lab_rate(request: Request, slug: str, contract_id: UUID) -> HttpResponse:
    lab = lab_or_404(request.user, slug)
    row = contract_of_lab_or_404(lab, contract_id)
    require_money(lab, request)
    form = RatingForm(request.POST, auto_id="rating_%s")
    if not form.is_valid():
        context = lab_contract_context(request, lab, row) | {"rating_form": form}
        return render(request, "hiring/lab_contract.html", context, status=BAD_REQUEST)
    _give(request, row, form)
    return redirect("hiring:lab_contract", slug, row.public_id)


def _give(request: Request, row: Contract, form: RatingForm) -> None:
    given = ratings.give_rating(contract_id=row.public_id, by=request.user, now=clock.now(), **form.cleaned_data)
    shown = _("Thank you. Both ratings are shown now.")
    waits = _("Thank you. It is shown once the other side has given theirs, or when the time to rate is over.")
    messages.success(request, shown if given.revealed_at else waits)


@require_POST
def reply(request: Request, contract_id: UUID) -> HttpResponse:
    row = own_contract_or_404(request, contract_id)
    _answer(request, row, is_report=False)
    return redirect("hiring:contract", row.public_id)


@require_POST
def report(request: Request, contract_id: UUID) -> HttpResponse:
    row = own_contract_or_404(request, contract_id)
    _answer(request, row, is_report=True)
    return redirect("hiring:contract", row.public_id)


@require_POST
def lab_reply(request: Request, slug: str, contract_id: UUID) -> HttpResponse:
    row = _of_lab(request, slug, contract_id)
    _answer(request, row, is_report=False)
    return redirect("hiring:lab_contract", slug, row.public_id)


@require_POST
def lab_report(request: Request, slug: str, contract_id: UUID) -> HttpResponse:
    row = _of_lab(request, slug, contract_id)
    _answer(request, row, is_report=True)
    return redirect("hiring:lab_contract", slug, row.public_id)


def _of_lab(request: Request, slug: str, contract_id: UUID) -> Contract:
    lab = lab_or_404(request.user, slug)
    row = contract_of_lab_or_404(lab, contract_id)
    require_money(lab, request)
    return row


def _answer(request: Request, row: Contract, *, is_report: bool) -> None:
    """Answer or report the one rating of the contract that this person's side got; whether it may be is for the action."""
    form = WordsForm(request.POST)
    words = form.cleaned_data["words"] if form.is_valid() else ""
    other = "LAB" if row.expert.user_id == request.user.pk else "EXPERT"
    got = get_object_or_404(Rating.objects.visible_to(request.user).filter(contract=row, side=other))
    if is_report:
        ratings.report_rating(rating_id=got.public_id, by=request.user, reason=words, now=clock.now())
        messages.success(request, _("Reported. Our staff look at it and tell both sides what they decided."))
    else:
        ratings.reply_to_rating(rating_id=got.public_id, by=request.user, words=words, now=clock.now())
        messages.success(request, _("Your answer stands below the rating."))


@login_not_required
@require_GET
def of_lab(request: HttpRequest, slug: str) -> HttpResponse:
    """What experts gave a lab that does not stay anonymous: a mean and a count, and nobody's words."""
    lab = get_object_or_404(Lab.objects.filter(is_anonymous=False), slug=slug)
    context = {"profile": lab, "average": queries.average_of_lab(lab), "shown_from": RATINGS_SHOWN_FROM}
    return render(request, "hiring/lab_ratings.html", context)


@require_GET
def reports(request: Request) -> HttpResponse:
    """Reports about ratings that wait for staff, the oldest first."""
    _require_staff(request)
    return render(request, "hiring/rating_reports.html", {"door": "vetting", "rows": _waiting(request)[:100]})


@require_http_methods(["GET", "POST"])
def report_decide(request: Request, rating_id: UUID) -> HttpResponse:
    """One report: what was said, what is wrong with it, and the decision."""
    _require_staff(request)
    rows = Rating.objects.visible_to(request.user).exclude(flag_state="").select_related(*WITH)
    row = get_object_or_404(rows, public_id=rating_id)
    is_post = request.method == "POST"
    form = ReportDecisionForm(request.POST if is_post else None)
    if is_post and form.is_valid():
        ratings.decide_report(rating_id=row.public_id, by=request.user, now=clock.now(), **form.cleaned_data)
        messages.success(request, _("Decided. Both sides were told."))
        return redirect("hiring:rating_reports")
    context = {"door": "vetting", "rating": row, "form": form}
    return render(request, "hiring/rating_report.html", context, status=BAD_REQUEST if is_post else 200)


WITH = ("contract__expert__user", "contract__lab", "contract__project", "decided_by")


def _waiting(request: Request) -> Any:
    return queries.reported_ratings(request.user)


def _require_staff(request: Request) -> None:
    if not request.user.is_vetting_staff:
        raise Http404
