"""Cases in every state, reached the way they are reached in the product."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from experts.profiles.models import Expert
from experts.vetting import actions
from experts.vetting.enums import Outcome, ReasonCode
from experts.vetting.models import Case, Decision
from marketplace.accounts.models import User
from tests.factories.experts_credentials import make_npi
from tests.factories.experts_profiles import NOW, field_of, make_expert, make_vetter

LONG_REASON = (
    "The licence number you gave is not listed by the board of the state you named, and the document shows another name. "
    "Please look at both before you ask again."
)


def make_case(expert: Expert | None = None, field: str = "cardiology", now: datetime = NOW) -> Case:
    """Open a case; its checks wait to be worked."""
    expert = expert or make_expert(fields=[field])
    if not expert.credentials.exists():
        make_npi(expert)
    return actions.open_case(expert_id=expert.public_id, field_id=field_of(field).pk, by=expert.user, now=now)


def work_all(case: Case, now: datetime = NOW) -> Case:
    """Work every check of the case, as workers would."""
    for check_id in case.checks.unfinished().order_by("pk").values_list("pk", flat=True):
        actions.work_check(check_id=check_id, now=now)
    case.refresh_from_db()
    return case


def make_checked_case(expert: Expert | None = None, field: str = "cardiology", now: datetime = NOW) -> Case:
    """Open a case and work its checks, so that it awaits a decision."""
    return work_all(make_case(expert, field, now), now)


def decide(case: Case, outcome: str = Outcome.APPROVE, *, by: User | None = None, now: datetime = NOW) -> Case:
    """Claim the case and decide it with a fitting reason."""
    by = by or case.claimed_by or make_vetter()
    now = now + timedelta(hours=1)
    actions.claim_case(case_id=case.public_id, by=by, now=now)
    code = ReasonCode.MEETS_STANDARD if outcome == Outcome.APPROVE else ReasonCode.CREDENTIAL_NOT_FOUND
    checks = list(case.checks.filter(round=case.round).order_by("pk").values_list("pk", flat=True))
    actions.decide_case(
        case_id=case.public_id, outcome=outcome, reason_code=code, reason="" if outcome == Outcome.APPROVE else LONG_REASON,
        evidence_check_ids=checks[:2], by=by, now=now,
    )  # fmt: skip
    case.refresh_from_db()
    return case


def decide_as(case: Case, by: User, **facts: Any) -> Decision:
    """Press decide as this person, who may not be the one to do so; facts overrule single values of an approval."""
    values = {
        "outcome": Outcome.APPROVE, "reason_code": ReasonCode.MEETS_STANDARD, "reason": "",
        "evidence_check_ids": list(case.checks.values_list("pk", flat=True)),
    } | facts  # fmt: skip
    return actions.decide_case(case_id=case.public_id, by=by, now=NOW, **values)


OBJECTION = (
    "The board renamed its register in May. My licence stands there under my maiden name, as I wrote in my answer."
)
JUDGEMENT = (
    "I looked the licence up under both names at the board and found it under the one in the appeal, in force until 2028. "
    "The decline did not look there."
)
SECOND = "The stamp and the date do not fit each other, and the issuer's letter of May names another number."


def make_declined_case(by: User | None = None, now: datetime = NOW, **facts: Any) -> Case:
    """Decline a case, an hour after `now`."""
    return decide(make_checked_case(now=now, **facts), Outcome.DECLINE, by=by or make_vetter("Joan Abara"), now=now)


def appeal(case: Case, now: datetime = NOW + timedelta(days=1)) -> Case:
    """Let the expert appeal."""
    actions.file_appeal(case_id=case.public_id, text=OBJECTION, by=case.expert.user, now=now)
    case.refresh_from_db()
    return case


def judge(case: Case, outcome: str, *, by: User, now: datetime = NOW + timedelta(days=2)) -> Case:
    """Claim the appeal and judge it."""
    actions.claim_case(case_id=case.public_id, by=by, now=now)
    actions.judge_appeal(case_id=case.public_id, outcome=outcome, reason=JUDGEMENT, by=by, now=now)
    case.refresh_from_db()
    return case


def ask_second(
    case: Case, *, by: User, of: User | None = None, now: datetime = NOW, leaning: str = Outcome.DECLINE
) -> None:
    """Claim the case and ask for a second opinion."""
    actions.claim_case(case_id=case.public_id, by=by, now=now)
    actions.ask_opinion(
        case_id=case.public_id, own_leaning=leaning, of_id=of.public_id if of else None, by=by, now=now,
        question="Please look at the date of the second page.",
    )  # fmt: skip


def give_second(case: Case, *, by: User, leaning: str = Outcome.DECLINE, now: datetime = NOW) -> None:
    actions.give_opinion(case_id=case.public_id, leaning=leaning, words=SECOND, by=by, now=now)
