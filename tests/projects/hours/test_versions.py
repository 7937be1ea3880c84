"""Which version of a contract pays which week: never one that begins later, never one that was over."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from marketplace.kernel.errors import Refused, WrongState
from projects.hiring.actions.amendments import start_versions
from projects.hiring.actions.contracts import end_contracts_that_are_over
from projects.hours.enums import StopReason
from projects.hours.models import PayLine, WeeklyReserve
from projects.hours.queries import timer_card, week_of
from tests.factories.projects_contracts import agree, leave, propose
from tests.factories.projects_hiring import ready_account
from tests.factories.projects_hours import (
    approve,
    at,
    beat,
    books,
    log,
    make_running,
    off_balance,
    sheet_of,
    start_timer,
    stop_timer,
    submit,
    work_until,
)

pytestmark = pytest.mark.django_db
WEEK_1, WEEK_2 = at(0, 0).date(), at(7, 0).date()
RAISED = 300_00


def rising():
    """A contract whose rate rises from $210 to $300 with the test's second week, agreed on the Wednesday before."""
    contract = make_running()
    agree(propose(contract, rate_minor=RAISED, begins=at(7, 0), now=at(2, 9)), now=at(2, 10))
    return contract


@pytest.mark.parametrize("sweep_runs", [True, False])
def test_each_week_is_reserved_and_paid_by_its_own_version_whether_or_not_the_sweep_ran(sweep_runs):
    contract = rising()
    log(contract, at(4, 9), at(4, 10))
    if sweep_runs:
        assert start_versions(now=at(7, 0)) == 1
    log(contract, at(7, 9), at(7, 10))
    held = dict(WeeklyReserve.objects.values_list("period", "amount_minor"))
    assert held == {WEEK_1: 462_014, WEEK_2: 20 * RAISED * 11 // 10 + 14}
    for week in (WEEK_1, WEEK_2):
        submit(contract, week)
        approve(contract, week)
    lines = list(PayLine.objects.order_by("day"))
    assert [(line.version.number, line.rate_minor, line.pay_minor) for line in lines] == [
        (1, 210_00, 210_00), (2, RAISED, RAISED),
    ]  # fmt: skip
    assert (books(contract)["reserve"], books(contract)["payable"], off_balance()) == (0, 510_00, 0)


def test_an_old_week_that_is_submitted_late_is_paid_as_it_was_agreed_then():
    contract = rising()
    log(contract, at(4, 9), at(4, 10))
    start_versions(now=at(7, 0))
    contract.refresh_from_db()
    assert contract.current_version.number == 2
    submit(contract, WEEK_1)
    assert sheet_of(contract, WEEK_1).lines.get().rate_minor == 210_00


def test_approved_pay_is_untouched_by_new_versions_and_by_the_end():
    contract = rising()
    log(contract, at(2, 12), at(2, 13))
    submit(contract, WEEK_1)
    approve(contract, WEEK_1)
    before = (books(contract)["payable"], list(PayLine.objects.values()))
    start_versions(now=at(7, 0))
    leave(contract, now=at(8, 9))
    assert (books(contract)["payable"], list(PayLine.objects.values())) == before
    assert before[0] == 210_00


def test_a_timer_that_runs_over_the_boundary_is_split_and_the_new_week_reserved_by_the_new_version():
    contract = rising()
    start_timer(contract, at(6, 23, 30))
    work_until(contract, at(7, 0, 30))
    stop_timer(contract, at(7, 0, 30))
    reserves = WeeklyReserve.objects.order_by("period").values_list("amount_minor", flat=True)
    assert list(reserves) == [462_014, 660_014]
    for week in (WEEK_1, WEEK_2):
        submit(contract, week)
    lines = PayLine.objects.order_by("day")
    assert [(line.minutes, line.rate_minor, line.pay_minor) for line in lines] == [
        (30, 210_00, 105_00),
        (30, RAISED, 150_00),
    ]


def test_a_lower_cap_stops_the_timer_from_its_monday_on_and_not_a_second_before():
    contract = make_running()
    agree(propose(contract, cap_hours=1, begins=at(21, 0), now=at(2, 9)), now=at(2, 10))
    log(contract, at(20, 9), at(20, 11))
    log(contract, at(21, 9), at(21, 10))
    with pytest.raises(Refused, match="The weekly limit leaves 0 h 0 min"):
        log(contract, at(21, 11), at(21, 12))
    with pytest.raises(Refused, match="Your hours of this week are used up"):
        start_timer(contract, at(22, 9))


def test_pages_count_a_week_by_the_version_that_pays_it():
    contract = rising()
    user = contract.expert.user
    log(contract, at(4, 9), at(4, 10))
    assert week_of(user, WEEK_1).rows[0].pay_minor == 210_00
    assert week_of(user, WEEK_2).rows[0].rate_minor == RAISED
    assert timer_card(user, at(6, 23, 59)).caps[0].cap_seconds == 20 * 3600
    lower = make_running(expert=contract.expert)
    agree(propose(lower, cap_hours=5, begins=at(21, 0), now=at(2, 9)), now=at(2, 10))
    caps = {row.contract.pk: row.cap_seconds for row in timer_card(user, at(21, 0)).caps}
    assert (caps[lower.pk], caps[contract.pk]) == (5 * 3600, 20 * 3600)


# ------------------------------------------------------------------------------------------------ a last day ahead


def test_time_counts_until_the_end_of_the_last_day_even_if_the_sweep_is_late():
    contract = make_running()
    leave(contract, last_day=date(2026, 11, 19), now=at(2, 9))
    start_timer(contract, at(3, 23, 50))
    work_until(contract, at(3, 23, 59))
    answer = beat(contract, at(4, 0, 1))
    assert (answer.stopped.at, answer.stopped.reason) == (at(4, 0), StopReason.ENDED)
    with pytest.raises(WrongState, match="is not active"):
        start_timer(contract, at(4, 0, 2))
    with pytest.raises(WrongState, match="The contract ended on 20 November at 00:00"):
        log(contract, at(3, 22), at(4, 0, 1), now=at(4, 1))
    assert end_contracts_that_are_over(now=at(4, 2)) == 1
    log(contract, at(3, 20), at(3, 21), now=at(7, 11, 59))
    with pytest.raises(WrongState, match="closed on Monday at 12:00 UTC"):
        log(contract, at(3, 18), at(3, 19), now=at(7, 12))


def test_hours_until_the_end_are_approved_and_paid_after_it():
    contract = make_running()
    ready_account(contract.expert)
    log(contract, at(1, 9), at(1, 11))
    leave(contract, now=at(2, 9))
    assert contract.hours_until == at(7, 12)
    submit(contract)
    approve(contract)
    assert (books(contract)["payable"], books(contract)["reserve"], off_balance()) == (420_00, 0, 0)


def test_a_contract_that_ends_with_the_week_begins_no_other():
    contract = make_running()
    leave(contract, last_day=at(6, 0).date(), now=at(2, 9))
    start_timer(contract, at(6, 23, 55))
    answer = beat(contract, at(7, 0, 1))
    assert (answer.stopped.at, answer.stopped.reason) == (at(7, 0), StopReason.ENDED)
    assert not WeeklyReserve.objects.filter(contract=contract, period=WEEK_2).exists()
    with pytest.raises(WrongState, match="ended"):
        log(contract, at(7, 0), at(7, 0) + timedelta(minutes=5), now=at(7, 1))
