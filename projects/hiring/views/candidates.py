"""One candidate of a lab: what they meet, what was said about them, decisions, offers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from experts.assessments.queries import assessment_results, interview_result
from experts.profiles.models import history_of
from experts.profiles.queries import free_time_of
from marketplace.kernel import clock
from marketplace.kernel.http import Request
from marketplace.kernel.money import major_units
from projects.hiring.actions import applications, offers
from projects.hiring.actions.reviewing import OPEN_TO_REVIEW
from projects.hiring.enums import WAITING_APPLICATION_STATES, ApplicationState, DeclineCode, HeldState
from projects.hiring.forms import BackForm, DeclineForm, NoteForm, OfferForm, ScorecardForm
from projects.hiring.models import Application, Contract, GigInvitation
from projects.hiring.queries.ratings import track_record_of
from projects.hiring.queries.reviewing import criteria_of, notes_about, scores_of
from projects.hiring.views.pipeline import lab_context
from projects.labs.models import Lab
from projects.labs.queries import lab_or_404, may_review
from projects.listings.queries import requirements_met, standing_of


@require_GET
def candidate(request: Request, slug: str, application_id: UUID) -> HttpResponse:
    """One candidate: what they meet and miss, their answers, and the decision."""
    lab = lab_or_404(request.user, slug)
    return render(request, "hiring/candidate.html", candidate_context(request, lab, candidate_of(lab, application_id)))


def candidate_context(request: Request, lab: Lab, row: Application) -> dict[str, Any]:
    """Return what the page of a candidate shows to this member of the lab."""
    project = row.project
    initial = {
        "rate": major_units(project.rate_max_minor or 0, project.currency),
        "weekly_cap_hours": project.weekly_hours_cap,
        "starts_on": clock.now().date(),
    }
    contract = Contract.objects.filter(offer__application=row).first()
    return (
        lab_context(request, lab)
        | _said(request, lab, row)
        | {
            "application": row,
            "project": project,
            "met": requirements_met(row.expert, project, standing_of(row.expert, today=clock.now().date())),
            "track_record": track_record_of(row.expert),
            "offers": row.offers.select_related("signature").order_by("-pk"),
            "contract": contract,
            "is_hired": row.state == ApplicationState.HIRED,
            "free_time": free_time_of(row.expert, reader_zone=request.user.time_zone, now=clock.now()),
            "can_decide": row.state in WAITING_APPLICATION_STATES,
            "offer_form": OfferForm(initial=initial, currency=project.currency),
            "decline_form": DeclineForm(),
        }
    )


def _said(request: Request, lab: Lab, row: Application) -> dict[str, Any]:
    """Return what members wrote about the candidate, and the forms to write more; nothing for the candidate themselves."""
    if row.expert.user_id == request.user.pk:
        return {"is_own": True}
    field = row.project.assessed_field
    criteria = criteria_of(row.project)
    return {
        "scores": scores_of(row, request.user),
        "notes": notes_about(row, request.user),
        "may_review": may_review(lab, request.user),
        "is_open": row.state in OPEN_TO_REVIEW,
        "score_form": ScorecardForm(criteria=criteria, prefix="score"),
        "note_form": NoteForm(prefix="note"),
        "held": row.held.filter(state=HeldState.HELD).select_related("decided_by").first(),
        "invitation": GigInvitation.objects.filter(application=row).select_related("sent_by").first(),
        "results": assessment_results(row.expert, field) if field else [],
        "interview": interview_result(row.expert, field) if field else None,
    }


@require_POST
def candidate_shortlist(request: Request, slug: str, application_id: UUID) -> HttpResponse:
    row = candidate_of(lab_or_404(request.user, slug), application_id)
    applications.shortlist_application(application_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("On the shortlist."))
    back = BackForm(request.POST)
    if back.is_valid() and back.cleaned_data["back"] == "board":
        return redirect("hiring:board", slug)
    return redirect("hiring:candidate", slug, row.public_id)


@require_POST
def candidate_decline(request: Request, slug: str, application_id: UUID) -> HttpResponse:
    lab = lab_or_404(request.user, slug)
    row = candidate_of(lab, application_id)
    form = DeclineForm(request.POST)
    if not form.is_valid():
        context = candidate_context(request, lab, row) | {"decline_form": form}
        return render(request, "hiring/candidate.html", context, status=400)
    applications.decline_application(
        application_id=row.public_id,
        by=request.user,
        code=DeclineCode(form.cleaned_data["code"]),
        reason=form.cleaned_data["reason"],
        now=clock.now(),
    )
    messages.success(request, _("Declined. The expert reads your reason."))
    return redirect("hiring:candidates", slug)


@require_POST
def candidate_offer(request: Request, slug: str, application_id: UUID) -> HttpResponse:
    lab = lab_or_404(request.user, slug)
    row = candidate_of(lab, application_id)
    form = OfferForm(request.POST, currency=row.project.currency)
    if not form.is_valid():
        context = candidate_context(request, lab, row) | {"offer_form": form}
        return render(request, "hiring/candidate.html", context, status=400)
    offers.make_offer(
        application_id=row.public_id,
        by=request.user,
        rate_minor=form.cleaned_data["rate"],
        weekly_cap_hours=form.cleaned_data["weekly_cap_hours"],
        starts_on=form.cleaned_data["starts_on"],
        ends_on=form.cleaned_data["ends_on"],
        message=form.cleaned_data["message"],
        now=clock.now(),
    )
    messages.success(request, _("Offer sent. The expert has 7 days to answer."))
    return redirect("hiring:candidate", slug, row.public_id)


@require_POST
def offer_withdraw(request: Request, slug: str, application_id: UUID, offer_id: UUID) -> HttpResponse:
    row = candidate_of(lab_or_404(request.user, slug), application_id)
    offer = get_object_or_404(row.offers.all(), public_id=offer_id)
    offers.withdraw_offer(offer_id=offer.public_id, by=request.user, now=clock.now())
    messages.success(request, _("Offer withdrawn. The candidate stays on the shortlist."))
    return redirect("hiring:candidate", slug, row.public_id)


def candidate_of(lab: Lab, application_id: UUID) -> Application:
    row: Application = get_object_or_404(
        Application.objects.of_lab(lab)
        .with_people()
        .prefetch_related("expert__languages", "expert__field_entries__field", *history_of("expert__")),
        public_id=application_id,
    )
    return row
