"""Second opinions: asked by name or of anybody, given blind, needed before somebody is accused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from experts.vetting import actions
from experts.vetting.enums import OPINION_DAYS, CaseState, Outcome, ReasonCode
from experts.vetting.models import Decision, Opinion
from marketplace.audit.models import AuditEvent
from marketplace.kernel.errors import Invalid, NotAllowed, Refused, WrongState
from marketplace.notices.models import Notification
from tests.factories.experts_profiles import NOW, make_expert, make_vetter
from tests.factories.experts_vetting import (
    LONG_REASON,
    SECOND,
    ask_second,
    decide,
    decide_as,
    give_second,
    make_case,
    make_checked_case,
)

pytestmark = pytest.mark.django_db
DAYS = timedelta(days=OPINION_DAYS)


@pytest.fixture
def joan():
    return make_vetter("Joan Abara")


@pytest.fixture
def vera():
    return make_vetter("Vera Castillo")


def accuse(case, by, code=ReasonCode.FORGERY_SUSPECTED):
    return decide_as(case, by, outcome=Outcome.DECLINE, reason_code=code, reason=LONG_REASON)


def test_an_opinion_is_asked_by_name_given_and_told(joan, vera):
    case = make_checked_case()
    ask_second(case, by=joan, of=vera)
    opinion = Opinion.objects.get()
    assert (opinion.of, opinion.due_at, opinion.own_leaning) == (vera, NOW + DAYS, Outcome.DECLINE)
    asked = Notification.objects.get(user=vera)
    assert asked.title == f"Joan Abara asks for your opinion on {case}"
    assert "Decline" not in asked.title + asked.body
    give_second(case, by=vera, leaning=Outcome.APPROVE)
    opinion.refresh_from_db()
    assert (opinion.leaning, opinion.given_by, opinion.words, opinion.agrees) == ("APPROVE", vera, SECOND, False)
    assert "gave a second opinion" in Notification.objects.get(user=joan).title


def test_nothing_in_the_trail_of_the_question_tells_what_the_first_one_would_do(joan, vera):
    case = make_checked_case()
    ask_second(case, by=joan, of=vera)
    event = AuditEvent.objects.get(what="vetting.ask_opinion")
    assert (event.before, event.after) == ({}, {"of": vera.actor_ref})


def test_an_opinion_asked_of_anybody_is_given_by_whoever_comes_first(joan, vera):
    case, tom = make_checked_case(), make_vetter("Tom Lund")
    ask_second(case, by=joan)
    assert {row.user for row in Notification.objects.filter(title__contains="asks for your opinion")} == {vera, tom}
    give_second(case, by=tom)
    with pytest.raises(WrongState, match="No second opinion is asked for"):
        give_second(case, by=vera)


def test_who_may_not_ask_or_give(joan, vera):
    case, tom = make_checked_case(), make_vetter("Tom Lund")
    with pytest.raises(WrongState, match="Nobody has this case now"):
        actions.ask_opinion(case_id=case.public_id, own_leaning="APPROVE", by=joan, now=NOW)
    ask_second(case, by=joan, of=vera)
    with pytest.raises(WrongState, match="asked for already"):
        actions.ask_opinion(case_id=case.public_id, own_leaning="APPROVE", by=joan, now=NOW)
    with pytest.raises(NotAllowed, match="You asked"):
        give_second(case, by=joan)
    with pytest.raises(NotAllowed, match="Vera Castillo was asked"):
        give_second(case, by=tom)
    with pytest.raises(NotAllowed, match="Only vetting staff"):
        give_second(case, by=make_expert().user)
    with pytest.raises(Invalid, match="at least 50 characters"):
        actions.give_opinion(case_id=case.public_id, leaning="APPROVE", words="x" * 49, by=vera, now=NOW)


def test_nobody_is_asked_about_themselves_or_asks_where_nothing_is_decided(joan, vera):
    case = make_checked_case(make_expert(vera))
    actions.claim_case(case_id=case.public_id, by=joan, now=NOW)
    with pytest.raises(Refused, match="nobody else in vetting"):
        actions.ask_opinion(case_id=case.public_id, own_leaning="APPROVE", by=joan, now=NOW)
    make_vetter("Tom Lund")
    with pytest.raises(Refused, match="cannot be asked"):
        actions.ask_opinion(case_id=case.public_id, own_leaning="APPROVE", of_id=vera.public_id, by=joan, now=NOW)
    running = make_case()
    actions.claim_case(case_id=running.public_id, by=joan, now=NOW)
    with pytest.raises(WrongState, match="awaits its decision"):
        actions.ask_opinion(case_id=running.public_id, own_leaning="APPROVE", by=joan, now=NOW)


def test_at_zero_anybody_may_give_it(joan, vera):
    case, tom = make_checked_case(), make_vetter("Tom Lund")
    ask_second(case, by=joan, of=vera)
    assert actions.free_overdue_opinions(now=NOW + DAYS - timedelta(seconds=1)) == 0
    assert actions.free_overdue_opinions(now=NOW + DAYS) == 1
    assert actions.free_overdue_opinions(now=NOW + DAYS) == 0
    opinion = Opinion.objects.get()
    assert (opinion.of, opinion.due_at) == (None, NOW + 2 * DAYS)
    told = Notification.objects.filter(title=f"{case} still waits for a second opinion")
    assert {row.user for row in told} == {joan, vera, tom}
    give_second(case, by=tom, now=NOW + DAYS)


def test_a_decision_drops_a_question_that_was_not_answered_and_so_does_a_withdrawal(joan, vera):
    decided, withdrawn, taken_back = make_checked_case(), make_checked_case(), make_checked_case()
    for case in (decided, withdrawn, taken_back):
        ask_second(case, by=joan, of=vera)
    decide(decided, by=joan)
    actions.withdraw_case(case_id=withdrawn.public_id, by=withdrawn.expert.user, now=NOW)
    actions.withdraw_opinion(case_id=taken_back.public_id, by=joan, now=NOW)
    assert not Opinion.objects.open().exists()
    with pytest.raises(WrongState, match="No second opinion"):
        actions.withdraw_opinion(case_id=taken_back.public_id, by=joan, now=NOW)
    ask_second(taken_back, by=joan)  # and asked anew


@pytest.mark.parametrize("code", [ReasonCode.FORGERY_SUSPECTED, ReasonCode.SECOND_ACCOUNT])
def test_one_person_alone_accuses_nobody(joan, vera, code):
    case = make_checked_case()
    actions.claim_case(case_id=case.public_id, by=joan, now=NOW)
    with pytest.raises(WrongState, match="One person alone never accuses"):
        accuse(case, joan, code)
    ask_second(case, by=joan, of=vera)
    give_second(case, by=vera, leaning=Outcome.ASK_FOR_MORE)
    with pytest.raises(WrongState, match="second opinion is not to decline"):
        accuse(case, joan, code)
    ask_second(case, by=joan, of=vera)
    give_second(case, by=vera)
    assert accuse(case, joan, code).second_by == vera
    case.refresh_from_db()
    assert case.state == CaseState.DECLINED


def test_an_opinion_of_an_earlier_round_counts_no_more(joan, vera):
    case = make_checked_case()
    ask_second(case, by=joan, of=vera)
    give_second(case, by=vera)
    Opinion.objects.update(round=0)
    with pytest.raises(WrongState, match="One person alone"):
        accuse(case, joan)


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"of": "joan"}, "opinion_comes_from_another_person"),
        ({"of": "expert"}, "opinion_comes_from_another_person"),
        ({"given_by": "joan", "given_at": NOW, "leaning": "APPROVE", "words": SECOND}, "opinion_comes_from_another"),
        ({"given_by": "vera", "given_at": NOW, "leaning": "APPROVE", "words": "yes"}, "given_opinion_says_who_when"),
        ({"leaning": "APPROVE"}, "given_opinion_says_who_when_and_why"),
    ],
)
def test_the_database_itself_keeps_the_rules_of_an_opinion(joan, vera, facts, name):
    case = make_checked_case()
    people = {"joan": joan, "vera": vera, "expert": case.expert.user}
    values = {
        "case": case, "round": 1, "about": case.expert.user, "asked_by": joan, "own_leaning": "DECLINE", "asked_at": NOW,
        "due_at": NOW,
    } | {key: people.get(value, value) if isinstance(value, str) else value for key, value in facts.items()}  # fmt: skip
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Opinion.objects.create(**values)


def test_the_database_itself_lets_nobody_accuse_alone(joan):
    case = make_checked_case()
    with pytest.raises(IntegrityError, match="two_people_accuse_an_expert_never_one"), transaction.atomic():
        Decision.objects.create(
            case=case, outcome="DECLINE", reason_code="FORGERY_SUSPECTED", reason=LONG_REASON, decided_by=joan,
            about=case.expert.user, decided_at=NOW,
        )  # fmt: skip
