"""The expert's contracts."""

from __future__ import annotations

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

PAGE = 50


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


def _contract_or_404(request: Request, contract_id: UUID) -> Contract:
    rows = Contract.objects.of_expert(request.user).with_people().select_related("offer__terms", "offer__signature")
    row: Contract = get_object_or_404(rows, public_id=contract_id)
    return row
