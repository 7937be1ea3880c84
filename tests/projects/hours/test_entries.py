"""Time by hand: each case that is allowed and each that is refused, splitting, the cap, and overlaps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from marketplace.kernel.errors import Invalid, NotAllowed, Refused, WrongState
from payments.ledger.errors import InsufficientFunds
from projects.hiring.actions import contracts as hiring
from projects.hours.actions import entries
from projects.hours.enums import EntrySource, TimesheetState
from projects.hours.models import TimeEntry, Timesheet, WeeklyReserve
from tests.factories.projects_hours import (
    BEFORE,
    MONDAY,
    at,
    at_once,
    books,
    change,
    log,
    make_contract,
    make_expert,
    make_gig,
    make_running,
    owner_of,
    sheet_of,
    start_timer,
    stop_timer,
    submit,
    work_until,
)

pytestmark = pytest.mark.django_db


# --------------------------------------------------------------------------------------------------------------- add


def test_time_by_hand_is_flagged_and_sets_the_week_aside():
    contract = make_running()
    (entry,) = log(contract, at(0, 9), at(0, 10, 30), memo="  Calibration call  ")
    assert (entry.seconds, entry.source, entry.memo, entry.zone) == (
        5400,
        EntrySource.MANUAL,
        "Calibration call",
        "UTC",
    )
    assert books(contract)["reserve"] == 462_014
    log(contract, at(1, 9), at(1, 10))
    assert books(contract)["reserve"] == 462_014


def test_a_contract_may_take_time_from_the_timer_only():
    contract = make_contract(make_gig(now=BEFORE, manual_time_allowed=False), now=BEFORE)
    with pytest.raises(Refused, match="from the timer only"):
        log(contract, at(0, 9), at(0, 10))


@pytest.mark.parametrize(
    ("start", "end", "now", "words"),
    [
        (at(0, 10), at(0, 9), at(0, 12), "The end lies before the start"),
        (at(0, 10), at(0, 10), at(0, 12), "The end lies before the start"),
        (at(0, 10), at(0, 11), at(0, 10, 59, 59), "That lies in the future"),
        (at(0, 0), at(0, 16, 0, 1), at(1, 0), "more than 16 hours in one piece"),
        (
            BEFORE - timedelta(minutes=1),
            BEFORE + timedelta(hours=1),
            at(0, 0),
            "The contract began on 13 November at 00:00",
        ),
    ],
)
def test_ranges_that_cannot_be_are_refused_in_words(start, end, now, words):
    contract = make_running()
    with pytest.raises(Invalid, match=words):
        log(contract, start, end, now=now)


@pytest.mark.parametrize(
    ("start", "end", "now"),
    [
        (at(0, 10), at(0, 11), at(0, 11)),  # it ends now
        (at(0, 0), at(0, 16), at(1, 0)),  # the longest piece
        (BEFORE, BEFORE + timedelta(hours=1), BEFORE + timedelta(hours=1)),  # from the contract's first moment
    ],
)
def test_ranges_at_the_edge_are_taken(start, end, now):
    contract = make_running()
    assert [(row.during.lower, row.during.upper) for row in log(contract, start, end, now=now)] == [(start, end)]


def test_the_lab_must_be_able_to_read_what_was_done():
    contract = make_running()
    with pytest.raises(Invalid, match="Say in a few words what you did"):
        log(contract, at(0, 9), at(0, 10), memo="   ")


def test_nobody_writes_hours_for_another():
    contract = make_running()
    for person in (make_expert("Somebody Else").user, owner_of(contract.lab)):
        with pytest.raises(NotAllowed, match="your own contracts only"):
            entries.add_entry(
                contract_id=contract.public_id, by=person, start=at(0, 9), end=at(0, 10), memo="x", zone="UTC",
                now=at(0, 11),
            )  # fmt: skip


def test_hours_before_the_first_day_are_refused():
    contract = make_contract(make_gig(now=BEFORE), starts_on=at(1, 0).date(), now=BEFORE)
    with pytest.raises(Refused, match="begins on 17 November"):
        log(contract, at(0, 23), at(1, 1))
    assert len(log(contract, at(1, 0), at(1, 1))) == 1


def test_without_funds_nothing_is_written():
    contract = make_contract(make_gig(now=BEFORE, funds_minor=300_00), now=BEFORE)
    with pytest.raises(InsufficientFunds, match="The lab was asked to add funds"):
        log(contract, at(0, 9), at(0, 10))
    assert (TimeEntry.objects.count(), Timesheet.objects.count(), WeeklyReserve.objects.count()) == (0, 0, 0)
    assert books(contract) == {"funds": 300_00, "reserve": 0, "payable": 0, "fees": 0}


# -------------------------------------------------------------------------------------------------------- week edges


def test_an_entry_over_monday_is_split_by_the_server():
    contract = make_running()
    rows = log(contract, at(6, 22), at(7, 1, 30))
    assert [(row.during.lower, row.during.upper) for row in rows] == [(at(6, 22), at(7, 0)), (at(7, 0), at(7, 1, 30))]
    assert [row.timesheet.period for row in rows] == [MONDAY.date(), (MONDAY + timedelta(days=7)).date()]
    assert WeeklyReserve.objects.count() == 2


def test_a_week_may_be_the_fifty_third_and_end_in_another_year():
    """2026-W53 runs from Monday 28 December 2026 to Sunday 3 January 2027."""
    first = datetime(2026, 12, 28, tzinfo=UTC)
    contract = make_contract(make_gig(now=first), now=first)
    new_year = datetime(2027, 1, 1, tzinfo=UTC)
    (over_new_year,) = log(contract, new_year - timedelta(hours=1), new_year + timedelta(hours=1))
    assert over_new_year.timesheet.period == first.date()
    sunday_night = datetime(2027, 1, 3, 23, tzinfo=UTC)
    rows = log(contract, sunday_night, sunday_night + timedelta(hours=2))
    assert [row.timesheet.period.isoformat() for row in rows] == ["2026-12-28", "2027-01-04"]


def test_the_database_refuses_an_entry_that_crosses_monday():
    contract = make_running()
    log(contract, at(6, 9), at(6, 10))
    with pytest.raises(IntegrityError, match="time_entry_ends_in_the_week_it_began_in"), transaction.atomic():
        TimeEntry.objects.create(
            user=contract.expert.user, timesheet=sheet_of(contract), source=EntrySource.MANUAL, zone="UTC",
            created_at=at(7, 1), during=DateTimeTZRange(at(6, 23), at(7, 0, 0, 1)),
        )  # fmt: skip


def test_corrections_end_on_monday_at_noon():
    contract = make_running()
    log(contract, at(6, 9), at(6, 10), now=at(7, 11, 59, 59))
    with pytest.raises(WrongState, match="The week of 16 November closed on Monday at 12:00 UTC"):
        log(contract, at(6, 11), at(6, 12), now=at(7, 12))


def test_a_submitted_week_takes_no_more_hours():
    contract = make_running()
    (entry,) = log(contract, at(6, 9), at(6, 10))
    submit(contract)
    for act in (
        lambda: log(contract, at(6, 11), at(6, 12), now=at(7, 12, 1)),
        lambda: change(entry, at(6, 9), at(6, 9, 30), now=at(7, 12, 1)),
        lambda: entries.remove_entry(entry_id=entry.public_id, by=entry.user, now=at(7, 12, 1)),
    ):
        with pytest.raises(WrongState, match="was handed to the lab"):
            act()


# --------------------------------------------------------------------------------------------------------------- cap


def test_the_weekly_cap_is_taken_to_the_second_and_not_beyond():
    contract = make_running(cap_hours=2)
    log(contract, at(0, 9), at(0, 10, 30))
    with pytest.raises(Refused, match="The weekly limit leaves 0 h 30 min in the week of 16 November"):
        log(contract, at(1, 9), at(1, 9, 30, 1))
    log(contract, at(1, 9), at(1, 9, 30))
    with pytest.raises(Refused, match="leaves 0 h 0 min"):
        log(contract, at(2, 9), at(2, 9, 1))


def test_each_week_and_each_contract_has_a_cap_of_its_own():
    expert = make_expert()
    one, other = make_running(expert=expert, cap_hours=1), make_running(expert=expert, cap_hours=1)
    log(one, at(0, 9), at(0, 10))
    log(other, at(0, 10), at(0, 11))
    log(one, at(7, 9), at(7, 10))
    assert TimeEntry.objects.count() == 3


def test_a_split_entry_needs_room_in_both_weeks():
    contract = make_running(cap_hours=1)
    log(contract, at(6, 9), at(6, 9, 30))
    with pytest.raises(Refused, match="leaves 0 h 30 min in the week of 16 November"):
        log(contract, at(6, 23), at(7, 0, 10))
    assert TimeEntry.objects.count() == 1


def test_the_running_timer_counts_towards_the_cap():
    contract = make_running(cap_hours=1)
    start_timer(contract, at(0, 9))
    work_until(contract, at(0, 9, 40))
    with pytest.raises(Refused, match="leaves 0 h 20 min"):
        log(contract, at(0, 7), at(0, 7, 21), now=at(0, 9, 40))
    log(contract, at(0, 7), at(0, 7, 20), now=at(0, 9, 40))
    assert stop_timer(contract, at(0, 9, 41)).at == at(0, 9, 40)


# ----------------------------------------------------------------------------------------------------------- overlap


def test_nobody_works_on_two_contracts_at_once():
    expert = make_expert(zone="America/New_York")
    one, other = make_running(expert=expert), make_running(expert=expert)
    log(one, at(0, 14), at(0, 15))
    with pytest.raises(Refused, match="You already have 09:00 to 10:00 on 16 November, Physician Talent Network"):
        log(other, at(0, 14, 59, 59), at(0, 16))
    log(other, at(0, 15), at(0, 16))  # half-open: what touches does not overlap
    log(other, at(0, 13), at(0, 14))


def test_time_under_a_running_timer_is_refused_whatever_the_contract():
    expert = make_expert()
    one, other = make_running(expert=expert), make_running(expert=expert)
    start_timer(one, at(0, 9))
    with pytest.raises(Refused, match="Your timer has been running since 09:00. Stop it first"):
        log(other, at(0, 8), at(0, 9, 1), now=at(0, 9, 2))
    log(other, at(0, 8), at(0, 9), now=at(0, 9, 2))


def test_two_people_may_work_at_the_same_time():
    gig = make_gig(now=BEFORE)
    log(make_contract(gig, now=BEFORE), at(0, 9), at(0, 10))
    log(make_contract(gig, make_expert("Somebody Else"), now=BEFORE), at(0, 9), at(0, 10))


def _entry(contract, sheet) -> TimeEntry:
    return TimeEntry.objects.create(
        user=contract.expert.user, timesheet=sheet, source=EntrySource.MANUAL, zone="UTC", created_at=at(3, 0),
        during=DateTimeTZRange(at(2, 9), at(2, 10)),
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_the_database_lets_one_of_two_overlapping_entries_in():
    expert = make_expert()
    contracts = [make_running(expert=expert), make_running(expert=expert)]
    for contract in contracts:
        log(contract, at(0, 9 + contracts.index(contract)), at(0, 9 + contracts.index(contract), 30))
    sheets = [sheet_of(contract) for contract in contracts]
    results = at_once(*(lambda pair=pair: _entry(*pair) for pair in zip(contracts, sheets, strict=True)))
    assert sorted(type(result).__name__ for result in results) == ["IntegrityError", "TimeEntry"]
    assert "expert_works_on_one_thing_at_a_time" in str(next(r for r in results if isinstance(r, IntegrityError)))


@pytest.mark.django_db(transaction=True)
def test_without_the_constraint_both_get_in():
    """The negative control of the test above."""
    expert = make_expert()
    contracts = [make_running(expert=expert), make_running(expert=expert)]
    for contract in contracts:
        log(contract, at(0, 9 + contracts.index(contract)), at(0, 9 + contracts.index(contract), 30))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE hours_timeentry DROP CONSTRAINT expert_works_on_one_thing_at_a_time")
    sheets = [sheet_of(contract) for contract in contracts]
    results = at_once(*(lambda pair=pair: _entry(*pair) for pair in zip(contracts, sheets, strict=True)))
    assert [type(result).__name__ for result in results] == ["TimeEntry", "TimeEntry"]


@pytest.mark.django_db(transaction=True)
def test_one_person_in_two_windows_adds_the_same_hour_once_and_reads_why():
    expert = make_expert()
    contracts = [make_running(expert=expert), make_running(expert=expert)]
    results = at_once(*(lambda contract=contract: log(contract, at(0, 9), at(0, 10)) for contract in contracts))
    refused = [result for result in results if isinstance(result, Refused)]
    assert len(refused) == 1
    assert "You already have 09:00 to 10:00" in refused[0].sentence
    assert TimeEntry.objects.count() == 1


# ----------------------------------------------------------------------------------------------- contracts that changed


def test_a_contract_that_ended_takes_the_hours_until_its_end():
    contract = make_running()
    hiring.end_contract(contract_id=contract.public_id, by=contract.expert.user, reason="Moving on now.", now=at(2, 12))
    log(contract, at(2, 10), at(2, 12), now=at(3, 0))
    with pytest.raises(WrongState, match="The contract ended on 18 November at 12:00. Time after that"):
        log(contract, at(2, 12), at(2, 12, 1), now=at(3, 0))


def test_a_paused_contract_takes_hours_of_weeks_that_were_set_aside():
    contract = make_running()
    log(contract, at(0, 9), at(0, 10))
    hiring.pause_contract(
        contract_id=contract.public_id, by=owner_of(contract.lab), reason="Data arrives late.", now=at(1, 0)
    )
    log(contract, at(1, 9), at(1, 10))
    with pytest.raises(WrongState, match="Only weeks whose pay was set aside before the pause"):
        log(contract, at(7, 9), at(7, 10))
    assert sheet_of(contract).state == TimesheetState.OPEN
