"""What a case asks: at most thirty unpaid minutes, counted by the product and kept by the database."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experts.assessments import actions
from experts.assessments.actions.asks import count_minutes
from experts.assessments.enums import UNPAID_MINUTES
from experts.assessments.models import Ask, Attempt, Interview
from experts.assessments.queries import asks_of, unpaid_minutes_of_field
from marketplace.kernel.errors import Refused, WrongState
from marketplace.notices.models import Notification
from tests.factories.experts_assessments import MINUTE, make_ask, make_guide, make_paper, start, submit
from tests.factories.experts_profiles import NOW, field_of, make_expert

pytestmark = pytest.mark.django_db


def begin_interview(ask, guide):
    return actions.start_interview(ask_id=ask.public_id, guide_id=guide.public_id, by=ask.expert.user, now=NOW)


def test_what_is_asked_is_shown_in_sum_before_anything_begins():
    paper, guide = make_paper(minutes=12), make_guide(minutes=8)
    ask = make_ask()
    shown = asks_of(ask.expert, now=NOW)[0]
    assert (shown.minutes, shown.most, shown.is_done) == (20, 30, False)
    submit(start(ask, paper))
    begin_interview(ask, guide)
    again = asks_of(ask.expert, now=NOW)[0]
    assert (again.minutes, again.ask.unpaid_minutes) == (20, 20)


def test_above_thirty_minutes_the_start_is_refused_until_pay_is_attached():
    paper = make_paper(minutes=20)
    dear, paid = make_guide(minutes=11, field="cardiology"), make_guide(minutes=90, is_paid=True)
    ask = make_ask()
    start(ask, paper)
    with pytest.raises(Refused, match=r"given 20 unpaid minutes .* 11 more"):
        begin_interview(ask, dear)
    assert Interview.objects.count() == 0
    assert begin_interview(ask, paid).counted_minutes == 0
    ask.refresh_from_db()
    assert ask.unpaid_minutes == 20


def test_exactly_thirty_is_allowed():
    paper, guide = make_paper(minutes=20), make_guide(minutes=10)
    ask = make_ask()
    start(ask, paper)
    assert begin_interview(ask, guide).counted_minutes == 10


def test_the_database_itself_keeps_thirty():
    make_paper()
    ask = make_ask()
    with pytest.raises(IntegrityError, match="one_case_asks_at_most_30_unpaid_minutes"), transaction.atomic():
        Ask.objects.filter(pk=ask.pk).update(unpaid_minutes=31)


@pytest.mark.full
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 30), st.booleans()), max_size=8))
def test_whatever_is_begun_the_sum_never_passes_thirty(parts):
    make_paper()
    ask = make_ask()
    counted = []
    for minutes, is_paid in parts:
        try:
            counted.append(count_minutes(ask, minutes, is_paid=is_paid))
        except Refused:
            assert sum(counted) + minutes > UNPAID_MINUTES
    ask.refresh_from_db()
    assert ask.unpaid_minutes == sum(counted) <= UNPAID_MINUTES


def test_a_second_case_counts_its_own_minutes():
    paper = make_paper(("SINGLE",), cooling_off_days=0)
    expert = make_expert()
    first, second = make_ask(expert), make_ask(expert)
    submit(start(first, paper))
    attempt = start(second, paper, NOW + MINUTE)
    assert (attempt.number, attempt.counted_minutes) == (2, 10)


def test_a_decided_case_asks_no_more_but_what_is_begun_goes_on():
    paper, other = make_paper(("SINGLE",)), make_paper(("SINGLE",), field="cardiology")
    ask = make_ask()
    attempt = start(ask, paper)
    actions.close_ask(purpose_kind=ask.purpose_kind, purpose_ref=ask.purpose_ref, now=NOW)
    assert asks_of(ask.expert, now=NOW) == []
    with pytest.raises(WrongState, match="not asked of you any more"):
        start(ask, other)
    assert start(ask, paper).pk == attempt.pk
    assert submit(attempt).closed_at == NOW


def test_a_field_with_nothing_published_asks_nothing():
    expert = make_expert()
    with transaction.atomic():
        assert actions.open_ask(
            expert=expert, field=field_of("chess"), purpose_kind="case", purpose_ref=expert.public_id, now=NOW
        ) is None  # fmt: skip


def test_cardiology_is_asked_what_medicine_asks_and_medicine_nothing_of_cardiology():
    make_paper(minutes=10)
    make_paper(minutes=7, field="cardiology")
    assert (unpaid_minutes_of_field(field_of("cardiology")), unpaid_minutes_of_field(field_of("medicine"))) == (17, 10)
    shown = asks_of(make_ask().expert, now=NOW)[0]
    assert [one.assessment.live.minutes for one in shown.papers] == [10, 7]


def test_asking_takes_as_many_queries_for_one_as_for_three(django_assert_num_queries):
    make_paper()
    make_guide()
    expert = make_expert()
    for _ in range(3):
        make_ask(expert)
        with django_assert_num_queries(5):
            asks_of(expert, now=NOW)
    assert Attempt.objects.count() == 0


def test_the_expert_is_told_once_that_something_is_asked():
    make_paper()
    ask = make_ask()
    with transaction.atomic():
        again = actions.open_ask(expert=ask.expert, field=ask.field, purpose_kind=ask.purpose_kind,
                                 purpose_ref=ask.purpose_ref, now=NOW)  # fmt: skip
    assert again == ask
    assert Notification.objects.get(user=ask.expert.user).title == "Cardiology: something is asked of you"
