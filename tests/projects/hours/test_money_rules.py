"""Rules of money and time that hold for any input, found by Hypothesis; no database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.kernel import clock
from projects.hiring.models import Contract, ContractVersion
from projects.hours.actions.charges import _line
from projects.hours.models import Timesheet
from projects.hours.queries import reserve_of
from projects.hours.ranges import seconds_by_day, split_at_midnights, split_at_weeks

MONDAY = date(2026, 11, 16)
rates = st.integers(min_value=1, max_value=5_000_00)
fees = st.integers(min_value=0, max_value=5_000)  # a lab's fee is at most half of the pay
caps = st.integers(min_value=60, max_value=3600)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(lambda naive: naive.replace(tzinfo=UTC))


def version_of(rate: int, fee_bps: int, cap: int) -> ContractVersion:
    return ContractVersion(rate_minor=rate, fee_bps=fee_bps, weekly_cap_minutes=cap)


def sheet() -> Timesheet:
    return Timesheet(contract=Contract(currency="USD"), period=MONDAY)


@st.composite
def weeks_within_the_cap(draw: st.DrawFn) -> tuple[int, list[int]]:
    """A cap in minutes, and the seconds of seven days that together stay within it."""
    cap = draw(caps)
    cuts = sorted(draw(st.lists(st.integers(0, cap * 60), min_size=7, max_size=7)))
    days = [after - before for before, after in zip([0, *cuts], cuts, strict=False)]
    return cap, [min(seconds, 86_400) for seconds in days]


@pytest.mark.full
@settings(max_examples=500)
@given(rate=rates, fee_bps=fees, week=weeks_within_the_cap())
def test_the_reserve_covers_the_charge_of_any_week_within_the_cap(rate, fee_bps, week):
    cap, days = week
    version, week = version_of(rate, fee_bps, cap), sheet()
    lines = [_line(week, version, MONDAY + timedelta(days=number), seconds) for number, seconds in enumerate(days)]
    assert sum(line.charge_minor for line in lines) <= reserve_of(version)


@settings(max_examples=500)
@given(rate=rates, fee_bps=fees, seconds=st.integers(0, 86_400))
def test_a_line_is_the_nearest_cent_of_whole_minutes_and_the_charge_is_their_sum(rate, fee_bps, seconds):
    line = _line(sheet(), version_of(rate, fee_bps, 60), MONDAY, seconds)
    assert line.minutes == seconds // 60
    assert abs(line.pay_minor - Fraction(line.minutes * rate, 60)) <= Fraction(1, 2)
    assert abs(line.fee_minor - Fraction(line.pay_minor * fee_bps, 10_000)) <= Fraction(1, 2)
    assert line.charge_minor == line.pay_minor + line.fee_minor


@given(start=moments, seconds=st.integers(1, 40 * 86_400))
def test_cutting_at_mondays_loses_nothing_and_leaves_no_part_over_a_monday(start, seconds):
    end = start + timedelta(seconds=seconds)
    parts = split_at_weeks(start, end)
    assert (parts[0][0], parts[-1][1]) == (start, end)
    assert all(before[1] == after[0] for before, after in zip(parts, parts[1:], strict=False))
    assert all(clock.period_of(a) == clock.period_of(b - timedelta(microseconds=1)) for a, b in parts)


@given(
    ranges=st.lists(st.tuples(moments.map(lambda at: at.replace(microsecond=0)), st.integers(1, 200_000)), max_size=8)
)
def test_cutting_at_midnights_keeps_every_second(ranges):
    pairs = [(start, start + timedelta(seconds=seconds)) for start, seconds in ranges]
    days = seconds_by_day(pairs)
    assert sum(days.values()) == sum(seconds for _start, seconds in ranges)
    assert all(seconds > 0 for seconds in days.values())


@given(
    start=moments,
    seconds=st.integers(1, 200_000),
    zone=st.sampled_from(["America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]),
)
def test_days_are_utc_days_whatever_zone_a_moment_comes_in(start, seconds, zone):
    end = start + timedelta(seconds=seconds)
    there = ZoneInfo(zone)
    assert split_at_midnights(start.astimezone(there), end.astimezone(there)) == split_at_midnights(start, end)


@given(period=moments.map(clock.period_of))
def test_a_weeks_label_leads_back_to_its_monday(period):
    assert clock.parse_period(clock.period_label(period)) == period


def test_labels_follow_the_iso_year_at_its_ends():
    labels = {date(2026, 12, 28): "2026-W53", date(2027, 1, 4): "2027-W01", date(2024, 12, 30): "2025-W01"}
    assert {monday: clock.period_label(monday) for monday in labels} == labels
