"""The lab's pipeline: candidates, decisions, offers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from experts.profiles.models import history_of
from experts.profiles.queries import free_time_of
from marketplace.kernel import clock
from marketplace.kernel.http import Request
from marketplace.kernel.money import major_units
from projects.hiring import queries
from projects.hiring.actions import applications, offers
from projects.hiring.enums import WAITING_APPLICATION_STATES, ApplicationState, DeclineCode
from projects.hiring.forms import CandidateFilterForm, DeclineForm, OfferForm
from projects.hiring.models import Application, Contract
from projects.labs.models import Lab
from projects.labs.queries import lab_or_404, may_manage, role_in
from projects.listings.models import Project
from projects.listings.queries import requirements_met, standing_of

PAGE = 50


def _context(request: Request, lab: Lab) -> dict[str, Any]:
    return {"lab": lab, "lab_role": role_in(lab, request.user), "may_decide": may_manage(lab, request.user)}


@require_GET
def candidates(request: Request, slug: str) -> HttpResponse:
    """Everybody who applied to the lab's projects, those who wait for a decision first by their clock."""
    lab = lab_or_404(request.user, slug)
    form = CandidateFilterForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    project = Project.objects.filter(lab=lab, public_id=wanted["project"]).first() if wanted.get("project") else None
    rows = queries.candidates_in_turn(lab, project, wanted.get("state", ""))
    page = list(queries.candidates_after(rows, wanted.get("after"))[: PAGE + 1])
    context = _context(request, lab) | {
        "applications": page[:PAGE],
        "older": page[PAGE - 1].pk if len(page) > PAGE else None,
        "counts": queries.pipeline_counts(lab, project),
        "states": [state for state in ApplicationState if state != ApplicationState.STARTED],
        "state": wanted.get("state", ""),
        "project": project,
    }
    return render(request, "hiring/candidates.html", context)


@require_GET
def candidate(request: Request, slug: str, application_id: UUID) -> HttpResponse:
    """One candidate: what they meet and miss, their answers, and the decision."""
    lab = lab_or_404(request.user, slug)
    return render(request, "hiring/candidate.html", _candidate_context(request, lab, _of(lab, application_id)))


def _candidate_context(request: Request, lab: Lab, row: Application) -> dict[str, Any]:
    project = row.project
    initial = {
        "rate": major_units(project.rate_max_minor or 0, project.currency),
        "weekly_cap_hours": project.weekly_hours_cap,
        "starts_on": clock.now().date(),
    }
    contract = Contract.objects.filter(offer__application=row).first()
    return _context(request, lab) | {
        "application": row,
        "project": project,
        "met": requirements_met(row.expert, project, standing_of(row.expert, today=clock.now().date())),
        "track_record": queries.track_record_of(row.expert),
        "offers": row.offers.select_related("signature").order_by("-pk"),
        "contract": contract,
        "is_hired": row.state == ApplicationState.HIRED,
        "free_time": free_time_of(row.expert, reader_zone=request.user.time_zone, now=clock.now()),
        "can_decide": row.state in WAITING_APPLICATION_STATES,
        "offer_form": OfferForm(initial=initial, currency=project.currency),
        "decline_form": DeclineForm(),
    }


@require_POST
def candidate_shortlist(request: Request, slug: str, application_id: UUID) -> HttpResponse:
    row = _of(lab_or_404(request.user, slug), application_id)
    applications.shortlist_application(application_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("On the shortlist."))
    return redirect("hiring:candidate", slug, row.public_id)


@require_POST
def candidate_decline(request: Request, slug: str, application_id: UUID) -> HttpResponse:
    lab = lab_or_404(request.user, slug)
    row = _of(lab, application_id)
    form = DeclineForm(request.POST)
    if not form.is_valid():
        context = _candidate_context(request, lab, row) | {"decline_form": form}
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
    row = _of(lab, application_id)
    form = OfferForm(request.POST, currency=row.project.currency)
    if not form.is_valid():
        context = _candidate_context(request, lab, row) | {"offer_form": form}
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
    row = _of(lab_or_404(request.user, slug), application_id)
    offer = get_object_or_404(row.offers.all(), public_id=offer_id)
    offers.withdraw_offer(offer_id=offer.public_id, by=request.user, now=clock.now())
    messages.success(request, _("Offer withdrawn. The candidate stays on the shortlist."))
    return redirect("hiring:candidate", slug, row.public_id)


def _of(lab: Lab, application_id: UUID) -> Application:
    row: Application = get_object_or_404(
        Application.objects.of_lab(lab)
        .with_people()
        .prefetch_related("expert__languages", "expert__field_entries__field", *history_of("expert__")),
        public_id=application_id,
    )
    return row
