"""What was agreed, in writing: the record of the signature with its text and hash, and the contract as PDF."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from marketplace.kernel.http import Request
from projects.hiring.downloads import contract_pdf
from projects.hiring.models import Contract
from projects.hiring.views.sides import contract_of_lab_or_404, lab_context, own_contract_or_404, require_money
from projects.labs.queries import lab_or_404


@require_GET
def record(request: Request, contract_id: UUID) -> HttpResponse:
    """The expert's record of what they signed."""
    row = own_contract_or_404(request, contract_id)
    return render(request, "hiring/record.html", _record(row))


@require_GET
def lab_record(request: Request, slug: str, contract_id: UUID) -> HttpResponse:
    """The lab's record of what was signed."""
    lab = lab_or_404(request.user, slug)
    row = contract_of_lab_or_404(lab, contract_id)
    require_money(lab, request)
    return render(request, "hiring/lab_record.html", lab_context(request, lab) | _record(row))


@require_GET
def pdf(request: Request, contract_id: UUID) -> HttpResponse:
    return _download(own_contract_or_404(request, contract_id))


@require_GET
def lab_pdf(request: Request, slug: str, contract_id: UUID) -> HttpResponse:
    lab = lab_or_404(request.user, slug)
    row = contract_of_lab_or_404(lab, contract_id)
    require_money(lab, request)
    return _download(row)


def _record(row: Contract) -> dict[str, Any]:
    """Compute the hash of the text anew, and compare it with the one that was signed and the one beside the text."""
    terms = row.offer.terms
    signature = getattr(row.offer, "signature", None)
    computed = hashlib.sha256(terms.text.encode()).hexdigest()
    return {
        "contract": row,
        "terms": terms,
        "signature": signature,
        "computed": computed,
        "matches": signature is not None and {signature.text_sha256, terms.sha256} == {computed},
    }


def _download(row: Contract) -> HttpResponse:
    response = HttpResponse(contract_pdf(row), content_type="application/pdf")
    name = f"preceptor-contract-{row.alias}-{row.started_at:%Y-%m-%d}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
