"""The expert's contracts."""

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
from projects.hiring.actions import amendments, contracts
from projects.hiring.enums import AmendmentState, ContractState, Side
from projects.hiring.forms import ContractFilterForm, EndForm, RatingForm, WordsForm
from projects.hiring.models import Contract
from projects.hiring.views.sides import own_contract_or_404

PAGE = 50
BAD_REQUEST = 400


@require_GET
def contract_list(request: Request) -> HttpResponse:
    wanted = ContractFilterForm(request.GET).chosen()
    mine = Contract.objects.of_expert(request.user)
    found = queries.contracts_found(mine, state=wanted["state"], project=None, text=wanted["q"])
    rows = queries.running_first(found)
    page = list(queries.contracts_after(rows, wanted["after"])[: PAGE + 1])
    context = {
        "contracts": page[:PAGE],
        "older": page[PAGE - 1].pk if len(page) > PAGE else None,
        "counts": queries.counts_by_state(mine),
        "states": list(ContractState),
        "state": wanted["state"],
    }
    return render(request, "hiring/contract_list.html", context)


@require_GET
def contract(request: Request, contract_id: UUID) -> HttpResponse:
    return render(request, "hiring/contract.html", contract_context(own_contract_or_404(request, contract_id)))


def contract_context(row: Contract) -> dict[str, Any]:
    """Return what the expert's page of a contract shows."""
    now = clock.now()
    versions = list(row.versions.order_by("-number"))
    amendment = queries.open_amendment(row)
    return {
        "contract": row,
        "versions": versions,
        "differences": queries.changes_of_versions(versions, row.currency),
        "signature": getattr(row.offer, "signature", None),
        "amendment": amendment,
        "amendment_rows": queries.changes(versions[0], amendment, row.currency) if amendment else [],
        "answers": list(row.amendments.exclude(state=AmendmentState.PROPOSED).order_by("-pk")[:20]),
        "history": queries.history_of(row, Side.EXPERT),
        "ratings": queries.ratings_of(row, Side.EXPERT, now=now),
        "rating_form": RatingForm(auto_id="rating_%s"),
        "reply_form": WordsForm(auto_id="reply_%s"),
        "report_form": WordsForm(auto_id="report_%s"),
        "end_form": EndForm(side=Side.EXPERT, now=now, auto_id="end_%s"),
    }


@require_POST
def contract_end(request: Request, contract_id: UUID) -> HttpResponse:
    row = own_contract_or_404(request, contract_id)
    form = EndForm(request.POST, side=Side.EXPERT, now=clock.now(), auto_id="end_%s")
    if not form.is_valid():
        context = contract_context(row) | {"end_form": form}
        return render(request, "hiring/contract.html", context, status=BAD_REQUEST)
    done = contracts.end_contract(contract_id=row.public_id, by=request.user, now=clock.now(), **form.chosen())
    messages.success(request, said_of_end(done))
    return redirect("hiring:contract", row.public_id)


def said_of_end(row: Contract) -> str:
    """Return what the page says once somebody has ended a contract, or given notice."""
    until = f"{row.hours_until:%-d %B, %H:%M} UTC"
    if row.state == ContractState.ENDED:
        return _("The contract has ended. Hours up to now can be logged until %(until)s and are paid as always.") % {
            "until": until
        }
    return _("Notice is given. The contract ends by itself; its hours can be logged until %(until)s.") % {
        "until": until
    }


@require_POST
def amendment_accept(request: Request, contract_id: UUID, amendment_id: UUID) -> HttpResponse:
    row = own_contract_or_404(request, contract_id)
    done = amendments.accept_amendment(amendment_id=_of(row, amendment_id), by=request.user, now=clock.now())
    day = f"{done.effective_from:%-d %B}"
    messages.success(request, _("Accepted. The new terms count from Monday %(day)s on.") % {"day": day})
    return redirect("hiring:contract", row.public_id)


@require_POST
def amendment_decline(request: Request, contract_id: UUID, amendment_id: UUID) -> HttpResponse:
    row = own_contract_or_404(request, contract_id)
    amendments.decline_amendment(amendment_id=_of(row, amendment_id), by=request.user, now=clock.now())
    messages.success(request, _("Declined. Your contract goes on as it is; the lab was told."))
    return redirect("hiring:contract", row.public_id)


def _of(row: Contract, amendment_id: UUID) -> UUID:
    found: UUID = get_object_or_404(row.amendments.all(), public_id=amendment_id).public_id
    return found
