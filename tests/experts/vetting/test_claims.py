"""Who has a case in hand: leases that end, the next case, and taking over with a reason."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from experts.vetting import actions
from experts.vetting.enums import CLAIM_HOURS, Outcome
from experts.vetting.models import Case
from marketplace.audit.models import AuditEvent
from marketplace.kernel.errors import Invalid, NotAllowed, WrongState
from marketplace.notices.models import Notification
from tests.factories.experts_profiles import NOW, make_expert, make_vetter
from tests.factories.experts_vetting import decide, decide_as, make_case, make_checked_case
from tests.support.races import run_threads

pytestmark = pytest.mark.django_db
LEASE = timedelta(hours=CLAIM_HOURS)
SECOND = timedelta(seconds=1)


def test_a_claim_ends_and_then_anybody_takes_the_case():
    case, joan, vera = make_checked_case(), make_vetter("Joan Abara"), make_vetter("Vera Castillo")
    actions.claim_case(case_id=case.public_id, by=joan, now=NOW)
    with pytest.raises(WrongState, match="Joan Abara has this case"):
        actions.claim_case(case_id=case.public_id, by=vera, now=NOW + LEASE - SECOND)
    assert actions.claim_case(case_id=case.public_id, by=vera, now=NOW + LEASE).claimed_by == vera
    with pytest.raises(WrongState, match="Vera Castillo has this case"):
        decide_as(case, joan)


def test_a_claim_that_ran_out_is_still_good_while_nobody_else_took_the_case():
    case, joan = make_checked_case(), make_vetter()
    actions.claim_case(case_id=case.public_id, by=joan, now=NOW - 2 * LEASE)
    assert decide_as(case, joan).outcome == Outcome.APPROVE
    case.refresh_from_db()
    assert (case.claimed_by, case.claimed_until) == (None, None)


def test_work_renews_a_claim_and_only_for_its_holder():
    case, joan, vera = make_checked_case(), make_vetter("Joan Abara"), make_vetter("Vera Castillo")
    actions.claim_case(case_id=case.public_id, by=joan, now=NOW)
    later = NOW + timedelta(hours=1)
    assert actions.keep_claim(case_id=case.public_id, by=joan, now=later) == later + LEASE
    assert actions.keep_claim(case_id=case.public_id, by=vera, now=later) is None
    assert AuditEvent.objects.filter(what="vetting.claim_case").count() == 1
    with pytest.raises(WrongState):
        actions.claim_case(case_id=case.public_id, by=vera, now=NOW + LEASE)


def test_taking_over_needs_a_reason_and_tells_the_other():
    case, joan, vera = make_checked_case(), make_vetter("Joan Abara"), make_vetter("Vera Castillo")
    with pytest.raises(WrongState, match="Nobody else has this case"):
        actions.take_over_case(case_id=case.public_id, why="She is ill today.", by=vera, now=NOW)
    actions.claim_case(case_id=case.public_id, by=joan, now=NOW)
    with pytest.raises(Invalid, match="why you take it over"):
        actions.take_over_case(case_id=case.public_id, why="  ill   ", by=vera, now=NOW)
    assert actions.take_over_case(case_id=case.public_id, why="She is ill today.", by=vera, now=NOW).claimed_by == vera
    notice = Notification.objects.get(user=joan)
    assert (notice.title, notice.body) == (f"Vera Castillo took over {case}", "She is ill today.")
    event = AuditEvent.objects.get(what="vetting.take_over_case")
    assert (event.before, event.after) == ({"claimed_by": joan.actor_ref}, {"why": "She is ill today."})


def test_nobody_takes_over_a_case_about_themselves():
    vera = make_vetter("Vera Castillo")
    case = make_checked_case(make_expert(vera))
    actions.claim_case(case_id=case.public_id, by=make_vetter(), now=NOW)
    with pytest.raises(NotAllowed, match="about you"):
        actions.take_over_case(case_id=case.public_id, why="I know myself best.", by=vera, now=NOW)


def test_the_next_case_is_the_one_whose_clock_runs_out_first():
    vera = make_vetter("Vera Castillo")
    assert actions.claim_next_case(by=vera, now=NOW) is None
    later, first = make_checked_case(now=NOW), make_checked_case(now=NOW - timedelta(hours=5))
    make_case(now=NOW - timedelta(hours=9))  # its checks run
    make_checked_case(make_expert(vera), now=NOW - timedelta(hours=9))  # about herself
    taken = make_checked_case(now=NOW - timedelta(hours=9))
    actions.claim_case(case_id=taken.public_id, by=make_vetter("Joan Abara"), now=NOW)
    assert actions.claim_next_case(by=vera, now=NOW) == first
    assert actions.claim_next_case(by=vera, now=NOW) == later
    assert actions.claim_next_case(by=vera, now=NOW) is None
    assert actions.claim_next_case(by=vera, now=NOW + LEASE) == taken


@pytest.mark.django_db(transaction=True)
def test_people_who_take_the_next_case_at_once_take_different_ones():
    cases = [make_checked_case() for _ in range(3)]
    people, barrier, got = [make_vetter(f"Vetter {letter}") for letter in "ABC"], Barrier(3), []

    def press():
        person = people.pop()
        barrier.wait()
        taken = actions.claim_next_case(by=person, now=NOW)
        got.append(taken.pk if taken else None)
        connection.close()

    run_threads(press, times=3)
    # A row that another one is taking at this moment is passed by, so nobody waits and no case goes to two people.
    assert len([pk for pk in got if pk]) == len({pk for pk in got if pk})
    holders = Case.objects.filter(pk__in=[case.pk for case in cases], claimed_by__isnull=False)
    assert set(holders.values_list("pk", flat=True)) == {pk for pk in got if pk}


def test_the_database_itself_keeps_an_end_for_each_claim():
    case = make_checked_case()
    with pytest.raises(IntegrityError, match="claim_of_a_case_has_an_end"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(claimed_by=make_vetter())


def test_asking_for_more_keeps_the_case_with_its_person_and_a_decision_lets_go():
    joan = make_vetter("Joan Abara")
    assert decide(make_checked_case(), Outcome.ASK_FOR_MORE, by=joan).claimed_by == joan
    assert decide(make_checked_case(), by=joan).claimed_by is None
