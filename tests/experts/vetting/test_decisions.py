"""Decisions about cases: who may decide, with which reasons, once and for good."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from experts.vetting import actions
from experts.vetting.enums import CASE_MOVES, CaseState, Outcome, ReasonCode
from experts.vetting.models import Case, Decision
from experts.vetting.queries import is_vetted, vetted_fields, vetted_fields_by_expert
from marketplace.kernel.errors import Invalid, WrongState
from marketplace.notices.models import EmailMessage, Notification
from tests.factories.experts_profiles import NOW, field_of, make_expert, make_vetter
from tests.factories.experts_vetting import LONG_REASON, decide, decide_as, make_case, make_checked_case
from tests.support.races import run_threads

pytestmark = pytest.mark.django_db


def test_an_approval_counts_at_once_and_says_so_to_the_expert():
    case = decide(make_checked_case())
    assert (case.state, case.decided_at) == (CaseState.APPROVED, NOW + timedelta(hours=1))
    medicine, cardiology = field_of("medicine"), field_of("cardiology")
    assert vetted_fields(case.expert) == {cardiology.pk, medicine.pk}
    assert is_vetted(case.expert, cardiology)
    assert is_vetted(case.expert, medicine)
    assert not is_vetted(case.expert, field_of("neurology"))
    notice = Notification.objects.get(user=case.expert.user)
    assert (notice.title, notice.path) == ("You are vetted for Cardiology", f"/me/vetting/{case.public_id}/")
    email = EmailMessage.objects.get(user=case.expert.user)
    assert email.to_address == case.expert.user.email
    assert "Meets the standard of the field." in email.text


def test_being_vetted_for_a_field_is_not_being_vetted_for_its_specialties():
    case = decide(make_checked_case(field="medicine"))
    assert vetted_fields(case.expert) == {field_of("medicine").pk}
    assert not is_vetted(case.expert, field_of("cardiology"))


def test_the_vetted_fields_of_many_experts_come_in_one_query(django_assert_num_queries):
    experts = [decide(make_checked_case()).expert, make_expert(), decide(make_checked_case(field="chess")).expert]
    with django_assert_num_queries(1):
        found = vetted_fields_by_expert(experts)
    assert [len(fields) for fields in found.values()] == [2, 0, 2]


def test_a_decline_is_told_with_its_reason_and_its_evidence_is_kept():
    case = decide(make_checked_case(), Outcome.DECLINE)
    decision = Decision.objects.get()
    assert (case.state, decision.outcome, decision.reason) == (CaseState.DECLINED, "DECLINE", LONG_REASON)
    first_two = list(case.checks.order_by("pk").values_list("pk", flat=True)[:2])
    assert list(decision.evidence.order_by("pk").values_list("check_row", flat=True)) == first_two
    assert LONG_REASON in Notification.objects.get(user=case.expert.user).body
    assert not is_vetted(case.expert, case.field)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"outcome": "DECLINE", "reason_code": "OTHER", "reason": "x" * 99}, "at least 100 characters"),
        ({"outcome": "DECLINE", "reason_code": "OTHER", "reason": "  " + "x" * 98 + "   "}, "at least 100 characters"),
        ({"outcome": "DECLINE", "reason_code": "MEETS_STANDARD", "reason": LONG_REASON}, "no reason to decline"),
        ({"outcome": "APPROVE", "reason_code": "OTHER"}, "no reason to approve"),
        ({"outcome": "APPROVE", "evidence_check_ids": []}, "Pick the checks"),
        (
            {"outcome": "DECLINE", "reason_code": "OTHER", "reason": LONG_REASON, "evidence_check_ids": []},
            "Pick the checks",
        ),
        ({"outcome": "ASK_FOR_MORE", "reason_code": "DOCUMENT_MISSING", "reason": "which?"}, "twenty characters"),
        ({"evidence_check_ids": [999_999]}, "not of this case"),
    ],
)
def test_a_decision_without_its_reasons_is_refused(facts, words):
    case, joan = make_checked_case(), make_vetter()
    actions.claim_case(case_id=case.public_id, by=joan, now=NOW)
    with pytest.raises(Invalid, match=words):
        decide_as(case, joan, **facts)
    case.refresh_from_db()
    assert (case.state, Decision.objects.count()) == (CaseState.AWAITING_DECISION, 0)


def test_evidence_of_another_case_is_refused():
    case, other, joan = make_checked_case(), make_checked_case(), make_vetter()
    actions.claim_case(case_id=case.public_id, by=joan, now=NOW)
    with pytest.raises(Invalid, match="not of this case"):
        decide_as(case, joan, evidence_check_ids=[other.checks.first().pk])


def test_a_case_is_decided_only_by_the_person_who_has_it():
    case, joan, vera = make_checked_case(), make_vetter("Joan Abara"), make_vetter("Vera Castillo")
    with pytest.raises(WrongState, match="Nobody has this case now"):
        decide_as(case, joan)
    actions.claim_case(case_id=case.public_id, by=vera, now=NOW)
    with pytest.raises(WrongState, match="Vera Castillo has this case"):
        decide_as(case, joan)


def test_nothing_is_decided_before_every_check_is_in():
    case, joan = make_case(), make_vetter()
    actions.claim_case(case_id=case.public_id, by=joan, now=NOW)
    with pytest.raises(WrongState, match="checking now"):
        decide_as(case, joan)


@pytest.mark.parametrize("state", [CaseState.APPROVED, CaseState.DECLINED, CaseState.WITHDRAWN])
def test_a_closed_case_stays_closed(state):
    case = make_checked_case()
    joan = make_vetter()
    if state == CaseState.WITHDRAWN:
        actions.withdraw_case(case_id=case.public_id, by=case.expert.user, now=NOW)
    else:
        decide(case, Outcome.APPROVE if state == CaseState.APPROVED else Outcome.DECLINE, by=joan)
    assert CASE_MOVES[state] <= {CaseState.APPEALED}
    with pytest.raises(WrongState):
        actions.withdraw_case(case_id=case.public_id, by=case.expert.user, now=NOW)
    with pytest.raises(WrongState):
        actions.claim_case(case_id=case.public_id, by=make_vetter(), now=NOW)
    with pytest.raises(WrongState):
        actions.answer_case(case_id=case.public_id, text="Once more, please.", by=case.expert.user, now=NOW)
    with pytest.raises(WrongState):
        decide_as(case, joan)


@pytest.mark.django_db(transaction=True)
def test_pressing_decide_twice_decides_once():
    case, joan, barrier, ends = make_checked_case(), make_vetter(), Barrier(3), []
    actions.claim_case(case_id=case.public_id, by=joan, now=NOW)

    def press():
        barrier.wait()
        try:
            ends.append(str(decide_as(case, joan).outcome))
        except WrongState:
            ends.append("moved on")
        connection.close()

    run_threads(press, times=3)
    assert sorted(ends) == ["APPROVE", "moved on", "moved on"]
    assert Decision.objects.count() == 1
    assert Notification.objects.filter(user=case.expert.user).count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_row_lock_a_case_would_be_decided_twice():
    """The negative control for the test above: reading the state first and writing afterwards lets both through."""
    case, joan, barrier = make_checked_case(), make_vetter(), Barrier(2)

    def press():
        row = Case.objects.select_related("expert").get(pk=case.pk)
        barrier.wait()
        if row.state == CaseState.AWAITING_DECISION:
            Decision.objects.create(case=row, outcome=Outcome.APPROVE, reason_code=ReasonCode.MEETS_STANDARD,
                                    decided_by=joan, about_id=row.expert.user_id, decided_at=NOW)  # fmt: skip
        connection.close()

    run_threads(press, times=2)
    assert Decision.objects.count() == 2


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"decided_by": "expert"}, "nobody_decides_on_their_own_case"),
        ({"outcome": "DECLINE", "reason": "too short"}, "decline_gives_a_reason_of_100_characters"),
        ({"outcome": "ASK_FOR_MORE"}, "asking_for_more_says_what"),
    ],
)
def test_the_database_itself_keeps_the_rules_of_a_decision(facts, name):
    case = make_checked_case()
    values = {
        "case": case, "outcome": "APPROVE", "reason_code": "OTHER", "decided_by": make_vetter(), "about": case.expert.user,
        "decided_at": NOW,
    } | facts  # fmt: skip
    if values["decided_by"] == "expert":
        values["decided_by"] = case.expert.user
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Decision.objects.create(**values)
