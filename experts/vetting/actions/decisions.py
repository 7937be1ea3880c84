"""Deciding a case: always a person of vetting staff, never about themselves, with a reason the expert reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from experts.assessments.actions import close_ask
from experts.vetting import policies
from experts.vetting.actions.cases import locked_case, own_path
from experts.vetting.enums import (
    ANSWER_DAYS,
    CASE_MOVES,
    DECLINE_REASON_MIN_CHARS,
    REASONS_OF_OUTCOME,
    CaseState,
    Outcome,
    ReasonCode,
)
from experts.vetting.models import Case, Check, Decision, Hit
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.errors import Invalid, WrongState
from marketplace.kernel.states import require_move
from marketplace.notices.actions import notify

TARGETS = {
    Outcome.APPROVE: CaseState.APPROVED,
    Outcome.ASK_FOR_MORE: CaseState.MORE_ASKED,
    Outcome.DECLINE: CaseState.DECLINED,
}


@transaction.atomic(durable=True)
def decide_case(
    *,
    case_id: UUID,
    outcome: str,
    reason_code: str,
    reason: str,
    evidence_check_ids: Sequence[int],
    by: User,
    now: datetime,
) -> Decision:
    """
    Approve, ask for more, or decline. This function will tell the expert with the reason, on the page and by e-mail.

    :param evidence_check_ids: the checks of this case that the decision rests on.
    :raises NotAllowed: if `by` may not work on it, or it is about themselves.
    :raises WrongState: if somebody else has the case, or it waits for no decision.
    :raises Invalid: if the reason does not fit the outcome, is too short, or names no evidence.
    """
    case = locked_case(case_id)
    policies.require_worker(by, case)
    if case.claimed_by_id != by.pk:
        who = case.claimed_by.get_full_name() if case.claimed_by else "Nobody"
        raise WrongState(f"{who} has this case now. Claim it before you decide it.")
    chosen = Outcome(outcome)
    require_move(CASE_MOVES, current=case.state, target=TARGETS[chosen], what="case")
    if chosen == Outcome.APPROVE and Hit.objects.blocking().filter(expert=case.expert_id).exists():
        raise WrongState("The name is like one on the sanctions list. Compare them under Sanctions before you approve.")
    reason = reason.strip()
    evidence = _evidence(case, evidence_check_ids)
    _require_reason(chosen, ReasonCode(reason_code), reason, evidence)
    decision: Decision = Decision.objects.create(
        case=case, outcome=chosen, reason_code=reason_code, reason=reason, evidence_checks=evidence, decided_by=by,
        about=case.expert.user, decided_at=now,
    )  # fmt: skip
    _move(case, chosen, now=now)
    record(what="vetting.decide_case", by=by, about=case, now=now, before={"state": str(CaseState.AWAITING_DECISION)},
           after={"state": str(case.state), "reason_code": reason_code, "evidence": evidence})  # fmt: skip
    _tell(case, decision, now=now)
    return decision


def _evidence(case: Case, check_ids: Sequence[int]) -> list[int]:
    wanted = sorted(set(check_ids))
    known = Check.objects.filter(case=case, pk__in=wanted).count()
    if known != len(wanted):
        raise Invalid("One of the checks you rely on is not of this case.", field="evidence")
    return wanted


def _require_reason(outcome: Outcome, code: ReasonCode, reason: str, evidence: list[int]) -> None:
    if code not in REASONS_OF_OUTCOME[outcome]:
        raise Invalid(f"“{code.label}” is no reason to {outcome.label.lower()}.", field="reason_code")
    if outcome == Outcome.DECLINE and len(reason) < DECLINE_REASON_MIN_CHARS:
        raise Invalid(f"A decline gives a reason of at least {DECLINE_REASON_MIN_CHARS} characters.", field="reason")
    if outcome == Outcome.ASK_FOR_MORE and len(reason) < 20:
        raise Invalid("Say in at least twenty characters what you ask for.", field="reason")
    if outcome != Outcome.ASK_FOR_MORE and not evidence:
        raise Invalid("Pick the checks that your decision rests on.", field="evidence")


def _move(case: Case, outcome: Outcome, *, now: datetime) -> None:
    require_move(CASE_MOVES, current=case.state, target=TARGETS[outcome], what="case")
    case.state = TARGETS[outcome]
    if outcome == Outcome.ASK_FOR_MORE:
        case.due_at = now + timedelta(days=ANSWER_DAYS)
    else:
        case.decided_at = now
        close_ask(purpose_kind="case", purpose_ref=case.public_id, now=now)
    case.save(update_fields=["state", "due_at", "decided_at"])


def _tell(case: Case, decision: Decision, *, now: datetime) -> None:
    field = case.field.name
    titles = {
        Outcome.APPROVE: f"You are vetted for {field}",
        Outcome.ASK_FOR_MORE: f"{field}: we need something more from you",
        Outcome.DECLINE: f"{field}: your case was declined",
    }
    ends = {
        Outcome.APPROVE: "It counts for every gig that asks for it, from now on.",
        Outcome.ASK_FOR_MORE: f"You have {ANSWER_DAYS} days to answer; then the case closes without a decision.",
        Outcome.DECLINE: "The checks it rests on are on your page. You can ask again when something has changed.",
    }
    outcome = Outcome(decision.outcome)
    label = ReasonCode(decision.reason_code).label
    parts = [f"{label}.", decision.reason, ends[outcome]]
    notify(
        user=case.expert.user, kind="vetting", now=now, path=own_path(case), title=titles[outcome],
        body="\n\n".join(part for part in parts if part), button="See your case",
    )  # fmt: skip
