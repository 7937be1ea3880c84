"""Approved weeks: their lines, by a person or by silence; every sum and the books around it as whole values."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.audit.models import AuditEvent
from marketplace.kernel import registry
from marketplace.kernel.errors import NotAllowed, WrongState
from marketplace.notices.models import Notification
from payments.ledger.models import Entry
from projects.hours.actions import timesheets
from projects.hours.actions.charges import _line
from projects.hours.actions.timesheets import approve_by_silence
from projects.hours.enums import PayLineState, ReserveState, TimesheetState
from projects.hours.models import PayLine, Timesheet, WeeklyReserve
from projects.labs.enums import LabRole
from tests.factories.projects_hours import (
    BEFORE,
    FUNDS,
    approve,
    at,
    books,
    log,
    make_contract,
    make_expert,
    make_gig,
    make_running,
    off_balance,
    owner_of,
    press_approve,
    sheet_of,
    submit,
)
from tests.factories.projects_labs import join

pytestmark = pytest.mark.django_db


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
    line = _line(sheet_of(contract), version, at(0, 9).date(), minutes * 60)
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
