"""The lab's contracts: the list, one contract, pausing, ending, and proposing new terms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.kernel import clock
from marketplace.kernel.http import Request
from projects.hiring import queries
from projects.hiring.actions import amendments, contracts
from projects.hiring.enums import AmendmentState, Side
from projects.hiring.forms import AmendForm, ContractFilterForm, EndForm, RatingForm, ReasonForm, WordsForm
from projects.hiring.models import Contract
from projects.hiring.views.contracts import said_of_end
from projects.hiring.views.sides import contract_of_lab_or_404, lab_context, require_money
from projects.labs.models import Lab
from projects.labs.queries import lab_or_404
from projects.listings.models import Project

PAGE = 50
BAD_REQUEST = 400


@require_GET
def contract_list(request: Request, slug: str) -> HttpResponse:
    lab = lab_or_404(request.user, slug)
    all_of_lab = Contract.objects.filter(lab=lab)
    projects = Project.objects.filter(lab=lab, contracts__isnull=False).distinct().order_by("title", "pk")
    form = ContractFilterForm(request.GET, projects=projects.values_list("public_id", "title"), auto_id="find_%s")
    wanted = form.chosen()
    found = queries.contracts_found(all_of_lab, state=wanted["state"], project=wanted["project"], text=wanted["q"])
    rows = queries.running_first(found)
    page = list(queries.contracts_after(rows, wanted["after"])[: PAGE + 1])
    context = lab_context(request, lab) | {
        "contracts": page[:PAGE],
        "older": page[PAGE - 1].pk if len(page) > PAGE else None,
        "form": form,
        "wanted": wanted,
        "is_filtered": any(wanted[name] for name in ("state", "project", "q")),
    }
    return render(request, "hiring/lab_contract_list.html", context)


@require_GET
def contract(request: Request, slug: str, contract_id: UUID) -> HttpResponse:
    lab = lab_or_404(request.user, slug)
    context = lab_contract_context(request, lab, contract_of_lab_or_404(lab, contract_id))
    return render(request, "hiring/lab_contract.html", context)


def lab_contract_context(request: Request, lab: Lab, row: Contract) -> dict[str, Any]:
    """Return what the lab's page of a contract shows; money, words and answers to those who manage it."""
    now = clock.now()
    shared = lab_context(request, lab)
    versions = list(row.versions.order_by("-number"))
    context = shared | {
        "contract": row,
        "versions": versions,
        "signature": getattr(row.offer, "signature", None),
        "reason_form": ReasonForm(),
        "end_form": EndForm(side=Side.LAB, now=now, auto_id="end_%s"),
    }
    if not shared["may_decide"]:
        return context
    amendment = queries.open_amendment(row)
    return context | {
        "differences": queries.changes_of_versions(versions, row.currency),
        "amendment": amendment,
        "amendment_rows": queries.changes(versions[0], amendment, row.currency) if amendment else [],
        "answers": list(row.amendments.exclude(state=AmendmentState.PROPOSED).order_by("-pk")[:20]),
        "history": queries.history_of(row, Side.LAB),
        "ratings": queries.ratings_of(row, Side.LAB, now=now),
        "rating_form": RatingForm(auto_id="rating_%s"),
        "reply_form": WordsForm(auto_id="reply_%s"),
        "report_form": WordsForm(auto_id="report_%s"),
    }


@require_POST
def contract_pause(request: Request, slug: str, contract_id: UUID) -> HttpResponse:
    row = contract_of_lab_or_404(lab_or_404(request.user, slug), contract_id)
    contracts.pause_contract(contract_id=row.public_id, by=request.user, reason=_reason(request), now=clock.now())
    messages.success(request, _("Contract paused. The expert was told."))
    return redirect("hiring:lab_contract", slug, row.public_id)


@require_POST
def contract_resume(request: Request, slug: str, contract_id: UUID) -> HttpResponse:
    row = contract_of_lab_or_404(lab_or_404(request.user, slug), contract_id)
    contracts.resume_contract(contract_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("Work goes on. The expert was told."))
    return redirect("hiring:lab_contract", slug, row.public_id)


@require_POST
def contract_end(request: Request, slug: str, contract_id: UUID) -> HttpResponse:
    lab = lab_or_404(request.user, slug)
    row = contract_of_lab_or_404(lab, contract_id)
    require_money(lab, request)
    form = EndForm(request.POST, side=Side.LAB, now=clock.now(), auto_id="end_%s")
    if not form.is_valid():
        context = lab_contract_context(request, lab, row) | {"end_form": form}
        return render(request, "hiring/lab_contract.html", context, status=BAD_REQUEST)
    done = contracts.end_contract(contract_id=row.public_id, by=request.user, now=clock.now(), **form.chosen())
    messages.success(request, said_of_end(done))
    return redirect("hiring:lab_contract", slug, row.public_id)


@require_http_methods(["GET", "POST"])
def amend(request: Request, slug: str, contract_id: UUID) -> HttpResponse:
    """Propose new terms: fill them in, look at what would change, send them."""
    lab = lab_or_404(request.user, slug)
    row = contract_of_lab_or_404(lab, contract_id)
    require_money(lab, request)
    now, version = clock.now(), queries.last_version(row)
    firsts = [queries.first_monday(is_cut=is_cut, now=now) for is_cut in (False, True)]
    first = max(firsts[0], clock.week_start(version.effective_from) + timedelta(days=7))
    is_post = request.method == "POST"
    form = AmendForm(request.POST if is_post else None, contract=row, version=version, first=first)
    is_valid = is_post and form.is_valid()
    if is_valid and "send" in request.POST:
        amendments.propose_amendment(
            contract_id=row.public_id,
            by=request.user,
            terms=form.terms(),
            effective_from=form.effective_from(),
            reason=form.cleaned_data["reason"],
            now=now,
        )
        messages.success(request, _("Proposed. Nothing changes before the expert accepts."))
        return redirect("hiring:lab_contract", slug, row.public_id)
    terms = form.terms() if is_valid else None
    context = lab_context(request, lab) | {
        "contract": row,
        "version": version,
        "form": form,
        "firsts": [first.date() for first in firsts],
        "rows": queries.changes(version, terms, row.currency) if terms else [],
        "is_cut": terms is not None and terms.is_cut_of(version),
        "amendment": queries.open_amendment(row),
    }
    return render(request, "hiring/amend.html", context, status=BAD_REQUEST if is_post and not is_valid else 200)


@require_POST
def amendment_withdraw(request: Request, slug: str, contract_id: UUID, amendment_id: UUID) -> HttpResponse:
    row = contract_of_lab_or_404(lab_or_404(request.user, slug), contract_id)
    amendment = get_object_or_404(row.amendments.all(), public_id=amendment_id)
    amendments.withdraw_amendment(amendment_id=amendment.public_id, by=request.user, now=clock.now())
    messages.success(request, _("Withdrawn. The contract goes on as it is."))
    return redirect("hiring:lab_contract", slug, row.public_id)


def _reason(request: Request) -> str:
    """The reason as it was typed; whether it says enough is for the action."""
    form = ReasonForm(request.POST)
    return str(form.cleaned_data["reason"]) if form.is_valid() else ""
