"""Appeals: within seven days, to another person, final; and at zero no program decides."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from experts.vetting import actions
from experts.vetting.enums import APPEAL_DAYS, JUDGE_DAYS, AppealOutcome, CaseState, Outcome, ReasonCode
from experts.vetting.models import Appeal, Case, Decision
from experts.vetting.queries import is_vetted
from marketplace.accounts.models import User
from marketplace.audit.models import AuditEvent
from marketplace.kernel.errors import Invalid, NotAllowed, Refused, WrongState
from marketplace.notices.models import EmailMessage, Notification
from tests.factories.experts_profiles import NOW, field_of, make_expert, make_vetter
from tests.factories.experts_vetting import (
    JUDGEMENT,
    LONG_REASON,
    OBJECTION,
    appeal,
    ask_second,
    decide,
    decide_as,
    give_second,
    judge,
    make_checked_case,
    make_declined_case,
    work_all,
)
from tests.support.races import Beside, run_threads, waits_for_a_lock

pytestmark = pytest.mark.django_db
FILED = NOW + timedelta(days=1)
JUDGED = NOW + timedelta(days=2)


@pytest.fixture
def joan():
    return make_vetter("Joan Abara")


@pytest.fixture
def vera():
    return make_vetter("Vera Castillo")


# ------------------------------------------------------------------------------------------------------ filing


def test_an_appeal_goes_to_another_person_with_a_clock(joan, vera):
    case = appeal(make_declined_case(joan))
    assert (case.state, case.decided_at, case.due_at, case.claimed_by) == (
        CaseState.APPEALED, None, FILED + timedelta(days=JUDGE_DAYS), None,
    )  # fmt: skip
    assert (case.clock_since, case.clock_then) == (FILED, "then it goes to the head of the queue")
    row = Appeal.objects.get()
    assert (row.against, row.about, row.text) == (joan, case.expert.user, OBJECTION)
    assert {notice.user for notice in Notification.objects.filter(title=f"An appeal in {case}")} == {vera}
    assert EmailMessage.objects.filter(user=case.expert.user, subject="Cardiology: your appeal is here").exists()


def test_an_appeal_is_filed_by_the_expert_in_time_and_says_why(joan):
    case = make_declined_case(joan)
    last = NOW + timedelta(hours=1, days=APPEAL_DAYS)  # it was decided an hour after NOW
    with pytest.raises(NotAllowed):
        actions.file_appeal(case_id=case.public_id, text=OBJECTION, by=make_expert().user, now=FILED)
    with pytest.raises(Invalid, match="at least 50 characters"):
        actions.file_appeal(case_id=case.public_id, text="No!  " * 9, by=case.expert.user, now=FILED)
    with pytest.raises(WrongState, match="time to appeal is over"):
        appeal(case, now=last + timedelta(seconds=1))
    assert appeal(case, now=last).state == CaseState.APPEALED
    with pytest.raises(WrongState, match="appealed now"):
        appeal(case, now=last)


@pytest.mark.parametrize("outcome", [Outcome.APPROVE, Outcome.ASK_FOR_MORE])
def test_only_a_decline_is_appealed(outcome):
    case = decide(make_checked_case(), outcome)
    with pytest.raises(WrongState):
        appeal(case)


def test_whoever_asked_again_goes_on_with_the_new_case(joan):
    case = make_declined_case(joan)
    actions.open_case(
        expert_id=case.expert.public_id, field_id=field_of("cardiology").pk, by=case.expert.user, now=FILED
    )
    with pytest.raises(Refused, match="You asked again for Cardiology"):
        appeal(case)


def test_while_an_appeal_waits_the_field_is_not_asked_for_again(joan):
    case = appeal(make_declined_case(joan))
    with pytest.raises(Refused, match="open already"):
        actions.open_case(expert_id=case.expert.public_id, field_id=case.field_id, by=case.expert.user, now=FILED)
    with pytest.raises(WrongState, match="appealed now"):
        actions.withdraw_case(case_id=case.public_id, by=case.expert.user, now=FILED)


# ------------------------------------------------------------------------------------------------------ judging


def test_an_upheld_decline_is_final_and_both_sides_read_why(joan, vera):
    case = judge(appeal(make_declined_case(joan)), AppealOutcome.UPHELD, by=vera)
    assert (case.state, case.decided_at) == (CaseState.DECLINED, JUDGED)
    assert JUDGEMENT in Notification.objects.get(user=joan, title__startswith=str(case)).body
    mail = EmailMessage.objects.get(subject="Cardiology: the decision stands after your appeal")
    assert (mail.user, JUDGEMENT in mail.text) == (case.expert.user, True)
    with pytest.raises(Refused, match="looked at this decision already"):
        appeal(case, now=JUDGED)
    assert actions.open_case(
        expert_id=case.expert.public_id, field_id=case.field_id, by=case.expert.user, now=JUDGED
    ).state == CaseState.CHECKING  # fmt: skip


def test_an_overturned_decline_approves_at_once(joan, vera):
    case = judge(appeal(make_declined_case(joan)), AppealOutcome.APPROVED, by=vera)
    assert (case.state, case.decided_at) == (CaseState.APPROVED, JUDGED)
    assert is_vetted(case.expert, case.field)
    assert "was overturned" in Notification.objects.get(user=joan, title__startswith=str(case)).title


def test_a_reopened_case_is_checked_again_and_decided_by_somebody_else(joan, vera):
    case = judge(appeal(make_declined_case(joan)), AppealOutcome.REOPENED, by=vera)
    assert (case.state, case.round, case.due_at) == (CaseState.CHECKING, 2, JUDGED + timedelta(days=3))
    assert work_all(case, now=JUDGED).state == CaseState.AWAITING_DECISION
    with pytest.raises(NotAllowed, match="another person looks at it now"):
        actions.claim_case(case_id=case.public_id, by=joan, now=JUDGED)
    assert decide(case, Outcome.DECLINE, by=vera, now=JUDGED).state == CaseState.DECLINED
    again = appeal(case, now=JUDGED + timedelta(days=1))  # another decline, another appeal: to neither of them
    for person in (joan, vera):
        with pytest.raises(NotAllowed):
            actions.claim_case(case_id=again.public_id, by=person, now=JUDGED)


def test_who_declined_and_who_agreed_never_judge(joan, vera):
    case, tom = make_checked_case(), make_vetter("Tom Lund")
    ask_second(case, by=joan, of=vera)
    give_second(case, by=vera)
    decide_as(case, joan, outcome="DECLINE", reason_code=ReasonCode.FORGERY_SUSPECTED, reason=LONG_REASON)
    appeal(case)
    assert {notice.user for notice in Notification.objects.filter(title=f"An appeal in {case}")} == {tom}
    for person in (joan, vera):
        with pytest.raises(NotAllowed, match="another person looks at it now"):
            actions.claim_case(case_id=case.public_id, by=person, now=FILED)
        with pytest.raises(NotAllowed):
            actions.judge_appeal(case_id=case.public_id, outcome="UPHELD", reason=JUDGEMENT, by=person, now=FILED)
        assert actions.claim_next_case(by=person, now=FILED) is None
    assert actions.claim_next_case(by=tom, now=FILED) == case


def test_an_appeal_is_judged_with_reasons_by_who_has_it_and_not_decided_beside_it(joan, vera):
    case = appeal(make_declined_case(joan))
    with pytest.raises(WrongState, match="Nobody has this case now"):
        actions.judge_appeal(case_id=case.public_id, outcome="UPHELD", reason=JUDGEMENT, by=vera, now=FILED)
    actions.claim_case(case_id=case.public_id, by=vera, now=FILED)
    with pytest.raises(Invalid, match="at least 100 characters"):
        actions.judge_appeal(case_id=case.public_id, outcome="UPHELD", reason="x" * 99, by=vera, now=FILED)
    with pytest.raises(WrongState, match="Judge the appeal"):
        decide_as(case, vera)
    judge(case, AppealOutcome.UPHELD, by=vera)
    with pytest.raises(WrongState):
        actions.judge_appeal(case_id=case.public_id, outcome="APPROVED", reason=JUDGEMENT, by=vera, now=FILED)


# ------------------------------------------------------------------------------------------------------ at zero


def test_at_zero_an_appeal_goes_to_the_head_of_the_queue_and_to_whoever_leads(joan, vera):
    root = User.objects.create_superuser("root@people.example", "x")
    case = appeal(make_declined_case(joan))
    actions.claim_case(case_id=case.public_id, by=vera, now=FILED)
    due = case.due_at
    assert actions.pass_on_overdue_cases(now=due - timedelta(seconds=1)) == 0
    assert actions.pass_on_overdue_cases(now=due) == 1
    case.refresh_from_db()
    assert (case.state, case.claimed_by, case.due_at) == (CaseState.APPEALED, None, due + timedelta(days=1))
    told = Notification.objects.filter(title=f"The appeal in {case} is over its time")
    assert {row.user for row in told} == {root, vera}
    assert Notification.objects.filter(user=case.expert.user, title__contains="longer than we promised").exists()
    assert (Appeal.objects.get().outcome, Decision.objects.count()) == ("", 1)


def test_where_nobody_may_judge_whoever_leads_is_told_to_give_the_role_to_one_more(joan):
    root = User.objects.create_superuser("root@people.example", "x")
    case = appeal(make_declined_case(joan))
    assert "give the role to one more person" in Notification.objects.get(user=root).body
    actions.pass_on_overdue_cases(now=case.due_at)
    assert Notification.objects.filter(user=root, body__contains="Give the role to one more person").exists()


# ------------------------------------------------------------------------------------------------------ races


@pytest.mark.django_db(transaction=True)
def test_a_judgement_and_the_clock_at_once_leave_a_judged_appeal():
    joan, vera = make_vetter("Joan Abara"), make_vetter("Vera Castillo")
    case = appeal(make_declined_case(joan))
    actions.claim_case(case_id=case.public_id, by=vera, now=FILED)
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=case.pk)
        sweep = Beside(lambda: actions.pass_on_overdue_cases(now=case.due_at))
        assert waits_for_a_lock(sweep)
        # What the judgement does while the sweep has found the case already and waits for it.
        Appeal.objects.update(outcome="UPHELD", reason=JUDGEMENT, judged_by=vera, judged_at=case.due_at)
        Case.objects.filter(pk=case.pk).update(state=CaseState.DECLINED, decided_at=case.due_at)
    assert sweep.done() == 0
    case.refresh_from_db()
    assert case.state == CaseState.DECLINED
    assert not AuditEvent.objects.filter(what="vetting.pass_on_case").exists()


@pytest.mark.django_db(transaction=True)
def test_two_presses_of_judge_judge_once_and_two_of_appeal_file_once():
    joan, vera, ends = make_vetter("Joan Abara"), make_vetter("Vera Castillo"), []
    case, barrier = make_declined_case(joan), Barrier(3)

    def press(deed):
        def run():
            barrier.wait()
            try:
                deed()
                ends.append("done")
            except (WrongState, Refused):
                ends.append("moved on")
            connection.close()

        return run

    filing = press(lambda: actions.file_appeal(case_id=case.public_id, text=OBJECTION, by=case.expert.user, now=FILED))
    run_threads(filing, times=3)
    actions.claim_case(case_id=case.public_id, by=vera, now=FILED)
    judging = press(lambda: actions.judge_appeal(
        case_id=case.public_id, outcome="APPROVED", reason=JUDGEMENT, by=vera, now=JUDGED))  # fmt: skip
    run_threads(judging, times=3)
    assert sorted(ends) == ["done"] * 2 + ["moved on"] * 4
    assert Appeal.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_on_the_case_the_clock_would_take_a_judged_appeal_back():
    """The negative control: a sweep that reads first and writes afterwards moves what was judged meanwhile."""
    case = appeal(make_declined_case(make_vetter("Joan Abara")))
    row = Case.objects.get(pk=case.pk)
    Case.objects.filter(pk=case.pk).update(state=CaseState.DECLINED, decided_at=JUDGED)
    if row.state == CaseState.APPEALED:
        Case.objects.filter(pk=row.pk).update(due_at=row.due_at + timedelta(days=1))
    case.refresh_from_db()
    assert case.state == CaseState.DECLINED
    assert case.due_at > row.due_at


# ------------------------------------------------------------------------------------------------------ constraints


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"judged_by": "joan"}, "appeal_is_judged_by_another_person"),
        ({"judged_by": "tom", "second": "tom"}, "appeal_is_judged_by_another_person"),
        ({"judged_by": "expert"}, "appeal_is_judged_by_another_person"),
        ({"judged_by": "vera", "reason": "x" * 99}, "judged_appeal_says_who_when_and_why"),
        ({"judged_by": "vera", "judged_at": None}, "judged_appeal_says_who_when_and_why"),
        ({"judged_by": "vera", "text": "no"}, "appeal_says_why"),
    ],
)
def test_the_database_itself_keeps_the_rules_of_an_appeal(joan, vera, facts, name):
    case = make_declined_case(joan)
    people = {"joan": joan, "vera": vera, "tom": make_vetter("Tom Lund"), "expert": case.expert.user}
    values = {
        "case": case, "decision": case.decisions.get(), "about": case.expert.user, "against": joan, "text": OBJECTION,
        "filed_at": FILED, "promised_for": FILED, "outcome": "UPHELD", "reason": JUDGEMENT, "judged_at": JUDGED,
    } | {key: people.get(value, value) if isinstance(value, str) else value for key, value in facts.items()}  # fmt: skip
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Appeal.objects.create(**values)
