"""A check that staff have run again, because its source was away or what it looked at has changed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from experts.vetting import policies
from experts.vetting.actions.cases import locked_case
from experts.vetting.actions.checks import begin_again
from experts.vetting.actions.claims import renew
from experts.vetting.enums import WAITING_FOR_STAFF, WHY_MIN_CHARS, CaseState, CheckResult
from experts.vetting.models import Check
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.errors import Invalid, WrongState


@transaction.atomic(durable=True)
def retry_check(*, check_id: UUID, why: str, by: User, now: datetime) -> Check:
    """
    Have one check run again. This function will write down who wanted it and why; what was found before stays in the trail.

    :raises NotAllowed: if `by` may not work on the case.
    :raises WrongState: if the check runs anyway, is of an earlier round, or the case waits for nobody of ours.
    :raises Invalid: without a reason.
    """
    case_id = Check.objects.values_list("case__public_id", flat=True).get(public_id=check_id)
    case = locked_case(case_id)
    policies.require_worker(by, case)
    if case.state not in (CaseState.CHECKING, *WAITING_FOR_STAFF):
        raise WrongState("No check runs again now: it is not on us to decide this case.")
    rows = Check.objects.select_related("credential").select_for_update(of=("self",), no_key=True)
    check: Check = rows.get(public_id=check_id)
    if check.round != case.round:
        raise WrongState("This check belongs to an earlier round.")
    if check.result == CheckResult.PENDING:
        raise WrongState("This check runs already. Its finding comes by itself.")
    if len(why.strip()) < WHY_MIN_CHARS:
        raise Invalid("Say in a few words why it shall run again; it stays in the record.", field="why")
    before = {"result": check.result, "explanation": check.explanation, "error": check.evidence.get("error", "")}
    begin_again(check, now=now)
    if case.claimed_by_id == by.pk:
        renew(case, now=now)
    record(what="vetting.retry_check", by=by, about=case, now=now, before=before,
           after={"check": check.label, "why": why.strip()})  # fmt: skip
    return check
