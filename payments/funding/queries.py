"""Questions about deposits that other rooms ask."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet, Sum

from payments.funding.enums import DepositState
from payments.funding.models import Deposit


def deposits_of_lab(lab_ref: UUID) -> QuerySet[Deposit]:
    """Return the deposits of a lab, the newest first. Who may see them is for the caller to decide."""
    deposits: QuerySet[Deposit] = Deposit.objects.of_lab(lab_ref).newest_first()
    return deposits


def deposits_of_project(project_ref: UUID) -> QuerySet[Deposit]:
    """Return the deposits that were made for a project, the newest first."""
    deposits: QuerySet[Deposit] = Deposit.objects.of_project(project_ref).newest_first()
    return deposits


def on_its_way_minor(*, project_ref: UUID, currency: str = "USD") -> int:
    """Return what bank payments for a project will bring if they succeed; nothing of it may be spent yet."""
    waiting = Deposit.objects.of_project(project_ref).filter(state=DepositState.PROCESSING, currency=currency)
    return int(waiting.aggregate(total=Sum("amount_minor"))["total"] or 0)
