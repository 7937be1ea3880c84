"""Attempts: the clock is the server's, answers are saved or refused, and closing happens once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from experts.assessments import actions
from experts.assessments.enums import AttemptState, ClosedBy
from experts.assessments.models import Attempt, Question
from experts.assessments.queries import standing_of
from marketplace.audit.models import AuditEvent
from marketplace.kernel.errors import NotAllowed, Refused, WrongState
from marketplace.notices.models import Notification
from tests.factories.experts_assessments import (
    MINUTE,
    RIGHT,
    answer,
    answer_right,
    make_ask,
    make_paper,
    make_question,
    start,
    submit,
)
from tests.factories.experts_profiles import NOW, make_expert, make_person, make_vetter

pytestmark = pytest.mark.django_db
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def make_attempt(kinds=("SINGLE", "MULTIPLE"), **facts):
    paper = make_paper(kinds, **facts)
    return start(make_ask(), paper)


def grant(expert, **what):
    facts = {"extra_time": 0, "may_pause": False, "may_write": False} | what
    request = actions.ask_accommodation(by=expert.user, words="", now=NOW, **facts)
    return actions.answer_accommodation(
        request_id=request.public_id, grant=True, answer="", by=make_vetter("A Granter"), now=NOW, **facts
    )


def test_beginning_draws_by_the_rules_and_sets_the_deadline():
    paper = make_paper(("SINGLE", "ORDERED"))
    for _ in range(3):
        make_question(topic="Topic 0")
    attempt = start(make_ask(), paper)
    rows = list(attempt.questions.select_related("version").order_by("position"))
    assert [(row.position, row.version.topic) for row in rows] == [(1, "Topic 0"), (2, "Topic 1")]
    assert sorted(rows[1].option_order) == ["a", "b", "c"]
    assert (attempt.deadline_at - NOW, attempt.left(NOW), attempt.number) == (10 * MINUTE, 600, 1)
    assert AuditEvent.objects.filter(what="assessments.start_attempt").count() == 1


def test_pressing_begin_twice_gives_the_same_attempt():
    paper = make_paper()
    ask = make_ask()
    first = start(ask, paper)
    assert start(ask, paper, NOW + MINUTE).pk == first.pk
    ask.refresh_from_db()
    assert (ask.unpaid_minutes, first.counted_minutes) == (10, 10)


def test_a_retired_question_is_not_drawn_and_too_few_are_said():
    paper = make_paper(("SINGLE",))
    actions.retire_authored(Question, public_id=Question.objects.get().public_id, by=make_vetter(), now=NOW)
    ask = make_ask()
    with pytest.raises(Refused, match="being worked on"):
        start(ask, paper)
    ask.refresh_from_db()
    assert (Attempt.objects.count(), ask.unpaid_minutes) == (0, 0)


def test_a_new_version_of_a_question_changes_no_attempt_that_runs():
    attempt = make_attempt(("SINGLE",))
    question, author = Question.objects.get(), make_vetter("Another Author")
    draft = question.draft | {"prompt": "Worded better?"}
    actions.save_authored(Question, public_id=question.public_id, draft=draft, revision=1, by=author, now=NOW)
    actions.publish_authored(Question, public_id=question.public_id, by=author, now=NOW)
    assert attempt.questions.get().version.prompt == "A single question?"
    assert Question.objects.get().live.prompt == "Worded better?"


def test_answers_are_scored_by_points_when_the_attempt_is_handed_in():
    attempt = make_attempt(("SINGLE", "MULTIPLE", "NUMERIC", "ORDERED"), pass_bps=6000)
    answer(attempt, 1, RIGHT["SINGLE"])
    answer(attempt, 2, {"chosen": ["a"]})
    answer(attempt, 3, RIGHT["NUMERIC"])
    submit(attempt, NOW + MINUTE)
    assert list(attempt.questions.order_by("position").values_list("credit_bps", flat=True)) == [
        10_000,
        5000,
        10_000,
        0,
    ]
    assert (attempt.state, attempt.score_bps, attempt.has_passed) == (AttemptState.SCORED, 6250, True)
    assert (attempt.closed_by, attempt.closed_at) == (ClosedBy.EXPERT, NOW + MINUTE)
    assert submit(attempt, NOW + 2 * MINUTE).closed_at == NOW + MINUTE  # pressing again changes nothing


def test_another_window_never_overwrites_silently():
    attempt = make_attempt()
    answer(attempt, 1, {"chosen": ["b"]}, revision=0)
    stale = answer(attempt, 1, {"chosen": ["a"]}, revision=0)
    assert (stale.is_stale, stale.question.answer, stale.question.revision) == (True, {"chosen": ["b"]}, 1)
    assert answer(attempt, 1, {"chosen": ["b"]}, revision=0).is_stale is False  # the same answer is no quarrel
    assert answer(attempt, 1, {"chosen": ["a"]}, revision=1).question.revision == 2


@pytest.mark.parametrize(("late", "is_saved"), [(0, True), (15, True), (15.001, False), (3600, False)])
def test_an_answer_in_flight_has_fifteen_seconds_and_no_more(late, is_saved):
    attempt = make_attempt()
    at = attempt.deadline_at + timedelta(seconds=late)
    if is_saved:
        assert answer(attempt, 1, RIGHT["SINGLE"], at).question.answer == RIGHT["SINGLE"]
    else:
        with pytest.raises(WrongState, match="time is up"):
            answer(attempt, 1, RIGHT["SINGLE"], at)
        assert attempt.questions.get(position=1).answer == {}


def test_the_sweep_closes_when_the_grace_is_over_and_scores_what_was_saved():
    attempt = make_attempt()
    answer(attempt, 1, RIGHT["SINGLE"])
    zero = attempt.deadline_at + timedelta(seconds=15)
    assert actions.close_overdue_attempts(now=zero) == 0
    assert actions.close_overdue_attempts(now=zero + SECOND) == 1
    assert actions.close_overdue_attempts(now=zero + SECOND) == 0
    attempt.refresh_from_db()
    assert (attempt.closed_by, attempt.closed_at, attempt.score_bps) == (ClosedBy.CLOCK, attempt.deadline_at, 5000)
    assert "your time was up" in Notification.objects.filter(user=attempt.expert.user).latest("pk").title
    with pytest.raises(WrongState, match="closed"):
        answer(attempt, 2, RIGHT["MULTIPLE"], NOW)


def test_handing_in_late_is_what_the_sweep_would_have_done():
    attempt = submit(make_attempt(), NOW + DAY)
    assert (attempt.closed_by, attempt.closed_at) == (ClosedBy.CLOCK, attempt.deadline_at)


def test_a_failed_attempt_cools_off_three_are_all_and_further_ones_ask_no_minutes():
    paper = make_paper(("SINGLE",))
    ask = make_ask()
    at = NOW
    for number in (1, 2, 3):
        attempt = submit(start(ask, paper, at), at + MINUTE)
        assert (attempt.number, attempt.has_passed) == (number, False)
        if number < 3:
            with pytest.raises(Refused, match="You can try again from"):
                start(ask, paper, at + 7 * DAY)
            assert standing_of(ask.expert, paper, now=at + DAY).next_at == at + MINUTE + 7 * DAY
        at += MINUTE + 7 * DAY
    with pytest.raises(Refused, match="used every attempt"):
        start(ask, paper, at + 100 * DAY)
    ask.refresh_from_db()
    assert ask.unpaid_minutes == 10


def test_what_was_passed_is_not_asked_again():
    paper = make_paper(("SINGLE",))
    ask = make_ask()
    attempt = start(ask, paper)
    answer_right(attempt)
    assert submit(attempt).has_passed is True
    with pytest.raises(Refused, match="You have passed this"):
        start(make_ask(ask.expert), paper, NOW + 30 * DAY)


def test_nobody_answers_for_somebody_else():
    attempt, other = make_attempt(), make_expert(make_person("Another Expert"))
    for deed in (
        lambda: actions.save_answer(
            attempt_id=attempt.public_id, position=1, answer={}, revision=0, by=other.user, now=NOW
        ),
        lambda: actions.submit_attempt(attempt_id=attempt.public_id, by=other.user, now=NOW),
        lambda: actions.pause_attempt(attempt_id=attempt.public_id, by=other.user, now=NOW),
        lambda: actions.start_attempt(
            ask_id=attempt.ask.public_id, assessment_id=attempt.assessment.public_id, by=other.user, now=NOW
        ),
    ):
        with pytest.raises(NotAllowed):
            deed()
    assert list(Attempt.objects.visible_to(other.user)) == list(Attempt.objects.visible_to(make_vetter())) == []


# -------------------------------------------------------------------------------------------------- accommodations


@pytest.mark.parametrize(("extra", "minutes"), [(25, 12.5), (50, 15), (100, 20)])
def test_extra_time_moves_the_deadline_and_counts_no_minutes(extra, minutes):
    paper, expert = make_paper(), make_expert()
    grant(expert, extra_time=extra)
    attempt = start(make_ask(expert), paper)
    assert (attempt.deadline_at - NOW, attempt.counted_minutes) == (timedelta(minutes=minutes), 10)


def test_a_pause_stops_the_clock_where_it_was_granted():
    paper, expert = make_paper(), make_expert()
    plain = start(make_ask(), paper)
    with pytest.raises(Refused, match="accommodation"):
        actions.pause_attempt(attempt_id=plain.public_id, by=plain.expert.user, now=NOW)
    grant(expert, may_pause=True)
    attempt = start(make_ask(expert), paper)
    paused = actions.pause_attempt(attempt_id=attempt.public_id, by=expert.user, now=NOW + 4 * MINUTE)
    assert (paused.state, paused.left(NOW + DAY)) == (AttemptState.PAUSED, 360)
    with pytest.raises(WrongState, match="paused"):
        answer(attempt, 1, RIGHT["SINGLE"], NOW + 5 * MINUTE)
    assert actions.close_overdue_attempts(now=NOW + timedelta(hours=3)) == 1  # the other one, which nobody paused
    back = actions.resume_attempt(attempt_id=attempt.public_id, by=expert.user, now=NOW + timedelta(hours=5))
    assert back.deadline_at == NOW + timedelta(hours=5, minutes=6)
    assert answer(attempt, 1, RIGHT["SINGLE"], back.deadline_at).is_stale is False


def test_a_pause_of_more_than_a_day_ends_the_attempt():
    paper, expert = make_paper(), make_expert()
    grant(expert, may_pause=True)
    attempt = start(make_ask(expert), paper)
    actions.pause_attempt(attempt_id=attempt.public_id, by=expert.user, now=NOW)
    assert actions.close_overdue_attempts(now=NOW + DAY) == 0
    with pytest.raises(WrongState, match="longer than 24 hours"):
        actions.resume_attempt(attempt_id=attempt.public_id, by=expert.user, now=NOW + DAY + SECOND)
    assert actions.close_overdue_attempts(now=NOW + DAY + SECOND) == 1
    attempt.refresh_from_db()
    assert attempt.closed_at == NOW + DAY


# ------------------------------------------------------------------------------------------------- in the database


def test_the_database_itself_keeps_one_open_attempt():
    attempt = make_attempt()
    facts = {
        name: getattr(attempt, name) for name in ("expert", "assessment", "version", "ask", "started_at", "deadline_at")
    }
    with pytest.raises(IntegrityError, match="expert_has_one_open_attempt_per_assessment"), transaction.atomic():
        Attempt.objects.create(number=2, seed=1, **facts)


def test_a_published_version_never_changes():
    version = make_question().live
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        type(version).objects.filter(pk=version.pk).update(prompt="Something else")
    Question.objects.update(state="DRAFT", current=None)
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        type(version).objects.filter(pk=version.pk).delete()
