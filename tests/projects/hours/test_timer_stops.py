"""The ways in which a timer ends by itself: the cap, the end of a contract, Monday, and a week without funds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.kernel.errors import Refused, WrongState
from marketplace.notices.models import Notification
from projects.hiring.actions import contracts as hiring
from projects.hours.actions.timers import stop_abandoned_timers
from projects.hours.enums import StopReason
from projects.hours.models import Timer, Timesheet, WeeklyReserve
from tests.factories.projects_hours import (
    MONDAY,
    at,
    beat,
    books,
    log,
    make_contract,
    make_gig,
    make_running,
    owner_of,
    ranges,
    start_timer,
    stop_timer,
    told,
    work_until,
)

pytestmark = pytest.mark.django_db
WEEK_2 = (MONDAY + timedelta(days=7)).date()


# ------------------------------------------------------------------------------------------------------- hard stops


def test_the_weekly_cap_stops_the_timer_to_the_second():
    contract = make_running(cap_hours=2)
    log(contract, at(0, 6), at(0, 7, 30))
    start_timer(contract, at(0, 9, 0, 20))
    work_until(contract, at(0, 9, 29))
    answer = beat(contract, at(0, 9, 31))
    assert (answer.stopped.at, answer.stopped.reason) == (at(0, 9, 30, 20), StopReason.CAP)
    assert ranges(contract) == [(at(0, 6), at(0, 7, 30)), (at(0, 9, 0, 20), at(0, 9, 30, 20))]
    assert told(contract) == ["Your hours of this week are used up"]
    with pytest.raises(Refused, match="Your hours of this week are used up"):
        start_timer(contract, at(0, 10))


def test_stopping_after_the_cap_counts_to_the_cap():
    contract = make_running(cap_hours=1)
    start_timer(contract, at(0, 9))
    work_until(contract, at(0, 9, 55))
    assert stop_timer(contract, at(0, 10, 4)).at == at(0, 10)
    assert ranges(contract) == [(at(0, 9), at(0, 10))]


def test_less_than_a_minute_is_not_worth_a_start():
    contract = make_running(cap_hours=1)
    log(contract, at(0, 6), at(0, 6, 59, 1))
    with pytest.raises(Refused, match="used up"):
        start_timer(contract, at(0, 9))


@pytest.mark.full
def test_nobody_works_longer_than_sixteen_hours_in_one_piece():
    contract = make_running(cap_hours=40)
    start_timer(contract, at(0, 2))
    work_until(contract, at(0, 17, 55))
    answer = beat(contract, at(0, 18, 5))
    assert (answer.stopped.at, answer.stopped.reason) == (at(0, 18), StopReason.LONGEST)


def test_a_contract_that_ends_takes_its_timer_with_it_and_the_time_until_then_counts():
    contract = make_running()
    start_timer(contract, at(0, 9))
    work_until(contract, at(0, 9, 30))
    hiring.end_contract(
        contract_id=contract.public_id, by=contract.expert.user, reason="The work is done.", now=at(0, 9, 31, 7)
    )
    answer = beat(contract, at(0, 9, 32))
    assert (answer.stopped.at, answer.stopped.reason) == (at(0, 9, 31, 7), StopReason.ENDED)
    assert ranges(contract) == [(at(0, 9), at(0, 9, 31, 7))]


def test_a_pause_lets_the_timer_run_on_in_the_week_that_was_set_aside():
    contract = make_running()
    start_timer(contract, at(0, 9))
    hiring.pause_contract(
        contract_id=contract.public_id, by=owner_of(contract.lab), reason="Data arrives late.", now=at(0, 9, 10)
    )
    work_until(contract, at(0, 10))
    stop_timer(contract, at(0, 10))
    assert ranges(contract) == [(at(0, 9), at(0, 10))]


def test_one_timer_that_cannot_be_swept_does_not_keep_the_others_running():
    broken, fine = make_running(), make_running(project=None)
    start_timer(broken, at(0, 9))
    start_timer(fine, at(0, 9))
    Timesheet.objects.filter(contract=broken).update(state="SUBMITTED", submitted_at=at(0, 9))
    with pytest.raises(WrongState):
        stop_abandoned_timers(now=at(0, 10))
    assert list(Timer.objects.values_list("contract", flat=True)) == [broken.pk]


# ----------------------------------------------------------------------------------------------------------- Mondays


def test_a_timer_over_monday_goes_on_in_the_new_week_with_money_of_its_own():
    contract = make_running()
    start_timer(contract, at(6, 23))
    work_until(contract, at(7, 0))
    timer = Timer.objects.get()
    assert (timer.started_at, timer.heartbeat_at) == (at(7, 0), at(7, 0))
    work_until(contract, at(7, 1))
    stop_timer(contract, at(7, 1))
    assert ranges(contract) == [(at(6, 23), at(7, 0)), (at(7, 0), at(7, 1))]
    periods = Timesheet.objects.order_by("period").values_list("period", flat=True)
    assert list(periods) == [MONDAY.date(), WEEK_2]
    assert list(WeeklyReserve.objects.order_by("period").values_list("period", flat=True)) == [MONDAY.date(), WEEK_2]


def test_stopping_on_monday_splits_what_no_beat_has_split():
    contract = make_running()
    start_timer(contract, at(6, 23, 50))
    stop_timer(contract, at(7, 0, 4))
    assert ranges(contract) == [(at(6, 23, 50), at(7, 0)), (at(7, 0), at(7, 0, 4))]


def test_nobody_is_carried_into_the_new_week_unheard():
    contract = make_running()
    start_timer(contract, at(6, 23))
    work_until(contract, at(6, 23, 50))
    assert beat(contract, at(7, 0, 1), idle=11 * 60).timer.started_at == at(6, 23)
    assert stop_abandoned_timers(now=at(7, 0, 5)) == 1
    assert ranges(contract) == [(at(6, 23), at(6, 23, 50))]
    assert WeeklyReserve.objects.count() == 1


def test_a_timer_stops_with_the_week_when_the_funds_do_not_cover_the_next_one():
    """The old week is safe, the timer is not stuck, and the lab is asked for funds."""
    contract = make_contract(make_gig(now=at(-3, 0), funds_minor=700_000), now=at(-3, 0))
    start_timer(contract, at(6, 23))
    work_until(contract, at(6, 23, 55))
    answer = beat(contract, at(7, 0))
    assert (answer.stopped.at, answer.stopped.reason) == (at(7, 0), StopReason.UNFUNDED)
    assert ranges(contract) == [(at(6, 23), at(7, 0))]
    assert books(contract)["funds"] == 700_000 - 462_014
    assert told(contract) == ["Your timer stopped with the week: no funds for the next one"]
    asked = Notification.objects.get(user=owner_of(contract.lab), kind="project_funds")
    assert asked.title == "Project funds are used up: Physician Talent Network"


def test_stop_on_monday_without_funds_keeps_the_old_week():
    contract = make_contract(make_gig(now=at(-3, 0), funds_minor=700_000), now=at(-3, 0))
    start_timer(contract, at(6, 23, 50))
    assert stop_timer(contract, at(7, 0, 4)).reason == StopReason.UNFUNDED
    assert ranges(contract) == [(at(6, 23, 50), at(7, 0))]


def test_the_minutes_between_monday_and_the_end_of_a_contract_count():
    contract = make_running()
    start_timer(contract, at(6, 23, 50))
    work_until(contract, at(6, 23, 59))
    hiring.end_contract(
        contract_id=contract.public_id, by=contract.expert.user, reason="The work is done.", now=at(7, 0, 3)
    )
    answer = beat(contract, at(7, 0, 4))
    assert (answer.stopped.at, answer.stopped.reason) == (at(7, 0, 3), StopReason.ENDED)
    assert ranges(contract) == [(at(6, 23, 50), at(7, 0)), (at(7, 0), at(7, 0, 3))]
    assert WeeklyReserve.objects.filter(contract=contract, period=WEEK_2).exists()


def test_a_paused_contract_begins_no_new_week():
    contract = make_running()
    start_timer(contract, at(6, 23, 55))
    hiring.pause_contract(
        contract_id=contract.public_id, by=owner_of(contract.lab), reason="Data arrives late.", now=at(6, 23, 56)
    )
    assert beat(contract, at(7, 0, 1)).stopped.reason == StopReason.PAUSED
    assert ranges(contract) == [(at(6, 23, 55), at(7, 0))]
