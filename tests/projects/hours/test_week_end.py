"""The week's end: submitting, taking back, and what happens when two press at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.audit.models import AuditEvent
from marketplace.kernel import registry
from marketplace.kernel.errors import NotAllowed, Refused, WrongState
from marketplace.notices.models import Notification
from projects.hours.actions import entries, timesheets
from projects.hours.actions.timesheets import approve_by_silence, close_weeks
from projects.hours.enums import TimesheetState
from projects.hours.models import PayLine, TimeEntry
from projects.labs.enums import LabRole
from tests.factories.projects_hours import (
    FUNDS,
    MONDAY,
    approve,
    at,
    at_once,
    books,
    log,
    make_expert,
    make_running,
    owner_of,
    press_approve,
    sheet_of,
    start_timer,
    submit,
)
from tests.factories.projects_labs import join

pytestmark = pytest.mark.django_db
NOON = at(7, 12)


# ------------------------------------------------------------------------------------------------------------ submit


def test_the_clock_submits_on_monday_at_noon_and_tells_the_managers():
    contract = make_running()
    manager, reviewer = join(contract.lab, LabRole.MANAGER), join(contract.lab, LabRole.REVIEWER)
    log(contract, at(0, 9), at(0, 10))
    assert close_weeks(now=NOON - timedelta(seconds=1)) == 0
    assert close_weeks(now=NOON) == 1
    assert close_weeks(now=NOON) == 0
    sheet = sheet_of(contract)
    assert (sheet.state, sheet.revision, sheet.submitted_at) == (TimesheetState.SUBMITTED, 1, NOON)
    assert sheet.review_ends_at == at(10, 0)
    told = Notification.objects.filter(kind="hours_to_approve")
    assert {row.user for row in told} == {owner_of(contract.lab), manager}
    assert reviewer not in {row.user for row in told}
    assert {row.title for row in told} == {"Hours to approve: $231.00, Physician Talent Network"}
    assert "by Thursday 26 November, 00:00 UTC is approved and charged" in told[0].body


def test_an_expert_may_submit_once_the_week_is_over():
    contract = make_running()
    log(contract, at(0, 9), at(0, 10))
    sheet = sheet_of(contract)
    with pytest.raises(WrongState, match="This week is not over yet"):
        timesheets.submit_timesheet(timesheet_id=sheet.public_id, by=contract.expert.user, now=at(6, 23, 59))
    done = timesheets.submit_timesheet(timesheet_id=sheet.public_id, by=contract.expert.user, now=at(7, 0))
    assert (done.state, done.revision) == (TimesheetState.SUBMITTED, 1)
    with pytest.raises(WrongState, match="This week is submitted now, so it cannot become submitted"):
        timesheets.submit_timesheet(timesheet_id=sheet.public_id, by=contract.expert.user, now=at(7, 1))


def test_nobody_submits_or_takes_back_the_week_of_another():
    contract = make_running()
    log(contract, at(0, 9), at(0, 10))
    sheet = sheet_of(contract)
    for person in (owner_of(contract.lab), make_expert("Somebody Else").user):
        with pytest.raises(NotAllowed, match="submit your own hours only"):
            timesheets.submit_timesheet(timesheet_id=sheet.public_id, by=person, now=at(7, 0))
        with pytest.raises(NotAllowed, match="take back your own hours only"):
            timesheets.reopen_timesheet(timesheet_id=sheet.public_id, by=person, now=at(7, 0))


def test_a_week_is_not_submitted_under_a_running_timer():
    """Otherwise the timer could never be written and would be stuck."""
    contract = make_running()
    log(contract, at(0, 9), at(0, 10))
    start_timer(contract, at(6, 23, 55))
    sheet = sheet_of(contract)
    with pytest.raises(WrongState, match="Your timer still runs since that week. Stop it first"):
        timesheets.submit_timesheet(timesheet_id=sheet.public_id, by=contract.expert.user, now=at(7, 0))
    assert close_weeks(now=NOON) == 0
    for sweep in ("hours.timers", "hours.close_weeks"):  # in the order in which the sweeper runs them
        assert registry.sweeps[sweep](NOON) == 1
    assert list(registry.sweeps).index("hours.timers") < list(registry.sweeps).index("hours.close_weeks")


def test_an_empty_week_is_not_submitted_by_hand():
    contract = make_running()
    (entry,) = log(contract, at(0, 9), at(0, 10))
    entries.remove_entry(entry_id=entry.public_id, by=entry.user, now=at(0, 11))
    with pytest.raises(Refused, match="There are no hours in this week"):
        timesheets.submit_timesheet(timesheet_id=sheet_of(contract).public_id, by=entry.user, now=at(7, 0))


@pytest.mark.parametrize("seconds", [0, 59])
def test_a_week_without_a_whole_minute_closes_quietly_and_gives_its_reserve_back(seconds):
    contract = make_running()
    (entry,) = log(contract, at(0, 9), at(0, 10))
    entries.remove_entry(entry_id=entry.public_id, by=entry.user, now=at(0, 11))
    if seconds:
        log(contract, at(0, 9), at(0, 9, 0, seconds))
    assert books(contract)["reserve"] == 462_014
    assert close_weeks(now=NOON) == 1
    assert books(contract) == {"funds": FUNDS, "reserve": 0, "payable": 0, "fees": 0}
    assert sheet_of(contract).state == TimesheetState.APPROVED
    assert Notification.objects.filter(kind__in=["hours_to_approve", "hours"]).count() == 0


def test_a_week_that_reaches_the_lab_late_leaves_it_a_day_to_look():
    contract = make_running()
    log(contract, at(0, 9), at(0, 10))
    late = at(10, 6)  # the sweeper was away until Thursday 06:00
    assert (close_weeks(now=late), approve_by_silence(now=late)) == (1, 0)
    assert sheet_of(contract).review_ends_at == at(11, 6)
    assert approve_by_silence(now=at(11, 6)) == 1


# --------------------------------------------------------------------------------------------------------- take back


def test_a_submitted_week_is_taken_back_until_monday_noon_and_gets_a_new_revision():
    contract = make_running()
    (entry,) = log(contract, at(0, 9), at(0, 10))
    sheet = sheet_of(contract)
    user = contract.expert.user
    timesheets.submit_timesheet(timesheet_id=sheet.public_id, by=user, now=at(7, 1))
    timesheets.reopen_timesheet(timesheet_id=sheet.public_id, by=user, now=at(7, 2))
    assert (sheet_of(contract).state, PayLine.objects.count()) == (TimesheetState.OPEN, 0)
    entries.change_entry(
        entry_id=entry.public_id, by=user, start=at(0, 9), end=at(0, 9, 30), memo="Half of it", now=at(7, 3)
    )
    timesheets.submit_timesheet(timesheet_id=sheet.public_id, by=user, now=at(7, 4))
    with pytest.raises(WrongState, match="These hours were changed since you opened the page"):
        press_approve(contract, owner_of(contract.lab), revision=1)
    press_approve(contract, owner_of(contract.lab), revision=2)
    assert books(contract) == {"funds": FUNDS - 11_550, "reserve": 0, "payable": 10_500, "fees": 1050}


def test_after_noon_or_approval_nothing_is_taken_back():
    contract = make_running()
    log(contract, at(0, 9), at(0, 10))
    sheet, user = submit(contract), contract.expert.user
    with pytest.raises(WrongState, match="The time for corrections ended on Monday at 12:00 UTC"):
        timesheets.reopen_timesheet(timesheet_id=sheet.public_id, by=user, now=NOON)
    approve(contract)
    with pytest.raises(WrongState, match="This week is approved now, so it cannot become open"):
        timesheets.reopen_timesheet(timesheet_id=sheet.public_id, by=user, now=at(7, 1))


# ------------------------------------------------------------------------------------------------------------ races


@pytest.mark.django_db(transaction=True)
def test_two_managers_approving_at_once_charge_once():
    contract = make_running()
    managers = [join(contract.lab, LabRole.MANAGER), join(contract.lab, LabRole.MANAGER)]
    log(contract, at(0, 9), at(0, 10))
    submit(contract)
    results = at_once(*(lambda person=person: press_approve(contract, person) for person in managers))
    assert sorted(type(result).__name__ for result in results) == ["Timesheet", "WrongState"]
    assert books(contract) == {"funds": FUNDS - 23_100, "reserve": 0, "payable": 21_000, "fees": 2100}
    assert Notification.objects.filter(kind="hours").count() == 1


@pytest.mark.django_db(transaction=True)
def test_silence_and_a_manager_at_the_same_moment_charge_once():
    contract = make_running()
    owner = owner_of(contract.lab)
    log(contract, at(0, 9), at(0, 10))
    submit(contract)
    at_once(lambda: press_approve(contract, owner, now=at(10, 0)), lambda: approve_by_silence(now=at(10, 0)))
    assert books(contract) == {"funds": FUNDS - 23_100, "reserve": 0, "payable": 21_000, "fees": 2100}
    assert AuditEvent.objects.filter(what="hours.approve_timesheet").count() == 1


@pytest.mark.django_db(transaction=True)
def test_approving_and_taking_back_at_once_do_one_of_the_two():
    contract = make_running()
    owner, user = owner_of(contract.lab), contract.expert.user
    log(contract, at(0, 9), at(0, 10))
    sheet = sheet_of(contract)
    timesheets.submit_timesheet(timesheet_id=sheet.public_id, by=user, now=at(7, 1))
    results = at_once(
        lambda: press_approve(contract, owner, now=at(7, 2)),
        lambda: timesheets.reopen_timesheet(timesheet_id=sheet.public_id, by=user, now=at(7, 2)),
    )
    assert sorted(type(result).__name__ for result in results) == ["Timesheet", "WrongState"]
    charged = sheet_of(contract).state == TimesheetState.APPROVED
    assert books(contract)["payable"] == (21_000 if charged else 0)
    assert PayLine.objects.count() == (1 if charged else 0)


@pytest.mark.django_db(transaction=True)
def test_closing_the_week_and_adding_an_hour_at_once_lose_nothing():
    """Either the hour is in the submitted week, or its writer reads that the week is closed."""
    contract = make_running()
    log(contract, at(0, 9), at(0, 10))
    results = at_once(
        lambda: close_weeks(now=NOON),
        lambda: log(contract, at(1, 9), at(1, 10), now=NOON - timedelta(seconds=1)),
    )
    assert results[0] == 1
    hours = sum(entry.seconds for entry in TimeEntry.objects.all()) // 3600
    assert sum(PayLine.objects.values_list("minutes", flat=True)) == hours * 60
    assert hours == (1 if isinstance(results[1], WrongState) else 2)
    assert MONDAY.date() == sheet_of(contract).period
