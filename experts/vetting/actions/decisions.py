"""Deciding a case: always a person of vetting staff, never about themselves, with a reason the expert reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from experts.assessments.actions import close_ask
from experts.credentials.models import Document
from experts.vetting import policies
from experts.vetting.actions.cases import CLAIM, let_go, locked_case, own_path, withdraw_open
from experts.vetting.actions.claims import require_holder
from experts.vetting.enums import (
    ANSWER_DAYS,
    APPEAL_DAYS,
    ASK_REASON_MIN_CHARS,
    CASE_MOVES,
    DECLINE_REASON_MIN_CHARS,
    NEEDS_TWO,
    REASON_SENTENCES,
    REASONS_OF_OUTCOME,
    CaseState,
    CheckResult,
    Outcome,
    ReasonCode,
)
from experts.vetting.models import Case, Check, Decision, Evidence, Hit, Opinion
from experts.vetting.queries import given_opinion
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
    evidence_document_ids: Sequence[UUID] = (),
) -> Decision:
    """
    Approve, ask for more, or decline. This function will tell the expert with the reason, on the page and by e-mail.

    :param evidence_check_ids: the checks of this case that the decision rests on, and `evidence_document_ids` the files.
    :raises NotAllowed: if `by` may not work on it, or it is about themselves.
    :raises WrongState: if somebody else has the case, it waits for no decision, a check runs again, or a second person must
        agree first.
    :raises Invalid: if the reason does not fit the outcome, is too short, or names no evidence.
    """
    case = locked_case(case_id)
    policies.require_worker(by, case)
    require_holder(case, by)
    chosen, code, reason = Outcome(outcome), ReasonCode(reason_code), reason.strip()
    if case.state == CaseState.APPEALED:
        raise WrongState("This case is appealed. Judge the appeal; another decision is not made beside it.")
    require_move(CASE_MOVES, current=case.state, target=TARGETS[chosen], what="case")
    require_checked(case)
    if chosen == Outcome.APPROVE:
        require_no_hit(case)
    evidence = _evidence(case, evidence_check_ids, evidence_document_ids)
    _require_reason(chosen, code, reason, evidence)
    second = given_opinion(case, to=by)
    if chosen == Outcome.DECLINE and code in NEEDS_TWO:
        require_agreement(second)
    decision: Decision = Decision.objects.create(
        case=case, outcome=chosen, reason_code=code, reason=reason, decided_by=by, about=case.expert.user, decided_at=now,
        second_by=second.given_by if second else None,
    )  # fmt: skip
    for row in evidence:
        row.decision = decision
    Evidence.objects.bulk_create(evidence)
    withdraw_open(case, now=now)
    _move(case, chosen, now=now)
    record(what="vetting.decide_case", by=by, about=case, now=now, before={"state": str(CaseState.AWAITING_DECISION)},
           after={"state": str(case.state), "reason_code": str(code), "evidence": [row.label for row in evidence]})  # fmt: skip
    _tell(case, decision, now=now)
    return decision


def require_checked(case: Case) -> None:
    """
    Let a decision pass only when every check of the round is in, passed or left to a person.

    :raises WrongState: if one runs again at this moment.
    """
    running: Check | None = case.checks.filter(round=case.round).unfinished().order_by("pk").first()
    if running is not None:
        raise WrongState(
            f"“{running.label}” runs again at this moment. Decide when it is in; it is a matter of minutes."
        )


def require_no_hit(case: Case) -> None:
    """
    Let nobody be approved whose name is like one on the sanctions list, before people have compared them.

    :raises WrongState: if a hit stands.
    """
    if Hit.objects.blocking().filter(expert=case.expert_id).exists():
        raise WrongState("The name is like one on the sanctions list. Compare them under Sanctions before you approve.")


def require_agreement(second: Opinion | None) -> None:
    """
    Let a decline that accuses somebody pass only when a second person, asked blind, would decline as well.

    :raises WrongState: if nobody was asked, or they see it otherwise.
    """
    if second is None:
        raise WrongState("One person alone never accuses an expert. Ask for a second opinion first.")
    if second.leaning != Outcome.DECLINE:
        raise WrongState("The second opinion is not to decline. Choose another reason, ask for more, or approve.")


def _evidence(case: Case, check_ids: Sequence[int], document_ids: Iterable[UUID]) -> list[Evidence]:
    """Return the rows that a decision rests on, not saved yet; every one must belong to this case and this person."""
    checks = list(Check.objects.filter(case=case, pk__in=set(check_ids)).select_related("credential").order_by("pk"))
    if len(checks) != len(set(check_ids)):
        raise Invalid("One of the checks you rely on is not of this case.", field="evidence")
    wanted = set(document_ids)
    documents = list(Document.objects.filter(expert=case.expert_id, public_id__in=wanted).order_by("pk"))
    if len(documents) != len(wanted):
        raise Invalid("One of the files you rely on is not of this person, or was deleted.", field="documents")
    if any(check.result == CheckResult.PENDING for check in checks):
        raise Invalid("A check that is not in cannot be relied on.", field="evidence")
    rows = [Evidence(check_row=check, label=check.label[:200]) for check in checks]
    return [*rows, *(Evidence(document=document, label=document.original_name[:200]) for document in documents)]


def _require_reason(outcome: Outcome, code: ReasonCode, reason: str, evidence: list[Evidence]) -> None:
    if code not in REASONS_OF_OUTCOME[outcome]:
        raise Invalid(f"“{code.label}” is no reason to {outcome.label.lower()}.", field="reason_code")
    if outcome == Outcome.DECLINE and len(reason) < DECLINE_REASON_MIN_CHARS:
        raise Invalid(f"A decline gives a reason of at least {DECLINE_REASON_MIN_CHARS} characters.", field="reason")
    if outcome == Outcome.ASK_FOR_MORE and len(reason) < ASK_REASON_MIN_CHARS:
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
        let_go(case)
    case.save(update_fields=["state", "due_at", "decided_at", *CLAIM])


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
        Outcome.DECLINE: f"What it rests on is on your page. You can appeal within {APPEAL_DAYS} days; another person than "
        "the one who decided then looks at everything. You can also ask again when something has changed.",
    }
    outcome = Outcome(decision.outcome)
    code = ReasonCode(decision.reason_code)
    parts = [f"{code.label}. {REASON_SENTENCES[code]}", decision.reason, ends[outcome]]
    notify(
        user=case.expert.user, kind="vetting", now=now, path=own_path(case), title=titles[outcome],
        body="\n\n".join(part for part in parts if part), button="See your case",
    )  # fmt: skip
