"""The lab's contracts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from marketplace.kernel import clock
from marketplace.kernel.http import Request
from projects.hiring import queries
from projects.hiring.actions import contracts
from projects.hiring.forms import PageForm, ReasonForm
from projects.hiring.models import Contract
from projects.labs.models import Lab
from projects.labs.queries import lab_or_404, may_manage, role_in

PAGE = 50


def _context(request: Request, lab: Lab) -> dict[str, Any]:
    return {"lab": lab, "lab_role": role_in(lab, request.user), "may_decide": may_manage(lab, request.user)}


@require_GET
def contract_list(request: Request, slug: str) -> HttpResponse:
    lab = lab_or_404(request.user, slug)
    form = PageForm(request.GET)
    rows = queries.running_first(Contract.objects.filter(lab=lab))
    page = list(queries.contracts_after(rows, form.cleaned_data["after"] if form.is_valid() else None)[: PAGE + 1])
    older = page[PAGE - 1].pk if len(page) > PAGE else None
    context = _context(request, lab) | {"contracts": page[:PAGE], "older": older}
    return render(request, "hiring/lab_contract_list.html", context)


@require_GET
def contract(request: Request, slug: str, contract_id: UUID) -> HttpResponse:
    lab = lab_or_404(request.user, slug)
    row = _contract_of(lab, contract_id)
    context = _context(request, lab) | {
        "contract": row,
        "versions": row.versions.order_by("-number"),
        "signature": getattr(row.offer, "signature", None),
        "reason_form": ReasonForm(),
    }
    return render(request, "hiring/lab_contract.html", context)


@require_POST
def contract_pause(request: Request, slug: str, contract_id: UUID) -> HttpResponse:
    row = _contract_of(lab_or_404(request.user, slug), contract_id)
    contracts.pause_contract(contract_id=row.public_id, by=request.user, reason=_reason(request), now=clock.now())
    messages.success(request, _("Contract paused. The expert was told."))
    return redirect("hiring:lab_contract", slug, row.public_id)


@require_POST
def contract_resume(request: Request, slug: str, contract_id: UUID) -> HttpResponse:
    row = _contract_of(lab_or_404(request.user, slug), contract_id)
    contracts.resume_contract(contract_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("Work goes on. The expert was told."))
    return redirect("hiring:lab_contract", slug, row.public_id)


@require_POST
def contract_end(request: Request, slug: str, contract_id: UUID) -> HttpResponse:
    row = _contract_of(lab_or_404(request.user, slug), contract_id)
    contracts.end_contract(contract_id=row.public_id, by=request.user, reason=_reason(request), now=clock.now())
    messages.success(request, _("The contract has ended. Hours until now are reviewed and paid as always."))
    return redirect("hiring:lab_contract", slug, row.public_id)


def _reason(request: Request) -> str:
    """The reason as it was typed; whether it says enough is for the action."""
    form = ReasonForm(request.POST)
    return str(form.cleaned_data["reason"]) if form.is_valid() else ""


def _contract_of(lab: Lab, contract_id: UUID) -> Contract:
    rows = Contract.objects.filter(lab=lab).with_people().select_related("offer__terms", "offer__signature")
    row: Contract = get_object_or_404(rows, public_id=contract_id)
    return row
