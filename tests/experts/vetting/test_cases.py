"""Cases: who may ask, claim and answer, with which words, and what the clocks do at zero."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from experts.credentials import actions as credential_actions
from experts.profiles.models import Expert
from experts.vetting import actions
from experts.vetting.enums import CaseState, Outcome
from experts.vetting.models import Answer, Case, Decision
from experts.vetting.queries import askable_fields, missing_for_case
from marketplace.accounts.models import User
from marketplace.audit.models import AuditEvent
from marketplace.kernel.errors import Invalid, NotAllowed, Refused, WrongState
from marketplace.notices.models import Notification
from tests.factories.experts_credentials import make_licence, make_npi
from tests.factories.experts_profiles import NOW, field_of, make_blank_expert, make_expert, make_person, make_vetter
from tests.factories.experts_vetting import decide, decide_as, make_case, make_checked_case, work_all
from tests.support.races import run_threads

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def open_case(expert, field="cardiology", by=None):
    return actions.open_case(expert_id=expert.public_id, field_id=field_of(field).pk, by=by or expert.user, now=NOW)


# ------------------------------------------------------------------------------------------------------ asking


def test_asking_opens_a_case_with_a_number_and_a_clock():
    case = make_case()
    assert str(case).startswith("V-")
    assert (case.state, case.due_at - case.opened_at, case.clock_then) == (
        CaseState.CHECKING, 3 * DAY, "then another person takes it",
    )  # fmt: skip
    assert Case.objects.get(pk=make_case().pk).number == case.number + 1


def test_asking_needs_a_complete_profile_and_something_to_look_at():
    blank = make_blank_expert()
    with pytest.raises(Refused, match="Still missing: headline, about you"):
        open_case(blank)
    ready = make_expert()
    assert missing_for_case(ready) == ["a résumé or a credential"]
    with pytest.raises(Refused, match="Send a résumé or declare a credential"):
        open_case(ready)
    make_npi(ready)
    assert missing_for_case(ready) == []
    with pytest.raises(Refused, match="Add Chess to the fields"):
        open_case(ready, "chess")
    assert open_case(ready).state == CaseState.CHECKING


def test_nobody_asks_for_somebody_else():
    expert = make_expert()
    make_npi(expert)
    with pytest.raises(NotAllowed):
        open_case(expert, by=make_vetter())


def test_a_field_has_one_open_case_and_none_once_it_is_vetted():
    case = make_checked_case()
    assert askable_fields(case.expert) == []
    with pytest.raises(Refused, match="open already"):
        open_case(case.expert)
    decide(case)
    with pytest.raises(Refused, match="vetted for Cardiology already"):
        open_case(case.expert)
    assert askable_fields(case.expert) == []


def test_after_a_decline_the_field_can_be_asked_for_again():
    case = decide(make_checked_case(), Outcome.DECLINE)
    assert [field.code for field in askable_fields(case.expert)] == ["cardiology"]
    assert open_case(case.expert).state == CaseState.CHECKING


@pytest.mark.django_db(transaction=True)
def test_two_presses_of_ask_open_one_case():
    expert = make_expert()
    make_npi(expert)
    barrier, ends = Barrier(3), []

    def press():
        barrier.wait()
        try:
            ends.append(str(open_case(expert).state))
        except Refused as refused:
            ends.append(refused.sentence)
        connection.close()

    run_threads(press, times=3)
    assert sorted(ends) == [
        "CHECKING",
        "Your case for Cardiology is open already.",
        "Your case for Cardiology is open already.",
    ]
    assert Case.objects.count() == 1


def test_the_database_itself_keeps_one_open_case_per_field():
    case = make_case()
    with pytest.raises(IntegrityError, match="expert_has_one_open_case_per_field"), transaction.atomic():
        Case.objects.create(number=1, expert=case.expert, field=case.field, opened_at=NOW, due_at=NOW)


# ------------------------------------------------------------------------------------------------------ claiming


def test_a_case_is_claimed_by_one_and_handed_over():
    case, joan, vera = make_checked_case(), make_vetter("Joan Abara"), make_vetter("Vera Castillo")
    actions.claim_case(case_id=case.public_id, by=joan, now=NOW)
    assert actions.claim_case(case_id=case.public_id, by=joan, now=NOW).claimed_by == joan
    with pytest.raises(WrongState, match="Joan Abara has this case"):
        actions.claim_case(case_id=case.public_id, by=vera, now=NOW)
    with pytest.raises(WrongState, match="do not have this case"):
        actions.release_case(case_id=case.public_id, by=vera, now=NOW)
    actions.release_case(case_id=case.public_id, by=joan, now=NOW)
    assert actions.claim_case(case_id=case.public_id, by=vera, now=NOW).claimed_by == vera
    assert list(AuditEvent.objects.filter(what__startswith="vetting.").order_by("pk").values_list("what", flat=True)) == [
        "vetting.open_case", "vetting.finish_checks", "vetting.claim_case", "vetting.release_case", "vetting.claim_case",
    ]  # fmt: skip


def test_nobody_works_on_their_own_case():
    vetter = make_vetter()
    case = make_checked_case(make_expert(vetter))
    for deed in (actions.claim_case, actions.release_case):
        with pytest.raises(NotAllowed, match="about you"):
            deed(case_id=case.public_id, by=vetter, now=NOW)
    with pytest.raises(NotAllowed, match="about you"):
        decide_as(case, vetter)


@pytest.mark.parametrize("who", ["the expert", "another expert", "a superuser"])
def test_only_vetting_staff_work_on_cases(who):
    case = make_checked_case()
    user = {
        "the expert": lambda: case.expert.user,
        "another expert": lambda: make_expert().user,
        "a superuser": lambda: User.objects.create_superuser("root@people.example", "x"),
    }[who]()
    with pytest.raises(NotAllowed):
        actions.claim_case(case_id=case.public_id, by=user, now=NOW)
    with pytest.raises(NotAllowed):
        decide_as(case, user)


@pytest.mark.django_db(transaction=True)
def test_two_people_claiming_at_once_give_the_case_to_one():
    case, barrier, won = make_checked_case(), Barrier(4), []
    people = [make_vetter(f"Vetter {number}") for number in range(4)]

    def press():
        person = people.pop()
        barrier.wait()
        try:
            won.append(actions.claim_case(case_id=case.public_id, by=person, now=NOW).claimed_by_id == person.pk)
        except WrongState:
            won.append(False)
        connection.close()

    run_threads(press, times=4)
    assert sorted(won) == [False, False, False, True]
    assert AuditEvent.objects.filter(what="vetting.claim_case").count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_row_lock_two_people_would_both_believe_the_case_is_theirs():
    """The negative control for the test above."""
    case, barrier, won = make_checked_case(), Barrier(2), []
    people = [make_vetter("A Vetter"), make_vetter("B Vetter")]

    def press():
        person = people.pop()
        row = Case.objects.get(pk=case.pk)
        barrier.wait()
        if row.claimed_by_id is None:
            Case.objects.filter(pk=row.pk).update(claimed_by=person, claimed_until=NOW)
            won.append(person.pk)
        connection.close()

    run_threads(press, times=2)
    assert len(won) == 2


# ------------------------------------------------------------------------------------------------------ more asked


def test_asking_for_more_stops_the_clock_and_an_answer_begins_a_new_round():
    joan = make_vetter("Joan Abara")
    case = decide(make_checked_case(), Outcome.ASK_FOR_MORE, by=joan)
    assert (case.state, case.clock_then) == (CaseState.MORE_ASKED, "then it closes without a decision")
    assert case.due_at == NOW + timedelta(hours=1) + 7 * DAY
    make_licence(case.expert)
    later = NOW + DAY
    actions.answer_case(case_id=case.public_id, text="I added my licence.", by=case.expert.user, now=later)
    case.refresh_from_db()
    assert (case.state, case.round, case.due_at, case.claimed_by) == (CaseState.CHECKING, 2, later + 3 * DAY, joan)
    assert case.checks.filter(round=1).count() == 6
    assert case.checks.filter(round=2).count() == 7
    assert Answer.objects.get().decision.outcome == Outcome.ASK_FOR_MORE
    assert "answered in V-" in Notification.objects.get(user=joan).title
    assert work_all(case, later).state == CaseState.AWAITING_DECISION
    assert decide(case, by=joan, now=later).state == CaseState.APPROVED


def test_an_answer_says_something_and_comes_from_the_expert():
    case = decide(make_checked_case(), Outcome.ASK_FOR_MORE)
    with pytest.raises(Invalid, match="Say in a sentence"):
        actions.answer_case(case_id=case.public_id, text="  ok  ", by=case.expert.user, now=NOW)
    with pytest.raises(NotAllowed):
        actions.answer_case(case_id=case.public_id, text="Let me answer that.", by=make_person(), now=NOW)


def test_only_the_expert_withdraws():
    case = make_case()
    with pytest.raises(NotAllowed):
        actions.withdraw_case(case_id=case.public_id, by=make_vetter(), now=NOW)
    assert actions.withdraw_case(case_id=case.public_id, by=case.expert.user, now=NOW).state == CaseState.WITHDRAWN


# ------------------------------------------------------------------------------------------------------ clocks


def test_at_zero_a_case_goes_back_to_the_queue_and_both_sides_are_told():
    case, joan, vera = make_checked_case(), make_vetter("Joan Abara"), make_vetter("Vera Castillo")
    actions.claim_case(case_id=case.public_id, by=joan, now=NOW)
    assert actions.pass_on_overdue_cases(now=NOW + 3 * DAY - timedelta(seconds=1)) == 0
    zero = NOW + 3 * DAY
    assert actions.pass_on_overdue_cases(now=zero) == 1
    assert actions.pass_on_overdue_cases(now=zero) == 0
    case.refresh_from_db()
    assert (case.state, case.claimed_by, case.due_at) == (CaseState.AWAITING_DECISION, None, zero + DAY)
    assert Notification.objects.filter(kind="vetting_queue", user__in=[joan, vera]).count() == 2
    assert "longer than we promised" in Notification.objects.get(user=case.expert.user).title


def test_at_zero_an_unanswered_question_closes_the_case_without_a_decision():
    case = decide(make_checked_case(), Outcome.ASK_FOR_MORE)
    assert actions.close_unanswered_cases(now=case.due_at - timedelta(seconds=1)) == 0
    assert actions.close_unanswered_cases(now=case.due_at) == 1
    assert actions.close_unanswered_cases(now=case.due_at) == 0
    case.refresh_from_db()
    assert (case.state, case.decided_at) == (CaseState.WITHDRAWN, None)
    assert "without a decision" in Notification.objects.filter(user=case.expert.user).order_by("-pk")[0].title


def test_no_clock_decides_anything():
    make_checked_case()
    late = NOW + 365 * DAY
    actions.pass_on_overdue_cases(now=late)
    actions.close_unanswered_cases(now=late)
    actions.settle_checked_cases(now=late)
    credential_actions.lapse_expired(now=late)
    assert Decision.objects.count() == 0
    assert set(Case.objects.values_list("state", flat=True)) == {CaseState.AWAITING_DECISION}


def test_an_expert_with_a_case_is_seen_by_themselves_and_by_staff():
    case = make_case()
    assert list(Case.objects.visible_to(case.expert.user)) == [case]
    assert list(Case.objects.visible_to(make_vetter())) == [case]
    assert list(Case.objects.visible_to(make_expert().user)) == []
    assert list(Expert.objects.visible_to(make_person())) == []
