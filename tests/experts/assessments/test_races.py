"""Two things at once: pressing begin, handing in, saving against the sweep, scoring; each with the lock and without."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction

from experts.assessments import actions
from experts.assessments.enums import AttemptState, ScriptState
from experts.assessments.models import Ask, Attempt, AttemptQuestion, Script, Sheet
from marketplace.audit.models import AuditEvent
from marketplace.kernel.errors import Refused, WrongState
from tests.factories.experts_assessments import RIGHT, make_ask, make_guide, make_paper, make_script, start
from tests.factories.experts_profiles import NOW, make_vetter
from tests.support.races import Beside, run_threads, waits_for_a_lock

pytestmark = [pytest.mark.full, pytest.mark.django_db(transaction=True)]


def begin(kinds=("SINGLE",)):
    paper = make_paper(kinds)
    return start(make_ask(), paper)


def test_handing_in_twice_at_once_scores_once():
    attempt, barrier, ends = begin(("SINGLE", "TEXT")), Barrier(3), []
    row = attempt.questions.get(position=2)
    AttemptQuestion.objects.filter(pk=row.pk).update(answer=RIGHT["TEXT"], revision=1)

    def press():
        barrier.wait()
        ends.append(actions.submit_attempt(attempt_id=attempt.public_id, by=attempt.expert.user, now=NOW).state)
        connection.close()

    run_threads(press, times=3)
    assert ends == [AttemptState.SCORING] * 3
    assert (Script.objects.count(), AuditEvent.objects.filter(what="assessments.close_attempt").count()) == (1, 1)


@pytest.mark.parametrize("first", ["save", "sweep"])
def test_an_answer_and_the_closing_sweep_take_turns_and_nothing_saved_is_left_unscored(first):
    """Whoever has the lock first: the answer is saved and scored, or refused and not there. Never saved and unscored."""
    attempt = begin()
    at = attempt.deadline_at + timedelta(seconds=15)  # the last moment in which an answer is taken

    def save():
        return actions.save_answer(attempt_id=attempt.public_id, position=1, answer=RIGHT["SINGLE"], revision=0,
                                   by=attempt.expert.user, now=at)  # fmt: skip

    def sweep():
        return actions.close_overdue_attempts(now=at + timedelta(seconds=1))

    with transaction.atomic():
        Attempt.objects.select_for_update(no_key=True).get(pk=attempt.pk)
        one = Beside(save if first == "save" else sweep)
        assert waits_for_a_lock(one)
    one.done()
    other = Beside(sweep if first == "save" else save)
    if first == "save":
        other.done()
    else:
        with pytest.raises(WrongState, match="closed"):
            other.done()
    row = attempt.questions.get()
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.SCORED
    assert (bool(row.answer), row.credit_bps) == ((True, 10_000) if first == "save" else (False, 0))
    assert attempt.score_bps == row.credit_bps


def test_a_save_that_waits_behind_the_closing_is_refused():
    attempt = begin()
    at = attempt.deadline_at

    with transaction.atomic():
        locked = Attempt.objects.select_for_update(no_key=True).get(pk=attempt.pk)
        late = Beside(
            lambda: actions.save_answer(
                attempt_id=attempt.public_id,
                position=1,
                answer=RIGHT["SINGLE"],
                revision=0,
                by=attempt.expert.user,
                now=at,
            )
        )
        assert waits_for_a_lock(late)
        locked.state, locked.closed_at, locked.closed_by = AttemptState.SCORED, at, "CLOCK"
        locked.score_bps, locked.has_passed = 0, False
        locked.save()
    with pytest.raises(WrongState, match="closed"):
        late.done()
    assert attempt.questions.get().answer == {}


def test_without_the_lock_an_answer_would_be_saved_after_it_was_scored():
    """The negative control for the tests above: look, wait while the attempt is closed, then write."""
    attempt = begin()
    looked, closed = Barrier(2), Barrier(2)

    def save_without_lock():
        assert Attempt.objects.get(pk=attempt.pk).is_open
        looked.wait(timeout=20)
        closed.wait(timeout=20)
        AttemptQuestion.objects.filter(attempt=attempt, position=1).update(answer=RIGHT["SINGLE"])

    careless = Beside(save_without_lock)
    looked.wait(timeout=20)
    actions.submit_attempt(attempt_id=attempt.public_id, by=attempt.expert.user, now=NOW)
    closed.wait(timeout=20)
    careless.done()
    row = attempt.questions.get()
    assert (row.answer, row.credit_bps) == (RIGHT["SINGLE"], 0)  # saved, and scored as if it were not there


def test_pressing_begin_twice_at_once_begins_once_and_counts_once():
    paper = make_paper()
    ask, barrier, ends = make_ask(), Barrier(3), []

    def press():
        barrier.wait()
        ends.append(start(ask, paper).pk)
        connection.close()

    run_threads(press, times=3)
    assert len(set(ends)) == 1
    assert Ask.objects.get(pk=ask.pk).unpaid_minutes == 10


def test_an_assessment_and_an_interview_begun_at_once_do_not_pass_thirty_minutes_together():
    paper, guide = make_paper(minutes=20), make_guide(minutes=20)
    ask = make_ask()
    barrier, ends = Barrier(2), []
    deeds = [
        lambda: start(ask, paper),
        lambda: actions.start_interview(ask_id=ask.public_id, guide_id=guide.public_id, by=ask.expert.user, now=NOW),
    ]

    def press():
        deed = deeds.pop()
        barrier.wait()
        try:
            deed()
            ends.append("begun")
        except Refused:
            ends.append("refused")
        connection.close()

    run_threads(press, times=2)
    assert sorted(ends) == ["begun", "refused"]
    assert Ask.objects.get(pk=ask.pk).unpaid_minutes == 20


def test_three_people_taking_a_script_at_once_get_two_places_and_scores_settle_it_once():
    script, barrier, ends = make_script(), Barrier(3), []
    people = [make_vetter(f"Vetter {number}") for number in range(3)]

    def take():
        person = people.pop()
        barrier.wait()
        try:
            actions.take_script(script_id=script.public_id, by=person, now=NOW)
            ends.append(person)
        except WrongState:
            ends.append(None)
        connection.close()

    run_threads(take, times=3)
    scorers = [person for person in ends if person is not None]
    assert (len(scorers), Sheet.objects.count()) == (2, 2)
    both = Barrier(2)

    def put_in():
        person = scorers.pop()
        both.wait()
        marks = {"2": {"a": 3, "b": 3}}
        actions.score_script(script_id=script.public_id, marks=marks, comment="", by=person, now=NOW)
        connection.close()

    run_threads(put_in, times=2)
    script.refresh_from_db()
    assert (script.state, script.score_bps) == (ScriptState.SETTLED, 10_000)
    assert Attempt.objects.get().state == AttemptState.SCORED
