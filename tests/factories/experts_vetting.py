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
