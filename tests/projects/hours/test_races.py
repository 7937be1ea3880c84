"""
Scarce money taken by two at once: one gets it. Each race has a control that shows the race is real: the same check
without its lock lets both through.
"""

from __future__ import annotations

from threading import Barrier

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from payments.ledger.enums import AccountCode
from payments.ledger.errors import InsufficientFunds
from payments.ledger.queries import balance_minor
from projects.hiring.models import Contract, ContractVersion
from projects.hours.actions import weeks
from projects.hours.actions.timers import stop_abandoned_timers
from projects.hours.enums import TimesheetState
from projects.hours.models import TimeEntry, Timer, Timesheet, WeeklyReserve
from projects.hours.queries import reserve_for
from tests.factories.projects_hours import (
    BEFORE,
    MONDAY,
    at,
    at_once,
    beat,
    books,
    log,
    make_contract,
    make_expert,
    make_gig,
    make_running,
    off_balance,
    sheet_of,
    start_timer,
    stop_timer,
    submit,
)
from tests.support.races import Beside, waits_for_a_lock

pytestmark = [pytest.mark.full, pytest.mark.django_db(transaction=True)]
ONE_WEEK = 462_014


def two_on_one_purse(funds_minor: int):
    gig = make_gig(now=BEFORE, funds_minor=funds_minor)
    return [make_contract(gig, make_expert(name), now=BEFORE) for name in ("Imani Okafor", "Elena Vasquez")]


def test_two_timers_racing_for_the_last_funded_hour_one_starts():
    contracts = two_on_one_purse(2 * ONE_WEEK - 1)
    results = at_once(*(lambda contract=contract: start_timer(contract, at(0, 9)) for contract in contracts))
    assert sorted(type(result).__name__ for result in results) == ["InsufficientFunds", "Timer"]
    assert (Timer.objects.count(), WeeklyReserve.objects.count()) == (1, 1)
    assert books(contracts[0])["funds"] == ONE_WEEK - 1
    assert sum(books(contract)["reserve"] for contract in contracts) == ONE_WEEK
    assert off_balance() == 0


def test_a_timer_and_an_entry_by_hand_racing_for_the_last_funded_hour_one_gets_it():
    one, other = two_on_one_purse(ONE_WEEK)
    results = at_once(lambda: start_timer(one, at(0, 9)), lambda: log(other, at(0, 8), at(0, 9)))
    assert sum(isinstance(result, InsufficientFunds) for result in results) == 1
    assert (Timer.objects.count() + TimeEntry.objects.count(), books(one)["funds"]) == (1, 0)


def test_without_the_lock_on_the_funds_both_would_start():
    """The control: looking at the balance and writing the reserve, with nothing locked in between."""
    contracts = two_on_one_purse(2 * ONE_WEEK - 1)
    both_have_looked = Barrier(2)

    def careless(contract):
        with transaction.atomic():
            enough = balance_minor(AccountCode.PROJECT_FUNDS, contract.project.public_id) >= reserve_for(
                contract, MONDAY.date()
            )
            both_have_looked.wait(timeout=10)
            if enough:
                WeeklyReserve.objects.create(
                    contract=contract,
                    period=MONDAY.date(),
                    amount_minor=reserve_for(contract, MONDAY.date()),
                    held_at=at(0, 9),
                )
            return enough

    assert at_once(*(lambda contract=contract: careless(contract) for contract in contracts)) == [True, True]
    assert WeeklyReserve.objects.count() == 2


def test_without_the_lock_on_the_week_two_managers_would_both_approve():
    """The control of the race in test_week_end.py: the same question about the state, without the row lock."""
    contract = make_running()
    log(contract, at(0, 9), at(0, 10))
    sheet = submit(contract)
    both_have_looked = Barrier(2)

    def careless():
        with transaction.atomic():
            row = Timesheet.objects.get(pk=sheet.pk)
            in_review = row.state == TimesheetState.SUBMITTED
            both_have_looked.wait(timeout=10)
            Timesheet.objects.filter(pk=row.pk).update(state=TimesheetState.APPROVED, approved_at=at(7, 14))
            return in_review

    assert at_once(careless, careless) == [True, True]


def test_two_windows_of_one_person_start_one_timer():
    expert = make_expert()
    contracts = [make_running(expert=expert), make_running(expert=expert)]
    results = at_once(*(lambda contract=contract: start_timer(contract, at(0, 9)) for contract in contracts))
    assert sorted(type(result).__name__ for result in results) == ["Timer", "WrongState"]
    assert WeeklyReserve.objects.count() == 1


def test_two_windows_stopping_one_timer_write_its_time_once():
    contract = make_running()
    start_timer(contract, at(0, 9))
    results = at_once(*(lambda: stop_timer(contract, at(0, 9, 5)) for _window in range(2)))
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "Stopped"]
    assert [entry.seconds for entry in TimeEntry.objects.all()] == [300]


def test_the_sweep_and_a_late_answer_write_the_time_once():
    contract = make_running()
    start_timer(contract, at(0, 9))
    beat(contract, at(0, 9, 5))
    late = at(0, 9, 20)
    results = at_once(lambda: stop_abandoned_timers(now=late), lambda: beat(contract, late, working=True))
    assert [entry.seconds for entry in TimeEntry.objects.all()] == [300]
    assert results[0] + (results[1].stopped is not None) == 1


def test_one_reserve_is_held_however_many_begin_the_week_at_once():
    contract = make_running()
    results = at_once(
        *(lambda hour=hour: log(contract, at(0, hour), at(0, hour + 1), now=at(0, 23)) for hour in (6, 8, 10, 12))
    )
    assert [len(result) for result in results] == [1, 1, 1, 1]
    assert (books(contract)["reserve"], WeeklyReserve.objects.count()) == (ONE_WEEK, 1)
    assert sheet_of(contract).entries.count() == 4


def test_two_windows_share_the_last_hour_of_the_cap():
    contract = make_running(cap_hours=2)
    log(contract, at(0, 9), at(0, 10))
    results = at_once(
        lambda: log(contract, at(1, 9), at(1, 10), now=at(2, 0)),
        lambda: log(contract, at(1, 12), at(1, 13), now=at(2, 0)),
    )
    assert sorted(type(result).__name__ for result in results) == ["Refused", "list"]
    assert sum(entry.seconds for entry in TimeEntry.objects.all()) == 7200


def new_version(contract, *, rate_minor: int) -> ContractVersion:
    """Put a second version of the contract in force."""
    facts = {"rate_minor": rate_minor, "weekly_cap_minutes": 600, "fee_bps": 1000, "created_at": BEFORE}
    version = ContractVersion.objects.create(
        contract=contract, number=2, effective_from=MONDAY, accepted_at=BEFORE, **facts
    )
    Contract.objects.filter(pk=contract.pk).update(current_version=version)
    return version


def test_a_timer_that_waited_for_a_stop_begins_where_the_time_of_that_stop_ends():
    """The clock of the start was read before the lock; the stop that had it wrote two more seconds."""
    contract = make_running()
    log(contract, at(0, 8), at(0, 8, 30))
    with transaction.atomic():
        weeks.lock_expert(contract.expert.user)
        starting = Beside(lambda: start_timer(contract, at(0, 9)))
        assert waits_for_a_lock(starting)
        TimeEntry.objects.update(during=DateTimeTZRange(at(0, 8), at(0, 9, 0, 2)))
    assert starting.done().started_at == at(0, 9, 0, 2)
    stop_timer(contract, at(0, 9, 5))
    assert [entry.seconds for entry in TimeEntry.objects.order_by("during")] == [3602, 298]


def test_a_timer_that_began_inside_an_entry_could_never_be_stopped():
    """The control: what the start above would have written, and what every stop would meet."""
    contract = make_running()
    log(contract, at(0, 8), at(0, 9, 0, 2))
    Timer.objects.create(
        user=contract.expert.user, contract=contract, started_at=at(0, 9), heartbeat_at=at(0, 9), zone="UTC"
    )
    with pytest.raises(IntegrityError, match="expert_works_on_one_thing_at_a_time"):
        stop_timer(contract, at(0, 9, 5))


def test_a_start_that_waited_for_a_new_version_reserves_what_that_one_costs():
    contract = make_running()
    with transaction.atomic():
        Contract.objects.select_for_update().get(pk=contract.pk)
        starting = Beside(lambda: start_timer(contract, at(0, 9)))
        assert waits_for_a_lock(starting)
        new_version(contract, rate_minor=300_00)
    starting.done()
    assert WeeklyReserve.objects.get().amount_minor == 10 * 300_00 * 11 // 10 + 14


def test_a_submission_that_waited_for_a_new_version_is_paid_by_that_one():
    contract = make_running()
    log(contract, at(0, 9), at(0, 10))
    sheet = sheet_of(contract)
    with transaction.atomic():
        Timesheet.objects.select_for_update().get(pk=sheet.pk)
        submitting = Beside(lambda: submit(contract))
        assert waits_for_a_lock(submitting)
        version = new_version(contract, rate_minor=300_00)
    submitting.done()
    line = sheet.lines.get()
    assert (line.version, line.rate_minor, line.pay_minor) == (version, 300_00, 300_00)


def test_a_version_joined_under_the_lock_is_missing_after_a_wait():
    """The control of both: the row is new, what is joined to it is looked for in the old picture and not found."""
    contract = make_running()

    def joined():
        with transaction.atomic():
            rows = Contract.objects.select_related("current_version").select_for_update(of=("self",), no_key=True)
            return rows.get(pk=contract.pk).current_version

    with transaction.atomic():
        Contract.objects.select_for_update().get(pk=contract.pk)
        reading = Beside(joined)
        assert waits_for_a_lock(reading)
        new_version(contract, rate_minor=300_00)
    assert reading.done() is None
