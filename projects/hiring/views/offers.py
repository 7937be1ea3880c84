"""The expert's offers: reading, signing, answering."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from marketplace.kernel import clock
from marketplace.kernel.http import Request, client_address
from projects.hiring import queries
from projects.hiring.actions import offers
from projects.hiring.enums import OfferState
from projects.hiring.forms import AcceptForm, SignForm
from projects.hiring.models import Offer

PAGE = 50


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
        "guarantee": queries.guarantee_of(row, today=clock.now().date()),
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


def _offer_or_404(request: Request, offer_id: UUID) -> Offer:
    rows = Offer.objects.of_expert(request.user).with_people().select_related("signature")
    row: Offer = get_object_or_404(rows, public_id=offer_id)
    return row
