"""
Working the checks of a case, each a durable job, until a person can decide.

No check is lost and none is passed by accident: what fails too often becomes “needs a person”. When the last one of a
round is in, the case waits for a decision; the row lock on the case makes that right when two checks end together.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from experts.vetting import tasks
from experts.vetting.checks import Finding, find
from experts.vetting.enums import CASE_MOVES, CaseState, CheckKind, CheckResult
from experts.vetting.models import Case, Check
from marketplace.audit.actions import record
from marketplace.kernel.actors import System
from marketplace.kernel.jobs import MAX_ATTEMPTS, finish, perform
from marketplace.kernel.states import require_move

CHECKS = System("vetting.checks")
SWEEP_LIMIT = 200
GIVEN_UP = "This check failed again and again, so a person looks at it instead."


def work_check(*, check_id: int, now: datetime) -> None:
    """
    Work one check. This function will be right when run twice, late, or after a crash; a check that fails
    MAX_ATTEMPTS times needs a person.
    """

    def work(check: Check) -> None:
        finding = _given_up(check.last_error) if check.attempts > MAX_ATTEMPTS else find(check)
        _record_finding(check_id=check.pk, finding=finding, now=now)

    rows = Check.objects.select_related("case__expert__user", "case__field", "credential__document")
    perform(rows, pk=check_id, now=now, work=work)
    stuck: Check | None = Check.objects.parked().unfinished().filter(pk=check_id).first()
    if stuck is not None:
        _record_finding(check_id=check_id, finding=_given_up(stuck.last_error), now=now)


def take_over_parked_checks(*, now: datetime) -> int:
    """Turn checks that were given up into “needs a person”; return how many. Run by a sweep."""
    stuck = list(Check.objects.parked().unfinished().order_by("pk")[:SWEEP_LIMIT])
    for check in stuck:
        _record_finding(check_id=check.pk, finding=_given_up(check.last_error), now=now)
    return len(stuck)


def settle_checked_cases(*, now: datetime) -> int:
    """Bring cases to their decision whose checks are all in, should a worker have died in between; return how many."""
    ids = list(Case.objects.checked().values_list("pk", flat=True)[:SWEEP_LIMIT])
    return sum(_settle_one(pk, now) for pk in ids)


@transaction.atomic(durable=True)
def _settle_one(case_id: int, now: datetime) -> int:
    return int(_settle(Case.objects.select_for_update(of=("self",), no_key=True).get(pk=case_id), now=now))


def _given_up(error: str) -> Finding:
    return Finding(CheckResult.NEEDS_PERSON, GIVEN_UP, {"error": error[:300]})


@transaction.atomic(durable=True)
def _record_finding(*, check_id: int, finding: Finding, now: datetime) -> None:
    case_id = Check.objects.values_list("case_id", flat=True).get(pk=check_id)
    # The case first, always: two checks that end together take their turns here.
    case: Case = Case.objects.select_for_update(of=("self",), no_key=True).get(pk=case_id)
    check: Check = Check.objects.select_for_update(of=("self",), no_key=True).get(pk=check_id)
    if check.result != CheckResult.PENDING:
        return
    check.result = finding.result
    check.explanation = finding.explanation
    check.evidence = finding.evidence
    check.checked_at = now
    check.save(update_fields=["result", "explanation", "evidence", "checked_at"])
    finish(check, now=now)
    _settle(case, now=now)


def _settle(case: Case, *, now: datetime) -> bool:
    """Let the case wait for a decision if every check of its round is in. Needs an open transaction and the case's lock."""
    if case.state != CaseState.CHECKING or case.checks.filter(round=case.round).unfinished().exists():
        return False
    require_move(CASE_MOVES, current=case.state, target=CaseState.AWAITING_DECISION, what="case")
    case.state = CaseState.AWAITING_DECISION
    case.save(update_fields=["state"])
    results = list(case.checks.filter(round=case.round).values_list("result", flat=True))
    record(what="vetting.finish_checks", by=CHECKS, about=case, now=now,
           after={result: results.count(result) for result in sorted(set(results))})  # fmt: skip
    return True


def start_checks(case: Case, *, now: datetime) -> None:
    """Create the checks of the case's round and ring for each. Needs an open transaction."""
    credentials = case.expert.credentials.standing().order_by("pk")
    facts = {"case": case, "round": case.round, "not_before": now, "queued_at": now}
    checks = [Check(kind=kind, **facts) for kind in (CheckKind.PROFILE, CheckKind.RESUME, CheckKind.DUPLICATE)]
    checks += [Check(kind=CheckKind.CREDENTIAL, credential=credential, **facts) for credential in credentials]
    for check in Check.objects.bulk_create(checks):
        tasks.work_check.delay_on_commit(check_id=str(check.pk))
