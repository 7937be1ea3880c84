"""What assessments and interviews report to a case: findings, looked at again when they change, and never a decision."""

from __future__ import annotations

from datetime import timedelta

import pytest

from experts.assessments import actions as assessments
from experts.assessments.models import Ask, Attempt, Interview, ResultEvent
from experts.vetting.actions import withdraw_case
from experts.vetting.enums import CaseState, CheckKind, CheckResult, Outcome
from experts.vetting.models import Check, Decision
from marketplace.kernel.jobs import JobState
from tests.factories.experts_assessments import (
    MINUTE,
    answer_right,
    hand_in,
    make_guide,
    make_paper,
    score,
    start,
    submit,
    write_all,
)
from tests.factories.experts_profiles import NOW, make_vetter
from tests.factories.experts_vetting import decide, make_case, make_checked_case, work_all

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def deliver(now=NOW + HOUR):
    """Do what the worker would: hand the events upward."""
    for event in ResultEvent.objects.due(now).values_list("pk", flat=True):
        assessments.deliver_event(event_id=event, now=now)


def finding(case, kind):
    deliver()
    work_all(case, NOW + HOUR)
    check = case.checks.get(kind=kind, round=case.round)
    return check.result, check.explanation


def test_a_case_asks_what_its_field_asks_and_says_what_is_missing():
    make_paper()
    make_guide()
    case = make_checked_case()
    assert Ask.objects.get().purpose_ref == case.public_id
    assert case.state == CaseState.AWAITING_DECISION
    assert finding(case, CheckKind.ASSESSMENT) == (CheckResult.ATTENTION, "Medicine, basics: not taken yet.")
    assert finding(case, CheckKind.INTERVIEW) == (CheckResult.ATTENTION, "Not begun yet.")


def test_a_field_that_asks_nothing_has_no_such_checks():
    case = make_case()
    assert not case.checks.filter(kind__in=[CheckKind.ASSESSMENT, CheckKind.INTERVIEW]).exists()
    assert Ask.objects.count() == 0


def test_the_score_arrives_in_the_open_case_and_decides_nothing():
    paper = make_paper(("SINGLE", "TEXT"))
    case = make_checked_case()
    attempt = start(Ask.objects.get(), paper)
    assert finding(case, CheckKind.ASSESSMENT)[1] == "Medicine, basics: begun."
    answer_right(attempt)
    script = submit(attempt, NOW + MINUTE).script
    assert finding(case, CheckKind.ASSESSMENT)[1] == "Medicine, basics: being scored by two people."
    for name in ("Joan Abara", "Vera Castillo"):
        score(script, make_vetter(name), 3)
    assert finding(case, CheckKind.ASSESSMENT) == (
        CheckResult.PASSED, "Medicine, basics: passed with 100 % (70 % passes).",
    )  # fmt: skip
    case.refresh_from_db()
    assert (case.state, Decision.objects.count()) == (CaseState.AWAITING_DECISION, 0)


def test_failing_is_a_thing_to_look_at_and_no_decline():
    paper = make_paper()
    case = make_checked_case()
    submit(start(Ask.objects.get(), paper))
    assert finding(case, CheckKind.ASSESSMENT) == (
        CheckResult.ATTENTION, "Medicine, basics: 0 % at best in 1 attempt (70 % passes).",
    )  # fmt: skip
    case.refresh_from_db()
    assert case.state == CaseState.AWAITING_DECISION


def test_an_interview_has_no_pass_mark_so_a_person_weighs_it():
    guide = make_guide()
    case = make_checked_case()
    ask = Ask.objects.get()
    interview = assessments.start_interview(ask_id=ask.public_id, guide_id=guide.public_id, by=ask.expert.user, now=NOW)
    write_all(interview)
    script = hand_in(interview).script
    assert finding(case, CheckKind.INTERVIEW)[1] == "Handed in, being scored by two people."
    for name in ("Joan Abara", "Vera Castillo"):
        score(script, make_vetter(name), 2)
    result, words = finding(case, CheckKind.INTERVIEW)
    assert (result, words) == (CheckResult.NEEDS_PERSON, "Scored 66.66 % by two people. It has no pass mark; weigh it.")
    assert len(case.checks.get(kind=CheckKind.INTERVIEW).evidence["answers"]) == 5
    assert Interview.objects.get().score_bps == 6666


def test_looking_again_is_right_when_the_event_comes_twice_or_late():
    paper = make_paper(("SINGLE",))
    case = make_checked_case()
    submit(start(Ask.objects.get(), paper))
    events = list(ResultEvent.objects.values_list("pk", flat=True))
    deliver()
    ResultEvent.objects.update(job_state=JobState.QUEUED)
    deliver()
    work_all(case, NOW + HOUR)
    assert Check.objects.filter(case=case, kind=CheckKind.ASSESSMENT).count() == 1
    decide(case)
    ResultEvent.objects.filter(pk__in=events).update(job_state=JobState.QUEUED)
    before = Check.objects.get(kind=CheckKind.ASSESSMENT).checked_at
    deliver()
    assert Check.objects.get(kind=CheckKind.ASSESSMENT).checked_at == before  # decided: nothing is touched


@pytest.mark.parametrize("end", ["approve", "decline", "withdraw"])
def test_a_case_that_ends_asks_no_more(end):
    make_paper()
    case = make_checked_case()
    if end == "withdraw":
        withdraw_case(case_id=case.public_id, by=case.expert.user, now=NOW)
    else:
        decide(case, Outcome.APPROVE if end == "approve" else Outcome.DECLINE)
    assert Ask.objects.get().closed_at is not None


def test_asking_for_more_keeps_asking():
    make_paper()
    decide(make_checked_case(), Outcome.ASK_FOR_MORE)
    assert Ask.objects.get().closed_at is None


def test_what_was_passed_before_counts_in_a_later_case():
    paper = make_paper()
    case = make_checked_case()
    attempt = start(Ask.objects.get(), paper)
    answer_right(attempt)
    submit(attempt)
    decide(case, Outcome.DECLINE)
    later = make_checked_case(case.expert)
    assert finding(later, CheckKind.ASSESSMENT)[0] == CheckResult.PASSED
    assert Attempt.objects.count() == 1
