"""The timer: server time, the idle question, the cap, the Monday, and the ways in which it ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.kernel.errors import NotAllowed, Refused, WrongState
from marketplace.notices.models import Notification
from payments.ledger.errors import InsufficientFunds
from projects.hiring.actions import contracts as hiring
from projects.hours.actions import timers
from projects.hours.actions.timers import stop_abandoned_timers
from projects.hours.enums import EntrySource, StopReason
from projects.hours.models import TimeEntry, Timer, Timesheet, WeeklyReserve
from tests.factories.projects_hours import (
    MONDAY,
    at,
    beat,
    books,
    log,
    make_contract,
    make_expert,
    make_gig,
    make_running,
    owner_of,
    start_timer,
    stop_timer,
    work_until,
)

pytestmark = pytest.mark.django_db
WEEK_2 = (MONDAY + timedelta(days=7)).date()


def told(contract) -> list[str]:
    rows = Notification.objects.filter(user=contract.expert.user, kind="hours").order_by("pk")
    return list(rows.values_list("title", flat=True))


def ranges(contract) -> list[tuple]:
    rows = TimeEntry.objects.filter(timesheet__contract=contract).order_by("during")
    return [(row.during.lower, row.during.upper) for row in rows]


# ------------------------------------------------------------------------------------------------------ start and stop


def test_a_timer_becomes_one_entry_of_its_exact_seconds():
    contract = make_running()
    start_timer(contract, at(0, 9) + timedelta(microseconds=740_000))
    work_until(contract, at(0, 9, 40))
    stopped = stop_timer(contract, at(0, 9, 42, 10))
    entry = TimeEntry.objects.get()
    assert (entry.during.lower, entry.during.upper, entry.seconds) == (at(0, 9), at(0, 9, 42, 10), 42 * 60 + 10)
    assert (entry.source, entry.memo, entry.idle_seconds) == (EntrySource.TIMER, "Reviewing", 0)
    assert (stopped.entries, stopped.at, stopped.reason) == ([entry], at(0, 9, 42, 10), StopReason.ASKED)
    assert not Timer.objects.exists()
    assert told(contract) == []


def test_the_first_start_of_a_week_sets_the_whole_cap_aside_and_the_second_nothing():
    contract = make_running()  # 20 h at $210.00, fee 10 %: 4,620.00 and 14 cents for rounding
    before = books(contract)
    start_timer(contract, at(0, 9))
    assert books(contract) == {**before, "funds": before["funds"] - 462_014, "reserve": 462_014}
    stop_timer(contract, at(0, 9, 5))
    start_timer(contract, at(1, 9))
    assert books(contract) == {**before, "funds": before["funds"] - 462_014, "reserve": 462_014}
    assert WeeklyReserve.objects.get().amount_minor == 462_014


def test_a_person_has_one_timer_over_all_contracts():
    expert = make_expert()
    one, other = make_running(expert=expert), make_running(expert=expert)
    start_timer(one, at(0, 9))
    with pytest.raises(WrongState, match="Your timer already runs on Physician Talent Network. Stop it first"):
        start_timer(other, at(0, 9, 1))
    stop_timer(one, at(0, 9, 2))
    assert start_timer(other, at(0, 9, 2)).contract == other


def test_only_the_expert_of_the_contract_starts_its_timer():
    contract, stranger = make_running(), make_expert("Somebody Else").user
    for person in (stranger, owner_of(contract.lab)):
        with pytest.raises(NotAllowed, match="your own contracts only"):
            timers.start_timer(contract_id=contract.public_id, by=person, memo="", zone="UTC", now=at(0, 9))
    assert (Timer.objects.count(), books(contract)["reserve"]) == (0, 0)


@pytest.mark.parametrize("move", ["pause", "end"])
def test_a_contract_that_is_not_active_starts_no_timer(move):
    contract = make_running()
    act = hiring.pause_contract if move == "pause" else hiring.end_contract
    act(contract_id=contract.public_id, by=owner_of(contract.lab), reason="Data arrives late.", now=at(0, 8))
    with pytest.raises(WrongState, match="This contract is not active"):
        start_timer(contract, at(0, 9))


def test_a_timer_waits_for_the_first_day_in_the_persons_zone_or_utc():
    contract = make_contract(
        make_gig(now=at(0, 0)), make_expert(zone="America/New_York"), starts_on=at(2, 0).date(), now=at(0, 0)
    )
    with pytest.raises(Refused, match="This contract begins on 18 November"):
        start_timer(contract, at(1, 23, 59))
    assert start_timer(contract, at(2, 0)).started_at == at(2, 0)  # still Tuesday evening in New York


def test_an_expert_in_sydney_begins_when_the_first_day_has_come_there():
    contract = make_contract(
        make_gig(now=at(0, 0)), make_expert(zone="Australia/Sydney"), starts_on=at(2, 0).date(), now=at(0, 0)
    )
    with pytest.raises(Refused, match="begins on 18 November"):
        start_timer(contract, at(1, 12, 59))
    assert start_timer(contract, at(1, 13)).started_at == at(1, 13)


def test_a_stopped_timer_is_not_stopped_again():
    contract = make_running()
    assert stop_timer(contract, at(0, 9)) is None
    start_timer(contract, at(0, 9))
    stop_timer(contract, at(0, 9, 10))
    assert stop_timer(contract, at(0, 9, 20)) is None
    assert ranges(contract) == [(at(0, 9), at(0, 9, 10))]


def test_a_timer_that_is_stopped_in_its_first_second_leaves_nothing():
    contract = make_running()
    start_timer(contract, at(0, 9))
    assert stop_timer(contract, at(0, 9)).entries == []
    assert (ranges(contract), Timer.objects.count()) == ([], 0)


def test_what_was_done_can_be_said_when_the_timer_stops():
    contract = make_running()
    start_timer(contract, at(0, 9))
    timers.stop_timer(by=contract.expert.user, memo="  Six answers  ", now=at(0, 9, 10))
    assert TimeEntry.objects.get().memo == "Six answers"


# ----------------------------------------------------------------------------------------------------- signs of life


def test_somebody_who_works_is_heard_and_nothing_is_left_out():
    contract = make_running()
    start_timer(contract, at(0, 9))
    work_until(contract, at(0, 12))
    assert Timer.objects.get().heartbeat_at == at(0, 12)
    assert stop_abandoned_timers(now=at(0, 12, 14, 59)) == 0
    stop_timer(contract, at(0, 12, 1))
    assert ranges(contract) == [(at(0, 9), at(0, 12, 1))]


def test_a_page_that_was_closed_ends_the_timer_at_the_last_sign_of_life():
    contract = make_running()
    start_timer(contract, at(0, 9))
    work_until(contract, at(0, 9, 30))
    assert stop_abandoned_timers(now=at(0, 9, 44, 59)) == 0
    assert stop_abandoned_timers(now=at(0, 9, 45)) == 1
    assert ranges(contract) == [(at(0, 9), at(0, 9, 30))]
    assert told(contract) == ["Your timer stopped at 09:30"]


def test_a_laptop_that_wakes_up_hours_later_does_not_count_its_sleep():
    """The page is still open and beats at once; the beat must not bridge the gap."""
    contract = make_running()
    start_timer(contract, at(0, 9))
    work_until(contract, at(0, 9, 30))
    answer = beat(contract, at(0, 13))
    assert (answer.timer, answer.stopped.at, answer.stopped.reason) == (None, at(0, 9, 30), StopReason.AWAY)
    assert ranges(contract) == [(at(0, 9), at(0, 9, 30))]


def test_pressing_stop_hours_later_does_not_count_them_either():
    contract = make_running()
    start_timer(contract, at(0, 9))
    work_until(contract, at(0, 9, 30))
    assert stop_timer(contract, at(0, 13)).reason == StopReason.AWAY
    assert ranges(contract) == [(at(0, 9), at(0, 9, 30))]


def test_an_idle_page_says_so_and_the_server_waits_for_an_answer():
    contract = make_running()
    start_timer(contract, at(0, 9))
    work_until(contract, at(0, 9, 30))
    for minute in range(31, 45):  # the page beats, nobody touches it
        answer = beat(contract, at(0, 9, minute), idle=(minute - 30) * 60)
        assert answer.timer.heartbeat_at == at(0, 9, 30)
    assert beat(contract, at(0, 9, 45), idle=15 * 60).stopped.at == at(0, 9, 30)
    assert ranges(contract) == [(at(0, 9), at(0, 9, 30))]


def test_a_hand_on_the_mouse_is_no_answer_once_the_question_stands():
    contract = make_running()
    start_timer(contract, at(0, 9))
    answer = beat(contract, at(0, 9, 12), idle=1)
    assert answer.timer.heartbeat_at == at(0, 9)
    assert stop_abandoned_timers(now=at(0, 9, 15)) == 1
    assert ranges(contract) == []


def test_i_was_working_keeps_the_time_and_the_lab_sees_how_long_nothing_was_heard():
    contract = make_running()
    start_timer(contract, at(0, 9))
    beat(contract, at(0, 9, 12), idle=12 * 60)
    assert beat(contract, at(0, 9, 13), working=True).timer.idle_seconds == 13 * 60
    work_until(contract, at(0, 10))
    stop_timer(contract, at(0, 10))
    entry = TimeEntry.objects.get()
    assert (entry.seconds, entry.idle_seconds) == (3600, 13 * 60)


def test_the_idle_time_can_be_left_out():
    contract = make_running()
    start_timer(contract, at(0, 9))
    work_until(contract, at(0, 9, 30))
    assert stop_timer(contract, at(0, 9, 42), leave_out=True).at == at(0, 9, 30)
    entry = TimeEntry.objects.get()
    assert (entry.during.upper, entry.idle_seconds) == (at(0, 9, 30), 0)


def test_stop_without_an_answer_counts_the_gap_and_flags_it():
    contract = make_running()
    start_timer(contract, at(0, 9))
    work_until(contract, at(0, 9, 30))
    stop_timer(contract, at(0, 9, 42))
    entry = TimeEntry.objects.get()
    assert (entry.during.upper, entry.idle_seconds) == (at(0, 9, 42), 12 * 60)


def test_a_short_pause_is_not_asked_about():
    contract = make_running()
    start_timer(contract, at(0, 9))
    beat(contract, at(0, 9, 9), idle=9 * 60)
    assert beat(contract, at(0, 9, 9, 59), working=True).timer.idle_seconds == 0


def test_a_lying_page_cannot_make_the_time_longer():
    """An age of the last input can only move the sign of life back; a negative one counts as now."""
    contract = make_running()
    start_timer(contract, at(0, 9))
    assert beat(contract, at(0, 9, 5), idle=-3600).timer.heartbeat_at == at(0, 9, 5)
    assert beat(contract, at(0, 9, 6), idle=7200).timer.heartbeat_at == at(0, 9, 5)


def test_a_beat_without_a_timer_finds_nothing():
    contract = make_running()
    assert beat(contract, at(0, 9)) == timers.Beat()
    assert timers.beat_timer(by=owner_of(contract.lab), now=at(0, 9)) == timers.Beat()


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
        contract_id=contract.public_id, by=owner_of(contract.lab), reason="The work is done.", now=at(0, 9, 31, 7)
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
        contract_id=contract.public_id, by=owner_of(contract.lab), reason="The work is done.", now=at(7, 0, 3)
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


# ------------------------------------------------------------------------------------------------------------- funds


def test_without_funds_for_the_week_no_timer_starts_and_the_lab_is_asked_once_a_day():
    contract = make_contract(make_gig(now=at(-3, 0), funds_minor=462_013), now=at(-3, 0))
    for hour in (9, 10):
        with pytest.raises(InsufficientFunds, match=r"\$4,620.14 must be set aside before time counts"):
            start_timer(contract, at(0, hour))
    assert (Timer.objects.count(), WeeklyReserve.objects.count()) == (0, 0)
    assert books(contract) == {"funds": 462_013, "reserve": 0, "payable": 0, "fees": 0}
    asked = Notification.objects.filter(user=owner_of(contract.lab), kind="project_funds")
    assert asked.count() == 1
    with pytest.raises(InsufficientFunds):
        start_timer(contract, at(1, 9, 1))
    assert asked.count() == 2


def test_the_last_cent_of_funds_is_enough():
    contract = make_contract(make_gig(now=at(-3, 0), funds_minor=462_014), now=at(-3, 0))
    start_timer(contract, at(0, 9))
    assert books(contract) == {"funds": 0, "reserve": 462_014, "payable": 0, "fees": 0}


def test_one_timer_that_cannot_be_swept_does_not_keep_the_others_running():
    broken, fine = make_running(), make_running(project=None)
    start_timer(broken, at(0, 9))
    start_timer(fine, at(0, 9))
    Timesheet.objects.filter(contract=broken).update(state="SUBMITTED", submitted_at=at(0, 9))
    with pytest.raises(WrongState):
        stop_abandoned_timers(now=at(0, 10))
    assert list(Timer.objects.values_list("contract", flat=True)) == [broken.pk]
