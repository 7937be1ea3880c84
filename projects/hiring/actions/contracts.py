"""Pausing and ending contracts, at once or with notice. Ending never withholds approved pay."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.actors import Actor, System
from marketplace.kernel.errors import NotAllowed, Refused, WrongState
from marketplace.kernel.states import require_move
from marketplace.kernel.sweeping import each
from projects.hiring import policies
from projects.hiring.actions.ending import drop_open_amendment, end_now, end_of_day, lock_contract
from projects.hiring.actions.telling import tell_expert, tell_lab
from projects.hiring.enums import (
    CODES_OF_EXPERTS,
    CODES_OF_LABS,
    CONTRACT_MOVES,
    NOTICE_DAYS,
    RATING_DAYS,
    ContractState,
    EndCode,
    Side,
)
from projects.hiring.models import Contract

SWEEP_LIMIT = 200


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
    contract = lock_contract(contract_id)
    policies.require_hiring_manager(by, contract.lab, about=contract.expert.user)
    require_move(CONTRACT_MOVES, current=contract.state, target=target, what="contract")
    if len(reason.strip()) < 10:
        raise Refused("Say in a few words why: the other side reads it.", field="reason")
    contract.state = target
    contract.save(update_fields=["state"])
    reason = reason.strip()
    record(what=f"hiring.contract_{target.lower()}", by=by, about=contract, now=now, after={"reason": reason})
    words = "is paused" if target == ContractState.PAUSED else "goes on"
    tell_expert(contract, title=f"{contract.project.title} {words}", body=reason, now=now)
    return contract


@transaction.atomic(durable=True)
def end_contract(
    *,
    contract_id: UUID,
    by: User,
    reason: str,
    now: datetime,
    code: EndCode = EndCode.OTHER,
    last_day: date | None = None,
) -> Contract:
    """
    End a contract at once, or give notice of its last day. Hours up to the end are reviewed and paid as always.

    An expert may leave on any day. A lab gives fourteen days' notice, except after a serious breach of the terms, which it
    puts in words. The place is free again once the contract has ended.

    :param last_day: the last UTC day on which hours count; without it the contract ends now.
    :raises NotAllowed: if `by` is neither its expert nor a manager of its lab.
    :raises WrongState: if it has ended before, or ends no later anyway.
    :raises Refused: if no reason is given, or the notice is too short.
    """
    contract = lock_contract(contract_id)
    if not policies.may_end(by, contract):
        raise NotAllowed("Only the expert or a manager of the lab may end this contract.")
    side = policies.side_of(by, contract)
    require_move(CONTRACT_MOVES, current=contract.state, target=ContractState.ENDED, what="contract")
    _check_end(contract, side, code=code, reason=reason, last_day=last_day, now=now)
    contract.ended_by, contract.end_code, contract.end_reason = side, code, reason.strip()
    if last_day is None:
        end_now(contract, at=min(now, contract.ends_at or now), by=by, now=now)
        _tell_that_it_ended(contract, now=now)
        return contract
    contract.ends_at = end_of_day(last_day)
    contract.notice_given_at = now
    contract.save(update_fields=["ends_at", "notice_given_at", "ended_by", "end_code", "end_reason"])
    drop_open_amendment(contract, by=by, now=now)
    facts = {"reason": contract.end_reason, "code": code, "side": side, "last_day": last_day.isoformat()}
    record(what="hiring.give_notice", by=by, about=contract, now=now, after=facts)
    _tell_of_notice(contract, last_day, now=now)
    return contract


def _check_end(
    contract: Contract, side: Side, *, code: EndCode, reason: str, last_day: date | None, now: datetime
) -> None:
    if code not in (CODES_OF_LABS if side == Side.LAB else CODES_OF_EXPERTS):
        raise Refused("Choose one of the reasons.", field="code")
    if len(reason.strip()) < 10:
        raise Refused("Say in a few words why: the other side reads it.", field="reason")
    if last_day is not None and end_of_day(last_day) <= now:
        raise Refused("The last day lies in the past. Choose today or a later day.", field="last_day")
    if last_day is not None and contract.ends_at is not None and contract.ends_at <= end_of_day(last_day):
        raise WrongState(f"This contract ends on {contract.ends_at - timedelta(days=1):%-d %B} anyway.")
    if side == Side.EXPERT:
        return
    if code == EndCode.BREACH:
        if len(reason.strip()) < 40:
            raise Refused("Say what happened, in at least 40 characters: the expert reads it.", field="reason")
    elif last_day is None or end_of_day(last_day) < now + timedelta(days=NOTICE_DAYS):
        first = (now + timedelta(days=NOTICE_DAYS)).date()
        raise Refused(
            f"A lab gives {NOTICE_DAYS} days' notice, so the last day is {first:%-d %B} or later. To stop the work until "
            "then, pause the contract. Only a serious breach of the terms ends it at once.",
            field="last_day",
        )


def _tell_of_notice(contract: Contract, last_day: date, *, now: datetime) -> None:
    words = f"{EndCode(contract.end_code).label}. {contract.end_reason}\n\n{_until_when(contract)}"
    if contract.ended_by == Side.EXPERT:
        title = f"{contract.alias} gives notice until {last_day:%-d %B}: {contract.project.title}"
        tell_lab(contract, title=title, body=words, now=now)
    else:
        title = f"{contract.project.title}: the lab gives notice, your last day is {last_day:%-d %B}"
        tell_expert(contract, title=title, body=words, now=now)


def _tell_that_it_ended(contract: Contract, *, now: datetime) -> None:
    """Tell the other side, or both if the clock ended it."""
    words = f"{contract.end_reason}\n\n{_until_when(contract)}\n\nBoth sides can rate the work for {RATING_DAYS} days."
    if contract.ended_by == Side.EXPERT and contract.notice_given_at is None:
        tell_lab(contract, title=f"{contract.alias} ended the contract: {contract.project.title}", body=words, now=now)
        return
    tell_expert(contract, title=f"{contract.project.title}: the contract has ended", body=words, now=now)
    if contract.notice_given_at is not None or contract.end_code == EndCode.AGREED:
        title = f"The contract of {contract.alias} has ended: {contract.project.title}"
        tell_lab(contract, title=title, body=words, now=now)


def _until_when(contract: Contract) -> str:
    return (
        f"Hours can be logged and corrected until {contract.hours_until:%A %-d %B, %H:%M} UTC. "
        "They are reviewed and paid as always."
    )


def end_contracts_that_are_over(*, now: datetime) -> int:
    """End contracts whose last day is over, agreed or announced; each in its own transaction. Return how many."""
    ids = list(Contract.objects.over(now).values_list("public_id", flat=True)[:SWEEP_LIMIT])
    return each(ids, lambda public_id: _end_by_clock(public_id, now=now), sweep="hiring.end_contracts")


@transaction.atomic(durable=True)
def _end_by_clock(contract_id: UUID, *, now: datetime) -> bool:
    contract = lock_contract(contract_id)
    if contract.state == ContractState.ENDED or contract.ends_at is None or contract.ends_at > now:
        return False
    if contract.notice_given_at is None:
        contract.end_code = EndCode.AGREED
        contract.end_reason = f"{EndCode.AGREED.label}: {contract.ends_at - timedelta(days=1):%-d %B %Y}."
    end_now(contract, at=contract.ends_at, by=System("clock"), now=now)
    _tell_that_it_ended(contract, now=now)
    return True
