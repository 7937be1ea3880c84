"""The week's end: submitting, taking back, approving, silence; every sum and the books around it as whole values."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.audit.models import AuditEvent
from marketplace.kernel import registry
from marketplace.kernel.errors import NotAllowed, Refused, WrongState
from marketplace.notices.models import Notification
from payments.ledger.models import Entry
from projects.hours.actions import entries, timesheets
from projects.hours.actions.timesheets import approve_by_silence, close_weeks
from projects.hours.enums import PayLineState, ReserveState, TimesheetState
from projects.hours.models import PayLine, TimeEntry, Timesheet, WeeklyReserve
from projects.labs.enums import LabRole
from tests.factories.projects_hours import (
    BEFORE,
    MONDAY,
    approve,
    at,
    at_once,
    books,
    log,
    make_contract,
    make_expert,
    make_gig,
    make_running,
    off_balance,
    owner_of,
    sheet_of,
    start_timer,
    submit,
)
from tests.factories.projects_labs import join

pytestmark = pytest.mark.django_db
NOON = at(7, 12)
FUNDS = 2_000_000


def press_approve(contract, by, *, revision=None, now=at(7, 14)):
    sheet = sheet_of(contract)
    return timesheets.approve_timesheet(
        timesheet_id=sheet.public_id, by=by, revision=sheet.revision if revision is None else revision, now=now
    )


# -------------------------------------------------------------------------------------------------------------- lines


def test_lines_are_whole_minutes_of_each_utc_day_rounded_once():
    """The examples of docs: floor of the day's seconds, half to even, fee on the rounded pay."""
    contract = make_running(rate_minor=21_333)
    log(contract, at(0, 9), at(0, 9, 10, 40))  # 10 min 40 s and, later that day, 50 s: 11 min 30 s, so 11 minutes
    log(contract, at(0, 12), at(0, 12, 0, 50))
    log(contract, at(1, 23), at(2, 1))  # an hour on each side of midnight
    log(contract, at(3, 9), at(3, 9, 0, 59))  # less than a minute in the whole day: no line
    submit(contract)
    assert list(PayLine.objects.order_by("day").values_list("day", "seconds", "minutes", "pay_minor", "fee_minor", "charge_minor")) == [
        (at(0, 0).date(), 690, 11, 3911, 391, 4302),  # 11 x 213.33 / 60 = 39.1105; fee 3.911
        (at(1, 0).date(), 3600, 60, 21_333, 2133, 23_466),  # fee 21.333
        (at(2, 0).date(), 3600, 60, 21_333, 2133, 23_466),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rate", "minutes", "pay", "fee"),
    [
        (30, 1, 0, 0),  # half a cent goes to the even 0
        (90, 1, 2, 0),  # one and a half go to 2; the fee, 0.2, to 0
        (150, 1, 2, 0),  # two and a half stay 2
        (2250, 2, 75, 8),  # the fee, 7.5, goes to 8
        (2550, 2, 85, 8),  # the fee, 8.5, stays 8
    ],
)
def test_halves_go_to_the_even_cent(rate, minutes, pay, fee):
    contract = make_running(rate_minor=max(rate, 100))
    version = contract.current_version
    version.rate_minor, version.fee_bps = rate, 1000
    log(contract, at(0, 9), at(0, 9, minutes))
    from projects.hours.actions.charges import lines_of

    sheet = sheet_of(contract)
    sheet.contract = contract
    (line,) = lines_of(sheet)
    assert (line.pay_minor, line.fee_minor, line.charge_minor) == (pay, fee, pay + fee)


def test_the_worked_example_of_the_handbook_is_exact():
    """8 h 55 min at $225.00 and ten per cent: $2,006.25 and $200.62 (20,062.5 to the even cent)."""
    contract = make_running(rate_minor=22_500)
    log(contract, at(0, 9), at(0, 17, 55))
    submit(contract)
    line = PayLine.objects.get()
    assert (line.minutes, line.pay_minor, line.fee_minor, line.charge_minor) == (535, 200_625, 20_062, 220_687)
    assert (line.rate_minor, line.fee_bps, line.rule, line.currency) == (22_500, 1000, "2026-1", "USD")


def test_a_line_has_the_same_name_after_a_restore():
    contract = make_running()
    log(contract, at(0, 9), at(0, 10))
    sheet = submit(contract)
    first = PayLine.objects.get().public_id
    Timesheet.objects.filter(pk=sheet.pk).update(correction_ends_at=at(8, 0))
    timesheets.reopen_timesheet(timesheet_id=sheet.public_id, by=contract.expert.user, now=at(7, 12, 1))
    timesheets.submit_timesheet(timesheet_id=sheet.public_id, by=contract.expert.user, now=at(7, 12, 2))
    assert PayLine.objects.get().public_id == first


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


# ----------------------------------------------------------------------------------------------------------- approve


def test_approval_charges_pay_and_fee_and_gives_the_rest_back():
    contract = make_running()
    log(contract, at(0, 9), at(0, 11))
    log(contract, at(3, 9), at(3, 10, 30))
    submit(contract)
    assert books(contract) == {"funds": FUNDS - 462_014, "reserve": 462_014, "payable": 0, "fees": 0}
    sheet = approve(contract)
    assert books(contract) == {"funds": FUNDS - 80_850, "reserve": 0, "payable": 73_500, "fees": 7350}
    assert (sheet.state, sheet.approved_by, sheet.approved_at) == (
        TimesheetState.APPROVED,
        owner_of(contract.lab),
        at(7, 14),
    )
    assert set(PayLine.objects.values_list("state", "approved_at")) == {(PayLineState.APPROVED, at(7, 14))}
    reserve = WeeklyReserve.objects.get()
    assert (reserve.state, reserve.released_at) == (ReserveState.RELEASED, at(7, 14))
    lines = list(PayLine.objects.order_by("day"))
    keys = (
        Entry.objects.filter(kind__in=["HOLD", "APPROVAL", "HOLD_RELEASE"])
        .order_by("pk")
        .values_list("key", "effective_on")
    )
    assert sorted(keys) == sorted([
        (f"hold:{contract.public_id}:2026-11-16", at(0, 0).date()),
        (f"approval:{lines[0].public_id}:1", at(0, 0).date()),
        (f"approval:{lines[1].public_id}:1", at(3, 0).date()),
        (f"hold-release:{contract.public_id}:2026-11-16", at(7, 0).date()),
    ])  # fmt: skip
    assert off_balance() == 0
    assert registry.check_invariants() == {}


def test_the_expert_is_told_and_the_trail_says_who_approved_what():
    contract = make_running()
    log(contract, at(0, 9), at(0, 10))
    submit(contract)
    approve(contract)
    notice = Notification.objects.get(user=contract.expert.user, kind="hours")
    assert (notice.title, notice.path) == ("Hours of 2026-W47 approved: $210.00", "/me/earnings/2026-W47/")
    event = AuditEvent.objects.get(what="hours.approve_timesheet")
    assert event.after == {"revision": 1, "pay_minor": 21_000, "charge_minor": 23_100}
    assert event.actor_ref == str(owner_of(contract.lab).public_id)


def test_a_week_at_the_cap_fits_its_reserve():
    contract = make_running(rate_minor=12_347, cap_hours=1)
    for day in range(7):
        log(contract, at(day, 9), at(day, 9, 8, 34))
    submit(contract)
    approve(contract)
    charged = sum(PayLine.objects.values_list("charge_minor", flat=True))
    assert books(contract) == {
        "funds": FUNDS - charged,
        "reserve": 0,
        "payable": sum(PayLine.objects.values_list("pay_minor", flat=True)),
        "fees": sum(PayLine.objects.values_list("fee_minor", flat=True)),
    }


@pytest.mark.parametrize("role", [LabRole.REVIEWER, LabRole.MEMBER])
def test_only_owners_and_managers_approve(role):
    contract = make_running()
    log(contract, at(0, 9), at(0, 10))
    submit(contract)
    for person in (join(contract.lab, role), make_expert("Somebody Else").user, contract.expert.user):
        with pytest.raises(NotAllowed, match="Only owners and managers of the lab approve hours"):
            press_approve(contract, person)
    assert press_approve(contract, join(contract.lab, LabRole.MANAGER)).state == TimesheetState.APPROVED


def test_nobody_approves_their_own_hours():
    contract = make_running()
    log(contract, at(0, 9), at(0, 10))
    submit(contract)
    contract.lab.memberships.create(user=contract.expert.user, role=LabRole.MANAGER, joined_at=at(7, 0))
    with pytest.raises(NotAllowed, match="Nobody approves their own hours"):
        press_approve(contract, contract.expert.user)


def test_an_open_or_approved_week_is_not_approved():
    contract = make_running()
    log(contract, at(0, 9), at(0, 10))
    with pytest.raises(WrongState, match="This week is open now, so it cannot become approved"):
        press_approve(contract, owner_of(contract.lab))
    submit(contract)
    approve(contract)
    with pytest.raises(WrongState, match="This week is approved now, so it cannot become approved"):
        press_approve(contract, owner_of(contract.lab))
    assert books(contract)["payable"] == 21_000


# ----------------------------------------------------------------------------------------------------------- silence


def test_silence_approves_on_wednesday_at_midnight():
    contract = make_running()
    log(contract, at(0, 9), at(0, 10))
    submit(contract)
    assert approve_by_silence(now=at(10, 0) - timedelta(seconds=1)) == 0
    assert approve_by_silence(now=at(10, 0)) == 1
    assert approve_by_silence(now=at(10, 0)) == 0
    sheet = sheet_of(contract)
    assert (sheet.state, sheet.approved_by, sheet.approved_at) == (TimesheetState.APPROVED, None, at(10, 0))
    assert books(contract) == {"funds": FUNDS - 23_100, "reserve": 0, "payable": 21_000, "fees": 2100}


def test_silence_leaves_open_weeks_alone():
    contract = make_running()
    log(contract, at(0, 9), at(0, 10))
    assert approve_by_silence(now=at(10, 0)) == 0
    assert sheet_of(contract).state == TimesheetState.OPEN


def test_two_weeks_and_two_contracts_keep_their_money_apart():
    expert = make_expert()
    gig = make_gig(now=BEFORE)
    one, other = make_contract(gig, expert, now=BEFORE), make_running(expert=expert)
    log(one, at(0, 9), at(0, 10))
    log(other, at(0, 10), at(0, 11))
    log(one, at(7, 9), at(7, 10))
    submit(one)
    approve(one)
    assert books(one) == {"funds": FUNDS - 23_100 - 462_014, "reserve": 462_014, "payable": 21_000, "fees": 2100}
    assert books(other) == {"funds": FUNDS - 462_014, "reserve": 462_014, "payable": 21_000, "fees": 2100}
    approve(other)
    assert books(other) == {"funds": FUNDS - 23_100, "reserve": 0, "payable": 42_000, "fees": 4200}
    assert registry.check_invariants() == {}


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
