"""Steps that contracts and amendments share. None is an action: each needs the open transaction of its caller."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import F

from marketplace.audit.actions import record
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.states import require_move
from projects.hiring.enums import (
    AMENDMENT_MOVES,
    CONTRACT_MOVES,
    AmendmentState,
    ContractState,
)
from projects.hiring.models import Contract
from projects.listings.models import Project


def lock_contract(contract_id: UUID) -> Contract:
    """Return the locked contract. Without its version: what is joined is as old as the statement, which may have waited."""
    rows = Contract.objects.select_related("expert__user", "project", "lab", "offer")
    contract: Contract = rows.select_for_update(of=("self",), no_key=True).get(public_id=contract_id)
    return contract


def end_of_day(day: date) -> datetime:
    """Return the first moment after a UTC day."""
    return clock.starts_at(day) + timedelta(days=1)


def end_now(contract: Contract, *, at: datetime, by: Actor, now: datetime) -> None:
    """
    Move a locked contract to its end and free its place. What was approved, or will be, is paid as always.

    :param at: the moment from which it has ended; not later than now.
    :raises WrongState: if it has ended before.
    """
    require_move(CONTRACT_MOVES, current=contract.state, target=ContractState.ENDED, what="contract")
    contract.state = ContractState.ENDED
    contract.ended_at = at
    contract.save(update_fields=["state", "ended_at", "ends_at", "ended_by", "end_code", "end_reason"])
    Project.objects.filter(pk=contract.project_id).update(places_filled=F("places_filled") - 1)
    drop_open_amendment(contract, by=by, now=now)
    facts = {"reason": contract.end_reason, "code": contract.end_code, "side": contract.ended_by}
    record(what="hiring.end_contract", by=by, about=contract, now=now, after=facts)


def drop_open_amendment(contract: Contract, *, by: Actor, now: datetime) -> None:
    """Withdraw what waits for an answer on a locked contract that is ending."""
    rows = contract.amendments.select_for_update(of=("self",), no_key=True)
    amendment = rows.filter(state=AmendmentState.PROPOSED).first()
    if amendment is None:
        return
    require_move(AMENDMENT_MOVES, current=amendment.state, target=AmendmentState.WITHDRAWN, what="amendment")
    amendment.state = AmendmentState.WITHDRAWN
    amendment.answered_at = now
    amendment.save(update_fields=["state", "answered_at"])
    record(what="hiring.amendment_withdrawn", by=by, about=contract, now=now, after={"why": "the contract ends"})
