"""The timer: server time, signs of life, the idle question, and the funds that a start needs."""

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
from projects.hours.models import TimeEntry, Timer, WeeklyReserve
from tests.factories.projects_hours import (
    at,
    beat,
    books,
    make_contract,
    make_expert,
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
    act, by = (
        (hiring.pause_contract, owner_of(contract.lab))
        if move == "pause"
        else (hiring.end_contract, contract.expert.user)
    )
    act(contract_id=contract.public_id, by=by, reason="Data arrives late.", now=at(0, 8))
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
