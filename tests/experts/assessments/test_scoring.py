"""Two people score without seeing each other; a third where they are far apart; nobody scores their own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from experts.assessments import actions
from experts.assessments.enums import AttemptState, InterviewState, ScriptState
from experts.assessments.models import Script, Sheet
from experts.assessments.queries import agreement_of, items_of, queue_for
from marketplace.kernel.errors import Invalid, NotAllowed, WrongState
from marketplace.notices.models import Notification
from tests.factories.experts_assessments import (
    answer,
    hand_in,
    make_ask,
    make_interview,
    make_paper,
    make_script,
    score,
    start,
    submit,
    write_all,
)
from tests.factories.experts_profiles import NOW, make_expert, make_person, make_vetter

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def joan():
    return make_vetter("Joan Abara")


@pytest.fixture
def vera():
    return make_vetter("Vera Castillo")


def test_two_people_close_together_settle_a_script_by_their_mean(joan, vera):
    script = make_script()
    assert script.attempt.state == AttemptState.SCORING
    assert score(script, joan, 3).state == ScriptState.WAITING
    script.attempt.refresh_from_db()
    assert script.attempt.state == AttemptState.SCORING
    actions.take_script(script_id=script.public_id, by=vera, now=NOW)
    actions.score_script(script_id=script.public_id, marks={"2": {"a": 3, "b": 2}}, comment=" Good. ", by=vera, now=NOW)
    script.refresh_from_db()
    attempt = script.attempt
    attempt.refresh_from_db()
    assert (script.state, script.score_bps) == (ScriptState.SETTLED, 9167)  # 10000 and 8333
    assert (attempt.state, attempt.score_bps, attempt.has_passed) == (AttemptState.SCORED, 9584, True)
    assert "your result is in" in Notification.objects.filter(user=attempt.expert.user).latest("pk").title


def test_far_apart_a_third_person_decides_by_the_median(joan, vera):
    script = make_script()
    score(script, joan, 3)
    assert score(script, vera, 0).state == ScriptState.DISPUTED
    with pytest.raises(WrongState, match="Nobody scores one twice"):
        score(script, joan, 1)
    assert [one.script for one in queue_for(joan, now=NOW)] == []
    third = make_vetter("Rafael Brandt")
    assert [one.script for one in queue_for(third, now=NOW)] == [script]
    assert score(script, third, 2).score_bps == 6666


def test_twenty_points_apart_is_not_yet_far(joan, vera):
    script = make_script()
    score(script, joan, 3)
    actions.take_script(script_id=script.public_id, by=vera, now=NOW)
    actions.score_script(script_id=script.public_id, marks={"2": {"a": 3, "b": 2}}, comment="", by=vera, now=NOW)
    script.refresh_from_db()
    assert script.state == ScriptState.SETTLED


def test_nobody_scores_their_own_and_only_staff_score(joan):
    script = make_script(make_expert(joan))
    for user in (joan, make_person()):
        with pytest.raises(NotAllowed):
            actions.take_script(script_id=script.public_id, by=user, now=NOW)
    assert list(Script.objects.visible_to(joan)) == []
    with pytest.raises(IntegrityError, match="nobody_scores_what_they_wrote"), transaction.atomic():
        Sheet.objects.create(script=script, scorer=joan, about=joan, held_until=NOW)


def test_two_places_are_taken_and_no_third_person_works_in_vain(joan, vera):
    script, third = make_script(), make_vetter("Rafael Brandt")
    for person in (joan, vera):
        actions.take_script(script_id=script.public_id, by=person, now=NOW)
    with pytest.raises(WrongState, match="Others have this script"):
        actions.take_script(script_id=script.public_id, by=third, now=NOW)
    assert queue_for(third, now=NOW) == []
    assert [one.is_mine for one in queue_for(joan, now=NOW)] == [True]
    actions.put_back_script(script_id=script.public_id, by=vera, now=NOW)
    assert [one.is_mine for one in queue_for(third, now=NOW)] == [False]


def test_a_place_lasts_two_hours_and_then_goes_to_whoever_comes(joan, vera):
    script, third = make_script(), make_vetter("Rafael Brandt")
    for person in (joan, vera):
        actions.take_script(script_id=script.public_id, by=person, now=NOW)
    later = NOW + 2 * HOUR
    score(script, third, 3, later)
    score(script, joan, 3, later)
    marks = {"2": {"a": 0, "b": 0}}
    with pytest.raises(WrongState, match="others have scored"):
        actions.score_script(script_id=script.public_id, marks=marks, comment="", by=vera, now=later)
    script.refresh_from_db()
    assert (script.state, script.score_bps) == (ScriptState.SETTLED, 10_000)


@pytest.mark.parametrize("marks", [{}, {"2": {"a": 3}}, {"2": {"a": 3, "b": 4}}, {"2": {"a": -1, "b": 0}}])
def test_every_criterion_gets_a_mark_from_0_to_3(joan, marks):
    script = make_script()
    actions.take_script(script_id=script.public_id, by=joan, now=NOW)
    with pytest.raises(Invalid):
        actions.score_script(script_id=script.public_id, marks=marks, comment="", by=joan, now=NOW)
    assert Sheet.objects.scored().count() == 0


def test_a_script_that_was_not_taken_is_not_scored(joan):
    script = make_script()
    with pytest.raises(WrongState, match="Take the script"):
        actions.score_script(script_id=script.public_id, marks={}, comment="", by=joan, now=NOW)


def test_an_empty_text_costs_nobodys_time():
    paper = make_paper(("SINGLE", "TEXT"))
    attempt = start(make_ask(), paper)
    answer(attempt, 1, {"chosen": ["a"]})
    assert (submit(attempt).state, attempt.score_bps, Script.objects.count()) == (AttemptState.SCORED, 5000, 0)


def test_an_interview_is_scored_by_two_and_kappa_is_given_where_marks_suffice(joan, vera):
    interview = make_interview()
    write_all(interview)
    script = hand_in(interview).script
    items = items_of(script)
    assert [item.text for item in items] == [f"Answer {n}." for n in range(1, 6)]
    for person, last in ((joan, 3), (vera, 2)):
        actions.take_script(script_id=script.public_id, by=person, now=NOW)
        marks = {item.key: {"a": int(item.key) % 4, "b": last} for item in items}
        actions.score_script(script_id=script.public_id, marks=marks, comment="", by=person, now=NOW)
    interview.refresh_from_db()
    script.refresh_from_db()
    assert (interview.state, interview.score_bps) == (InterviewState.SCORED, script.score_bps)
    agreement = agreement_of(script, list(script.sheets.order_by("pk")))
    assert (agreement.marks, agreement.exact, agreement.gap_bps) == (10, 0.5, 1667)
    assert 0 < agreement.kappa < 1


def test_agreement_is_told_only_when_both_are_in(joan):
    script = make_script()
    score(script, joan, 2)
    assert agreement_of(script, list(script.sheets.all())) is None


def test_when_the_promised_day_passes_those_who_may_still_score_are_told(joan, vera):
    script = make_script()
    score(script, joan, 3)
    assert actions.remind_of_overdue_scripts(now=script.due_at - timedelta(seconds=1)) == 0
    zero = script.due_at
    assert actions.remind_of_overdue_scripts(now=zero) == 1
    assert actions.remind_of_overdue_scripts(now=zero) == 0
    script.refresh_from_db()
    assert script.due_at == zero + timedelta(days=1)
    assert Notification.objects.filter(kind="scoring", user=joan).count() == 0
    assert str(script) in Notification.objects.get(kind="scoring", user=vera).title
