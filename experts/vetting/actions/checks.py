"""
Working the checks of a case, each a durable job, until a person can decide.

No check is lost and none is passed by accident: what fails too often becomes “needs a person”. When the last one of a
round is in, the case waits for a decision; the row lock on the case makes that right when two checks end together.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from experts.assessments.actions import open_ask
from experts.assessments.queries import papers_of
from experts.credentials.actions import compare_with_registry
from experts.credentials.enums import REGISTER_OF_KIND
from experts.profiles.models import Expert
from experts.vetting import tasks
from experts.vetting.actions.screening import screen_expert
from experts.vetting.checks import Finding, find
from experts.vetting.enums import CASE_MOVES, CaseState, CheckKind, CheckResult
from experts.vetting.models import Case, Check, CheckQuerySet
from marketplace.audit.actions import record
from marketplace.kernel.actors import System
from marketplace.kernel.jobs import JobState, finish, perform
from marketplace.kernel.states import require_move

CHECKS = System("vetting.checks")
SWEEP_LIMIT = 200
GIVEN_UP = "This check failed again and again, so a person looks at it instead."
TIMED_OUT = "SoftTimeLimitExceeded"  # what a worker raises in a task that runs longer than it may
NO_ANSWER = "Its source gave no answer in time, again and again, so a person looks at it instead."


def work_check(*, check_id: int, now: datetime) -> None:
    """
    Work one check. This function will be right when run twice, late, or after a crash; a check that is parked,
    because it failed or took its worker with it too often, needs a person.
    """

    def work(check: Check) -> None:
        _prepare(check, now=now)
        _record_finding(Check.objects.held(by=check), case_id=check.case_id, finding=find(check), now=now)

    rows = Check.objects.select_related("case__expert__user", "case__field", "credential__document")
    perform(rows, pk=check_id, now=now, work=work)
    stuck: Check | None = Check.objects.parked().unfinished().filter(pk=check_id).first()
    if stuck is not None:
        _give_up(stuck, now=now)


def _prepare(check: Check, *, now: datetime) -> None:
    """
    Have done what a check reports on: comparing a credential with its register, which may move it on its ladder, and
    screening the person. Each is an action of its own, and twice is once.
    """
    if check.kind == CheckKind.REGISTRY and check.credential_id is not None:
        compare_with_registry(credential_pk=check.credential_id, now=now)
    elif check.kind == CheckKind.SANCTIONS:
        screen_expert(expert_id=check.case.expert.public_id, now=now)


def take_over_parked_checks(*, now: datetime) -> int:
    """Turn checks that were given up into “needs a person”; return how many. Run by a sweep."""
    stuck = list(Check.objects.parked().unfinished().order_by("pk")[:SWEEP_LIMIT])
    for check in stuck:
        _give_up(check, now=now)
    return len(stuck)


def settle_checked_cases(*, now: datetime) -> int:
    """Bring cases to their decision whose checks are all in, should a worker have died in between; return how many."""
    ids = list(Case.objects.checked().values_list("pk", flat=True)[:SWEEP_LIMIT])
    return sum(_settle_one(pk, now) for pk in ids)


@transaction.atomic(durable=True)
def _settle_one(case_id: int, now: datetime) -> int:
    return int(_settle(Case.objects.select_for_update(of=("self",), no_key=True).get(pk=case_id), now=now))


def _give_up(check: Check, *, now: datetime) -> None:
    words = NO_ANSWER if TIMED_OUT in check.last_error else GIVEN_UP
    evidence = {"error": check.last_error[:300], "attempts": check.attempts}
    finding = Finding(CheckResult.NEEDS_PERSON, words, evidence)
    parked = Check.objects.parked().filter(pk=check.pk)
    _record_finding(parked, case_id=check.case_id, finding=finding, now=now)


@transaction.atomic(durable=True)
def _record_finding(one: CheckQuerySet, *, case_id: int, finding: Finding, now: datetime) -> None:
    """Record the finding on the check of this set; nothing if it is not there any more, because others have it."""
    # The case first, always: two checks that end together take their turns here.
    case: Case = Case.objects.select_for_update(of=("self",), no_key=True).get(pk=case_id)
    check: Check | None = one.select_for_update(of=("self",), no_key=True).first()
    if check is None or check.result != CheckResult.PENDING:
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
    """
    Create the checks of the case's round and ring for each, and ask the expert for what the field asks. Needs an open
    transaction.
    """
    credentials = case.expert.credentials.standing().order_by("pk")
    facts = {"case": case, "round": case.round, "not_before": now, "queued_at": now}
    of_person = (CheckKind.PROFILE, CheckKind.RESUME, CheckKind.SANCTIONS, CheckKind.DUPLICATE)
    checks = [Check(kind=kind, **facts) for kind in of_person]
    for credential in credentials:
        checks.append(Check(kind=CheckKind.CREDENTIAL, credential=credential, **facts))
        if credential.kind in REGISTER_OF_KIND:
            checks.append(Check(kind=CheckKind.REGISTRY, credential=credential, **facts))
    checks += [Check(kind=kind, **facts) for kind in _asked(case, now=now)]
    for check in Check.objects.bulk_create(checks):
        tasks.work_check.delay_on_commit(check_id=str(check.pk))


def _asked(case: Case, *, now: datetime) -> list[CheckKind]:
    """Ask for the assessments and the interview of the field; return the kinds of check that look at them."""
    has_assessment, has_interview = papers_of(case.field)
    if has_assessment or has_interview:
        open_ask(expert=case.expert, field=case.field, purpose_kind="case", purpose_ref=case.public_id, now=now)
    return [CheckKind.ASSESSMENT] * has_assessment + [CheckKind.INTERVIEW] * has_interview


def look_again(*, expert_id: UUID, kind: CheckKind, now: datetime) -> int:
    """
    Have the checks of one kind worked once more in the expert's open cases, because what they look at has changed;
    return how many. A worker that is at it at this moment has lost its hold and writes nothing.
    """
    expert = Expert.objects.get(public_id=expert_id)
    cases = list(Case.objects.open().filter(expert=expert).order_by("pk").values_list("pk", flat=True))
    return sum(_look_again(pk, kind, now=now) for pk in cases)


@transaction.atomic(durable=True)
def _look_again(case_id: int, kind: CheckKind, *, now: datetime) -> int:
    case: Case = Case.objects.select_for_update(of=("self",), no_key=True).get(pk=case_id)
    if not case.is_open:
        return 0
    rows = case.checks.filter(round=case.round, kind=kind).select_for_update(of=("self",), no_key=True)
    check: Check | None = rows.first()
    if check is None:
        return 0
    begin_again(check, now=now)
    return 1


def begin_again(check: Check, *, now: datetime) -> None:
    """Forget a finding and have the check worked anew. Needs an open transaction and the locks of case and check."""
    check.result, check.evidence, check.explanation, check.checked_at = CheckResult.PENDING, {}, "", None
    check.job_state, check.lease_until, check.not_before, check.attempts = JobState.QUEUED, None, now, 0
    check.finished_at = None
    check.save()
    tasks.work_check.delay_on_commit(check_id=str(check.pk))
