"""Questions about contracts: their lists, their names, and finding them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.kernel.registry import PALETTE_ROWS
from projects.hiring.enums import AmendmentState, ContractState
from projects.hiring.models import Amendment, Contract, ContractQuerySet


def running_first(rows: ContractQuerySet) -> QuerySet[Contract]:
    """
    Return contracts with what a list shows: active and paused ones, then those that ended; the newest first.

    `proposal_waits` says whether new terms wait for the expert's answer.
    """
    ended = Case(When(state=ContractState.ENDED, then=Value(1)), default=Value(0), output_field=IntegerField())
    waiting = Amendment.objects.filter(contract=OuterRef("pk"), state=AmendmentState.PROPOSED)
    return rows.with_people().annotate(ended=ended, proposal_waits=Exists(waiting)).order_by("ended", "-pk")


def contracts_after(rows: QuerySet[Contract], pk: int | None) -> QuerySet[Contract]:
    """Return what follows a contract in the order of `running_first`; the first page if it is not there."""
    last: Any = rows.filter(pk=pk).first() if pk else None
    if last is None:
        return rows
    return rows.filter(Q(ended__gt=last.ended) | Q(ended=last.ended, pk__lt=last.pk))


def contracts_found(
    rows: ContractQuerySet, *, state: str | None, project: UUID | None, text: str | None
) -> ContractQuerySet:
    """Return the contracts that a list was asked for; names and aliases are found by a part of them."""
    if state:
        rows = rows.filter(state=state)
    if project:
        rows = rows.filter(project__public_id=project)
    if text:
        named = Q(alias__iexact=text) | Q(expert__user__full_name__icontains=text) | Q(project__title__icontains=text)
        rows = rows.filter(named)
    return rows


def counts_by_state(rows: ContractQuerySet) -> dict[str, int]:
    """Return how many of these contracts stand in each state, by one query."""
    return dict(rows.order_by().values_list("state").annotate(count=Count("pk")))


def names_of_contracts(refs: Iterable[UUID]) -> dict[UUID, str]:
    """Return expert and project of the contracts with these public ids, as finance calls them, by one query."""
    contracts = Contract.objects.filter(public_id__in=list(refs)).select_related("expert__user", "project")
    return {contract.public_id: f"{contract.expert.user}, {contract.project.title}" for contract in contracts}


def found_contracts(user: User, text: str) -> list[tuple[str, str, str]]:
    """Return an expert's own contracts, and the contracted experts of a person's labs, that the text names."""
    own = Contract.objects.filter(expert__user=user, project__title__icontains=text).select_related("project")
    named = Q(alias__iexact=text) | Q(expert__user__full_name__icontains=text)
    theirs = Contract.objects.visible_to(user).filter(named).exclude(expert__user=user)
    return [
        (row.project.title, _("Your contract"), reverse("hiring:contract", args=[row.public_id]))
        for row in own.order_by("-pk")[:PALETTE_ROWS]
    ] + [
        (
            row.expert.user.get_full_name(),
            f"{row.alias}, {row.project.title}",
            reverse("hiring:lab_contract", args=[row.lab.slug, row.public_id]),
        )
        for row in theirs.select_related("expert__user", "project", "lab").order_by("-pk")[:PALETTE_ROWS]
    ]
