"""Writing: drafts, versions that never change, and what must be there before experts meet it."""

from __future__ import annotations

import pytest

from experts.assessments import actions
from experts.assessments.actions.authoring import placeholders_in
from experts.assessments.enums import AuthoringState
from experts.assessments.models import Assessment, Guide, Question
from experts.assessments.queries import figures_of_field, pool_of
from marketplace.kernel.errors import Conflict, Invalid, NotAllowed, Refused, WrongState
from tests.factories.experts_assessments import (
    RIGHT,
    answer,
    make_ask,
    make_guide,
    make_paper,
    make_question,
    start,
    submit,
)
from tests.factories.experts_profiles import NOW, field_of, make_expert, make_person, make_vetter

pytestmark = pytest.mark.django_db


@pytest.fixture
def author():
    return make_vetter("An Author")


def publish(row, by):
    return actions.publish_authored(type(row), public_id=row.public_id, by=by, now=NOW)


def test_a_change_counts_when_it_is_published_and_is_a_new_version(author):
    row = make_question(by=author)
    assert (row.live.number, row.has_changes, pool_of(row.field)) == (1, False, [("Basics", 1)])
    with pytest.raises(Refused, match="nothing to publish"):
        publish(row, author)
    draft = row.draft | {"points": 2}
    row = actions.save_authored(Question, public_id=row.public_id, draft=draft, revision=1, by=author, now=NOW)
    assert (row.has_changes, Question.objects.get().live.points) == (True, 1)
    row = publish(row, author)
    assert (row.live.number, row.live.points, row.versions.count()) == (2, 2, 2)


def test_two_authors_do_not_overwrite_each_other(author):
    row = make_question(publish=False, by=author)
    actions.save_authored(Question, public_id=row.public_id, draft=row.draft, revision=1, by=author, now=NOW)
    with pytest.raises(Conflict, match="An Author saved this"):
        actions.save_authored(
            Question, public_id=row.public_id, draft={}, revision=1, by=make_vetter("Another"), now=NOW
        )


def test_retired_is_not_drawn_and_can_come_back(author):
    row = make_question(by=author)
    actions.retire_authored(Question, public_id=row.public_id, by=author, now=NOW)
    assert pool_of(row.field) == []
    with pytest.raises(WrongState):
        actions.retire_authored(Question, public_id=row.public_id, by=author, now=NOW)
    back = publish(row, author)
    assert (back.state, back.live.number) == (AuthoringState.PUBLISHED, 1)


def test_only_vetting_staff_write():
    row, person = make_question(), make_person()
    with pytest.raises(NotAllowed):
        actions.create_authored(Question, field_id=row.field_id, kind="SINGLE", draft={}, by=person, now=NOW)
    for deed in (actions.publish_authored, actions.retire_authored):
        with pytest.raises(NotAllowed):
            deed(Question, public_id=row.public_id, by=person, now=NOW)
    assert list(Question.objects.visible_to(make_expert().user)) == []


def test_a_question_without_answers_is_not_published(author):
    row = actions.create_authored(
        Question, field_id=field_of("medicine").pk, kind="SINGLE", draft={}, by=author, now=NOW
    )
    with pytest.raises(Invalid, match="needs a topic"):
        publish(row, author)


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"minutes": 31}, "only with pay"),
        ({"sections": []}, "at least one topic"),
        ({"sections": [{"topic": "Topic 0", "draw": 2}]}, "has 1 published questions"),
        ({"sections": [{"topic": "Unknown", "draw": 1}]}, "has 0 published questions"),
    ],
)
def test_an_assessment_is_published_when_it_can_be_drawn(facts, says):
    with pytest.raises(Invalid, match=says):
        make_paper(**facts)
    assert Assessment.objects.get().state == AuthoringState.DRAFT


def test_with_pay_an_assessment_may_take_longer():
    assert make_paper(minutes=90, is_paid=True).live.minutes == 90


@pytest.mark.parametrize(
    ("questions", "says"),
    [
        (["One?"] * 4, "5 to 8"), (["One?"] * 9, "5 to 8"), (["{salary}?", "2", "3", "4", "5"], "Nothing is known for"),
        (["{field.__class__}?", "2", "3", "4", "5"], "Nothing is known for"), (["{field", "2", "3", "4", "5"], "not closed"),
        (["{years!r}", "2", "3", "4", "5"], "more than a name"),
    ],
)  # fmt: skip
def test_an_interview_has_five_to_eight_questions_and_known_placeholders(questions, says):
    with pytest.raises(Invalid, match=says):
        make_guide(questions=questions)
    assert Guide.objects.get().state == AuthoringState.DRAFT


def test_doubled_braces_are_braces():
    assert placeholders_in("{{not a name}} in {field}") == {"field"}


# ------------------------------------------------------------------------------------------------------ statistics


@pytest.mark.full
def test_figures_are_given_from_twenty_first_answers_on_and_flag_what_to_look_at():
    paper = make_paper(("SINGLE", "MULTIPLE", "NUMERIC"), cooling_off_days=0)
    field = paper.field
    for number in range(20):
        if number == 19:
            assert {(one.n, one.p, one.missing) for one in figures_of_field(field)} == {(19, None, 1)}
        attempt = start(make_ask(), paper)
        answer(attempt, 1, RIGHT["SINGLE"])  # everybody
        if number < 10:
            answer(attempt, 2, RIGHT["MULTIPLE"])  # the good half
        else:
            answer(attempt, 3, RIGHT["NUMERIC"])  # only the others
        submit(attempt)
    again = start(attempt.ask, paper, NOW)  # a second attempt of somebody: it knows the questions, so it is left out
    submit(again)
    found = {one.version.kind: one for one in figures_of_field(field)}
    assert {kind: (one.n, one.p) for kind, one in found.items()} == {
        "SINGLE": (20, 1.0), "MULTIPLE": (20, 0.5), "NUMERIC": (20, 0.5),
    }  # fmt: skip
    assert found["SINGLE"].r is None
    assert found["SINGLE"].flags == ["nearly everybody gets it right"]
    assert found["MULTIPLE"].r == pytest.approx(-1)
    assert "look at the key" in found["MULTIPLE"].flags[0]
    assert found["NUMERIC"].unanswered == 10


def test_the_list_of_figures_takes_two_queries(django_assert_num_queries):
    paper = make_paper()
    for _ in range(2):
        submit(start(make_ask(), paper))
        with django_assert_num_queries(2):
            figures_of_field(paper.field)
