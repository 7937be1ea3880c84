"""The expert's side: applying, offers, contracts."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect, reselect, retarget

from experts.profiles.models import Expert
from experts.profiles.queries import conflict_with
from marketplace.kernel import clock
from marketplace.kernel.http import Request, client_address
from projects.hiring import queries
from projects.hiring.actions import applications, contracts, offers
from projects.hiring.enums import LIVE_APPLICATION_STATES, ApplicationState, OfferState
from projects.hiring.forms import AcceptForm, ApplicationForm, PageForm, ReasonForm, SignForm
from projects.hiring.models import Application, Contract, Offer
from projects.listings.models import Project
from projects.listings.queries import requirements_met, standing_of

PAGE = 50


@require_http_methods(["GET", "POST"])
def apply(request: Request, project_id: UUID) -> HttpResponse:
    """Ask once more before an application is started; an application that stands is opened."""
    project = get_object_or_404(Project.objects.readable_by_anyone().with_listing(), public_id=project_id)
    if request.method == "POST":
        application = applications.start_application(project_id=project.public_id, by=request.user, now=clock.now())
        return redirect("hiring:application", application.public_id)
    existing = queries.application_of(request.user, project)
    if existing is not None and existing.state in LIVE_APPLICATION_STATES:
        return redirect("hiring:application", existing.public_id)
    expert = Expert.objects.filter(user=request.user).first()
    met = requirements_met(expert, project, standing_of(expert, today=clock.now().date())) if expert else []
    conflict = conflict_with(expert, project.lab.public_name, on=clock.now().date()) if expert else None
    context = {"project": project, "expert": expert, "met": met, "conflict": conflict}
    return render(request, "hiring/apply.html", context)


@require_GET
def application_list(request: Request) -> HttpResponse:
    form = PageForm(request.GET)
    rows = Application.objects.of_expert(request.user).with_people().order_by("-pk")
    if form.is_valid() and form.cleaned_data["after"]:
        rows = rows.filter(pk__lt=form.cleaned_data["after"])
    page = list(rows[: PAGE + 1])
    context = {
        "applications": page[:PAGE],
        "older": page[PAGE - 1].pk if len(page) > PAGE else None,
        "offers": queries.open_offers(request.user),
    }
    return render(request, "hiring/application_list.html", context)


@require_http_methods(["GET", "POST"])
def application(request: Request, application_id: UUID) -> HttpResponse:
    """The application: a form while it is a draft, a record with its clock afterwards."""
    row = _application_or_404(request, application_id)
    form = ApplicationForm(request.POST if request.method == "POST" else None, application=row)
    if request.method == "POST" and form.is_valid():
        row = _save(request, row, form)
        return _after_saving(request, row, submit=form.cleaned_data["submit_now"])
    context = {
        "application": row,
        "form": form,
        "is_draft": row.state == ApplicationState.STARTED,
        "met": requirements_met(row.expert, row.project, standing_of(row.expert, today=clock.now().date())),
        "missing": applications.missing_steps(row),
        "conflict": conflict_with(row.expert, row.project.lab.public_name, on=clock.now().date()),
        "offers": row.offers.order_by("-pk"),
    }
    answer = render(request, "hiring/application.html", context, status=422 if form.errors else 200)
    return reselect(retarget(answer, "#application-form"), "#application-form") if request.htmx else answer


def _after_saving(request: Request, row: Application, *, submit: bool) -> HttpResponse:
    """Submit what is complete; else say what is missing, and that what was written is kept."""
    missing = applications.missing_steps(row)
    if request.htmx and not submit:
        context = {"application": row, "saved_at": clock.now(), "missing": missing}
        return render(request, "hiring/application.html#saved", context)
    if submit and missing:
        words = _("Saved, but not submitted yet. Still to do: %(steps)s.") % {"steps": "; ".join(missing)}
        messages.warning(request, words)
    elif submit:
        applications.submit_application(application_id=row.public_id, by=request.user, now=clock.now())
        messages.success(request, _("Submitted. The lab has 10 days to decide."))
    else:
        messages.success(request, _("Saved."))
    address = reverse("hiring:application", args=[row.public_id])
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def _save(request: Request, row: Application, form: ApplicationForm) -> Application:
    return applications.save_application(
        application_id=row.public_id,
        by=request.user,
        now=clock.now(),
        version=form.cleaned_data["version"],
        note=form.cleaned_data["note"],
        answers=form.answers,
        conflicts=form.cleaned_data["conflicts"],
        work_authorised=form.cleaned_data["work_authorised"],
        conflicts_declared=form.cleaned_data["conflicts_declared"],
    )


@require_POST
def application_withdraw(request: Request, application_id: UUID) -> HttpResponse:
    row = _application_or_404(request, application_id)
    applications.withdraw_application(application_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("Withdrawn. You may apply again as long as the gig is open."))
    return redirect("hiring:applications")


@require_GET
def offer(request: Request, offer_id: UUID) -> HttpResponse:
    """The offer with its terms, and the steps that unlock the acceptance."""
    row = _offer_or_404(request, offer_id)
    steps = queries.steps_to_accept(row, request.user, today=clock.now().date())
    context = {
        "offer": row,
        "steps": steps,
        "signature": getattr(row, "signature", None),
        "can_accept": all(step.done for step in steps),
        "only_payout_missing": [step.code for step in steps if not step.done] == ["payout_account"],
        "is_open": row.state == OfferState.SENT,
        "guarantee": queries.guarantee_of(row),
        "sign_form": SignForm(),
        "accept_form": AcceptForm(),
    }
    return render(request, "hiring/offer.html", context)


@require_POST
def offer_sign(request: Request, offer_id: UUID) -> HttpResponse:
    row = _offer_or_404(request, offer_id)
    form = SignForm(request.POST)
    if form.is_valid():
        offers.sign_terms(
            offer_id=row.public_id,
            by=request.user,
            typed_name=form.cleaned_data["typed_name"],
            address=client_address(request),
            now=clock.now(),
        )
        messages.success(request, _("Signed. A copy of the text and its hash stay with the contract."))
    return redirect("hiring:offer", row.public_id)


@require_POST
def offer_accept(request: Request, offer_id: UUID) -> HttpResponse:
    row = _offer_or_404(request, offer_id)
    form = AcceptForm(request.POST)
    contract = offers.accept_offer(
        offer_id=row.public_id,
        by=request.user,
        defer_payout_account=form.is_valid() and form.cleaned_data["defer_payout_account"],
        now=clock.now(),
    )
    messages.success(request, _("You are hired. Your work waits under Work."))
    return redirect("hiring:contract", contract.public_id)


@require_POST
def offer_decline(request: Request, offer_id: UUID) -> HttpResponse:
    row = _offer_or_404(request, offer_id)
    offers.decline_offer(offer_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("Declined. The lab was told."))
    return redirect("hiring:applications")


@require_GET
def contract_list(request: Request) -> HttpResponse:
    form = PageForm(request.GET)
    rows = queries.running_first(Contract.objects.of_expert(request.user))
    page = list(queries.contracts_after(rows, form.cleaned_data["after"] if form.is_valid() else None)[: PAGE + 1])
    older = page[PAGE - 1].pk if len(page) > PAGE else None
    return render(request, "hiring/contract_list.html", {"contracts": page[:PAGE], "older": older})


@require_GET
def contract(request: Request, contract_id: UUID) -> HttpResponse:
    row = _contract_or_404(request, contract_id)
    context = {
        "contract": row,
        "versions": row.versions.order_by("-number"),
        "signature": getattr(row.offer, "signature", None),
        "reason_form": ReasonForm(),
    }
    return render(request, "hiring/contract.html", context)


@require_POST
def contract_end(request: Request, contract_id: UUID) -> HttpResponse:
    row = _contract_or_404(request, contract_id)
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    contracts.end_contract(contract_id=row.public_id, by=request.user, reason=reason, now=clock.now())
    messages.success(request, _("The contract has ended. Hours until now are reviewed and paid as always."))
    return redirect("hiring:contract", row.public_id)


def _application_or_404(request: Request, application_id: UUID) -> Application:
    rows = Application.objects.of_expert(request.user).with_people()
    row: Application = get_object_or_404(rows, public_id=application_id)
    return row


def _offer_or_404(request: Request, offer_id: UUID) -> Offer:
    rows = Offer.objects.of_expert(request.user).with_people().select_related("signature")
    row: Offer = get_object_or_404(rows, public_id=offer_id)
    return row


def _contract_or_404(request: Request, contract_id: UUID) -> Contract:
    rows = Contract.objects.of_expert(request.user).with_people().select_related("offer__terms", "offer__signature")
    row: Contract = get_object_or_404(rows, public_id=contract_id)
    return row
