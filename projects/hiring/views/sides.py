"""Finding a contract for one of its sides: the expert's own, or one of a lab that the person may see."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404

from marketplace.kernel.http import Request
from projects.hiring.models import Contract
from projects.labs.models import Lab
from projects.labs.queries import may_manage, require_manager, role_in

MONEY = "What a contract pays is for its expert and for those who manage the lab."


def own_contract_or_404(request: Request, contract_id: UUID) -> Contract:
    """
    Return a contract of the expert.

    :raises Http404: the same for a foreign contract and for none.
    """
    rows = Contract.objects.of_expert(request.user).with_people()
    found: Contract = get_object_or_404(rows.select_related(*OFFER), public_id=contract_id)
    return found


def contract_of_lab_or_404(lab: Lab, contract_id: UUID) -> Contract:
    """
    Return a contract of the lab.

    :raises Http404: the same for a foreign contract and for none.
    """
    rows = Contract.objects.filter(lab=lab).with_people()
    found: Contract = get_object_or_404(rows.select_related(*OFFER), public_id=contract_id)
    return found


OFFER = ("lab", "offer__terms", "offer__signature", "offer__sent_by")


def require_money(lab: Lab, request: Request) -> None:
    """:raises NotAllowed: for members of the lab who do not manage it."""
    require_manager(lab, request.user, MONEY)


def lab_context(request: Request, lab: Lab) -> dict[str, Any]:
    return {"lab": lab, "lab_role": role_in(lab, request.user), "may_decide": may_manage(lab, request.user)}
