"""Amendments: a lab proposes new terms of pay, the expert accepts or declines. Nothing is ever changed backwards."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor, System
from marketplace.kernel.errors import Refused, WrongState
from marketplace.kernel.money import format_money
from marketplace.kernel.states import require_move
from marketplace.kernel.sweeping import each
from projects.hiring import policies
from projects.hiring.actions.ending import end_of_day, lock_contract
from projects.hiring.actions.telling import tell_expert, tell_lab
from projects.hiring.enums import AMENDMENT_MOVES, NOTICE_DAYS, AmendmentState, ContractState
from projects.hiring.models import Amendment, Contract, ContractVersion
from projects.hiring.queries import NewTerms, answer_by, first_monday, last_version, version_of_week

SWEEP_LIMIT = 200


@transaction.atomic(durable=True)
def propose_amendment(
    *, contract_id: UUID, by: User, terms: NewTerms, effective_from: datetime, reason: str, now: datetime
) -> Amendment:
    """
    Propose new terms of pay from a Monday 00:00 UTC on. They count once the expert accepts, and never before that Monday.

    A raise may begin with the next week. A cut of pay, hours or days is announced fourteen days ahead.

    :raises NotAllowed: if `by` does not manage the lab, or would decide about themselves.
    :raises WrongState: if the contract has ended or is ending, or another amendment waits for its answer.
    :raises Refused: if nothing would change, the day is too early, or the listing promises more.
    """
    contract = lock_contract(contract_id)
    policies.require_hiring_manager(by, contract.lab, about=contract.expert.user)
    _require_running(contract, now=now)
    if contract.amendments.filter(state=AmendmentState.PROPOSED).exists():
        raise WrongState("An amendment waits for the expert's answer. Withdraw it before you propose another one.")
    version = last_version(contract)
    _check_terms(contract, terms, version)
    is_cut = terms.is_cut_of(version)
    _check_day(contract, terms, version, effective_from, is_cut=is_cut, now=now)
    if len(reason.strip()) < 10:
        raise Refused("Say in a few words why: the expert reads it.", field="reason")
    amendment: Amendment = Amendment.objects.create(
        contract=contract,
        rate_minor=terms.rate_minor,
        weekly_cap_minutes=terms.weekly_cap_minutes,
        ends_on=terms.ends_on,
        effective_from=effective_from,
        is_cut=is_cut,
        reason=reason.strip(),
        proposed_at=now,
        proposed_by=by,
        answer_by=answer_by(effective_from, now=now),
    )
    facts = _facts(amendment)
    record(what="hiring.propose_amendment", by=by, about=contract, now=now, before=_facts(version), after=facts)
    tell_expert(
        contract,
        title=f"{contract.project.title}: the lab proposes new terms",
        body=f"{_words(amendment, contract)}, from Monday {effective_from:%-d %B} on.\n\n{amendment.reason}\n\n"
        f"Answer by {amendment.answer_by:%A %-d %B, %H:%M} UTC. Until you accept, nothing changes.",
        button="Read what would change",
        now=now,
    )
    return amendment


def _require_running(contract: Contract, *, now: datetime) -> None:
    if contract.state == ContractState.ENDED or (contract.ends_at is not None and contract.ends_at <= now):
        raise WrongState("This contract has ended, so its terms stay as they were.")
    if contract.notice_given_at is not None:
        raise WrongState("Notice was given: this contract ends as it is. Make a new offer if you want to go on.")


def _check_terms(contract: Contract, terms: NewTerms, version: ContractVersion) -> None:
    project = contract.project
    if terms.is_same_as(version):
        raise Refused("Nothing would change. Change the rate, the hours or the last day.", field="rate")
    floor = project.rate_min_minor or 1
    if terms.rate_minor < min(floor, version.rate_minor):
        raise Refused(
            f"The listing promises at least {format_money(floor, contract.currency)} an hour. Propose that or more.",
            field="rate",
        )
    most = max(project.weekly_hours_cap * 60, version.weekly_cap_minutes)
    if not 60 <= terms.weekly_cap_minutes <= most:
        raise Refused(f"The listing allows 1 to {most // 60} hours a week.", field="weekly_cap_hours")


def _check_day(
    contract: Contract, terms: NewTerms, version: ContractVersion, begins: datetime, *, is_cut: bool, now: datetime
) -> None:
    first = first_monday(is_cut=is_cut, now=now)
    if begins != clock.week_start(begins):
        raise Refused("New terms begin on a Monday, because a week is paid by one rate.", field="effective_on")
    if begins < first:
        why = (
            f"Less pay, hours or days needs {NOTICE_DAYS} days' notice"
            if is_cut
            else "A week that has begun stays as it is"
        )
        raise Refused(f"{why}. The first possible Monday is {first:%-d %B}.", field="effective_on")
    if version.effective_from >= begins:
        raise Refused(
            f"Terms that were agreed begin on {version.effective_from:%-d %B}. Choose a later Monday.",
            field="effective_on",
        )
    if terms.ends_on is not None and terms.ends_on < begins.date():
        raise Refused("The last day lies before the new terms begin.", field="ends_on")
    if terms.ends_on is not None and terms.ends_on < contract.offer.starts_on:
        raise Refused("The last day lies before the first one.", field="ends_on")


@transaction.atomic(durable=True)
def accept_amendment(*, amendment_id: UUID, by: User, now: datetime) -> Amendment:
    """
    Agree to an amendment: it becomes the next version of the contract.

    The rate and the cap count from its Monday on; the last day, which sets nothing aside, is moved at once.

    :raises NotAllowed: if `by` is not the contract's expert.
    :raises WrongState: if it was answered, withdrawn or has lapsed, or the contract has ended meanwhile.
    """
    amendment = _locked(amendment_id)
    contract = amendment.contract
    policies.require_contractor(by, contract)
    require_move(AMENDMENT_MOVES, current=amendment.state, target=AmendmentState.ACCEPTED, what="amendment")
    if amendment.answer_by <= now:
        raise WrongState("The time to answer is over, so the terms stay as they are. The lab may propose them again.")
    _require_running(contract, now=now)
    before = last_version(contract)
    amendment.version = ContractVersion.objects.create(
        contract=contract,
        number=before.number + 1,
        pay_kind=before.pay_kind,
        rate_minor=amendment.rate_minor,
        weekly_cap_minutes=amendment.weekly_cap_minutes,
        fee_bps=before.fee_bps,
        ends_on=amendment.ends_on,
        effective_from=amendment.effective_from,
        accepted_at=now,
        created_at=now,
    )
    if amendment.ends_on != before.ends_on:
        contract.ends_at = end_of_day(amendment.ends_on) if amendment.ends_on else None
        contract.save(update_fields=["ends_at"])
    _answer(amendment, AmendmentState.ACCEPTED, by=by, now=now)
    tell_lab(
        contract,
        title=f"{contract.alias} accepted the new terms: {contract.project.title}",
        body=f"{_words(amendment, contract)}, from Monday {amendment.effective_from:%-d %B} on. "
        "Weeks before that are paid as before.",
        now=now,
    )
    return amendment


@transaction.atomic(durable=True)
def decline_amendment(*, amendment_id: UUID, by: User, now: datetime) -> Amendment:
    """
    Say no to an amendment. The contract goes on as it is; the lab may give notice if it cannot.

    :raises NotAllowed: if `by` is not the contract's expert.
    :raises WrongState: if it was answered or withdrawn before, or has lapsed.
    """
    amendment = _locked(amendment_id)
    policies.require_contractor(by, amendment.contract)
    _answer(amendment, AmendmentState.DECLINED, by=by, now=now)
    tell_lab(
        amendment.contract,
        title=f"{amendment.contract.alias} declined the new terms: {amendment.contract.project.title}",
        body=f"The contract goes on as it is. If it cannot, you may end it with {NOTICE_DAYS} days' notice.",
        now=now,
    )
    return amendment


@transaction.atomic(durable=True)
def withdraw_amendment(*, amendment_id: UUID, by: Actor, now: datetime) -> Amendment:
    """
    Take an amendment back that nobody answered.

    :raises NotAllowed: if `by` does not manage the lab, or would decide about themselves.
    :raises WrongState: if it was answered before, or has lapsed.
    """
    amendment = _locked(amendment_id)
    policies.require_hiring_manager(by, amendment.contract.lab, about=amendment.contract.expert.user)
    _answer(amendment, AmendmentState.WITHDRAWN, by=by, now=now)
    tell_expert(
        amendment.contract,
        title=f"{amendment.contract.project.title}: the lab withdrew the new terms",
        body="Your contract goes on as it is.",
        now=now,
    )
    return amendment


def lapse_overdue_amendments(*, now: datetime) -> int:
    """End amendments that nobody answered in time; each in its own transaction. Return how many."""
    ids = list(Amendment.objects.overdue(now).values_list("public_id", flat=True)[:SWEEP_LIMIT])
    return each(ids, lambda public_id: _lapse(public_id, now=now), sweep="hiring.lapse_amendments")


@transaction.atomic(durable=True)
def _lapse(amendment_id: UUID, *, now: datetime) -> bool:
    amendment = _locked(amendment_id)
    if amendment.state != AmendmentState.PROPOSED or amendment.answer_by > now:
        return False
    contract = amendment.contract
    _answer(amendment, AmendmentState.LAPSED, by=System("clock"), now=now)
    words = "Nobody answered in time, so the contract goes on as it is."
    tell_expert(contract, title=f"{contract.project.title}: the new terms have lapsed", body=words, now=now)
    tell_lab(contract, title=f"{contract.alias} did not answer in time: {contract.project.title}", body=words, now=now)
    return True


def start_versions(*, now: datetime) -> int:
    """Let contracts show the version that is in force, and tell both sides; each in its own transaction."""
    rows = Contract.objects.with_a_newer_version(now)
    ids = list(rows.values_list("public_id", flat=True)[:SWEEP_LIMIT])
    return each(ids, lambda public_id: _start(public_id, now=now), sweep="hiring.start_versions")


@transaction.atomic(durable=True)
def _start(contract_id: UUID, *, now: datetime) -> bool:
    contract = lock_contract(contract_id)
    version = version_of_week(contract, clock.period_of(now))
    if version.pk == contract.current_version_id or version.effective_from > now:
        return False
    contract.current_version = version
    contract.save(update_fields=["current_version"])
    record(what="hiring.start_version", by=System("clock"), about=contract, now=now, after=_facts(version))
    if contract.state != ContractState.ENDED:
        title = f"{contract.project.title}: version {version.number} of the contract is in force"
        body = f"{_words(version, contract)}, since {version.effective_from:%A %-d %B, %H:%M} UTC."
        tell_expert(contract, title=title, body=body, now=now)
        tell_lab(contract, title=f"{contract.alias}, {title}", body=body, now=now)
    return True


def _answer(amendment: Amendment, target: AmendmentState, *, by: Actor, now: datetime) -> None:
    require_move(AMENDMENT_MOVES, current=amendment.state, target=target, what="amendment")
    amendment.state = target
    amendment.answered_at = now
    amendment.save(update_fields=["state", "answered_at", "version"])
    after = _facts(amendment) | ({"version": amendment.version.number} if amendment.version else {})
    record(what=f"hiring.amendment_{target.lower()}", by=by, about=amendment.contract, now=now, after=after)


def _facts(terms: Amendment | ContractVersion) -> dict[str, str | int]:
    return {
        "rate_minor": terms.rate_minor,
        "weekly_cap_minutes": terms.weekly_cap_minutes,
        "ends_on": terms.ends_on.isoformat() if terms.ends_on else "",
        "effective_from": terms.effective_from.isoformat(),
    }


def _words(terms: Amendment | ContractVersion, contract: Contract) -> str:
    hours = f"{terms.weekly_cap_minutes / 60:g}"
    words = f"{format_money(terms.rate_minor, contract.currency)} an hour, up to {hours} hours a week"
    return f"{words}, until {terms.ends_on:%-d %B %Y}" if terms.ends_on else words


def _locked(amendment_id: UUID) -> Amendment:
    """The contract first, then its amendment: the order that every action keeps, so none waits in a circle."""
    contract_ref = Amendment.objects.values_list("contract__public_id", flat=True).get(public_id=amendment_id)
    contract = lock_contract(contract_ref)
    rows = Amendment.objects.select_for_update(of=("self",), no_key=True)
    amendment: Amendment = rows.get(public_id=amendment_id)
    amendment.contract = contract
    return amendment
