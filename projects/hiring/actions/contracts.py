"""Pausing and ending contracts. Ending never withholds approved pay."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.actors import Actor
from marketplace.kernel.errors import NotAllowed, Refused
from marketplace.kernel.states import require_move
from marketplace.notices.actions import notify
from projects.hiring import policies
from projects.hiring.enums import CONTRACT_MOVES, ContractState
from projects.hiring.models import Contract
from projects.labs.queries import managers_of
from projects.listings.models import Project


@transaction.atomic(durable=True)
def pause_contract(*, contract_id: UUID, by: Actor, reason: str, now: datetime) -> Contract:
    """
    Pause a contract with a reason. Weeks whose pay was set aside already are honoured.

    :raises NotAllowed: if `by` does not manage the lab, or would decide about themselves.
    :raises WrongState: if the contract is not active.
    :raises Refused: if no reason is given.
    """
    return _change(contract_id, ContractState.PAUSED, by=by, reason=reason, now=now)


@transaction.atomic(durable=True)
def resume_contract(*, contract_id: UUID, by: Actor, now: datetime) -> Contract:
    """
    Let the work of a paused contract go on.

    :raises NotAllowed: if `by` does not manage the lab, or would decide about themselves.
    :raises WrongState: if the contract is not paused.
    """
    return _change(contract_id, ContractState.ACTIVE, by=by, reason="Work goes on.", now=now)


def _change(contract_id: UUID, target: ContractState, *, by: Actor, reason: str, now: datetime) -> Contract:
    contract = _locked(contract_id)
    policies.require_hiring_manager(by, contract.lab, about=contract.expert.user)
    require_move(CONTRACT_MOVES, current=contract.state, target=target, what="contract")
    if len(reason.strip()) < 10:
        raise Refused("Say in a few words why: the other side reads it.", field="reason")
    contract.state = target
    contract.save(update_fields=["state"])
    reason = reason.strip()
    record(what=f"hiring.contract_{target.lower()}", by=by, about=contract, now=now, after={"reason": reason})
    words = "is paused" if target == ContractState.PAUSED else "goes on"
    _tell_expert(contract, title=f"{contract.project.title} {words}", body=reason, now=now)
    return contract


@transaction.atomic(durable=True)
def end_contract(*, contract_id: UUID, by: User, reason: str, now: datetime) -> Contract:
    """
    End a contract; either side may. Hours up to now are reviewed and paid as always, and the place is free again.

    :raises NotAllowed: if `by` is neither its expert nor a manager of its lab.
    :raises WrongState: if it has ended before.
    :raises Refused: if no reason is given.
    """
    contract = _locked(contract_id)
    if not policies.may_end(by, contract):
        raise NotAllowed("Only the expert or a manager of the lab may end this contract.")
    require_move(CONTRACT_MOVES, current=contract.state, target=ContractState.ENDED, what="contract")
    if len(reason.strip()) < 10:
        raise Refused("Say in a few words why: the other side reads it.", field="reason")
    contract.state = ContractState.ENDED
    contract.ended_at = now
    contract.end_reason = reason.strip()
    contract.save(update_fields=["state", "ended_at", "end_reason"])
    Project.objects.filter(pk=contract.project_id).update(places_filled=F("places_filled") - 1)
    record(what="hiring.end_contract", by=by, about=contract, now=now, after={"reason": contract.end_reason})
    body = f"{contract.end_reason}\n\nHours worked until now are reviewed and paid as always."
    if by.pk == contract.expert.user_id:
        for manager in managers_of(contract.lab):
            notify(
                user=manager,
                kind="candidates",
                title=f"{contract.alias} ended the contract: {contract.project.title}",
                body=body,
                path=f"/lab/{contract.lab.slug}/contracts/{contract.public_id}/",
                now=now,
            )
    else:
        _tell_expert(contract, title=f"{contract.project.title}: the contract has ended", body=body, now=now)
    return contract


def _tell_expert(contract: Contract, *, title: str, body: str, now: datetime) -> None:
    notify(
        user=contract.expert.user,
        kind="contracts",
        title=title,
        body=body,
        path=f"/me/contracts/{contract.public_id}/",
        now=now,
    )


def _locked(contract_id: UUID) -> Contract:
    rows = Contract.objects.select_related("expert__user", "project", "lab")
    return rows.select_for_update(of=("self",), no_key=True).get(public_id=contract_id)
