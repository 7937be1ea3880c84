"""Hours of a week: boxes and ranges say the same, and the wall's clock is kept when clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experts.profiles.ranges import DAYS, HOURS, Range, by_day, in_words, moments, on_the_wall, to_boxes, to_ranges

BOXES = st.sets(st.tuples(st.sampled_from(DAYS), st.sampled_from(HOURS)))
ZONES = st.sampled_from([
    "UTC", "America/New_York", "Europe/London", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Auckland", "America/Sao_Paulo",
])  # fmt: skip
MONDAYS = st.integers(0, 520).map(lambda weeks: date(2020, 1, 6) + timedelta(weeks=weeks))
NEW_YORK = ZoneInfo("America/New_York")
SPRING, AUTUMN, USUAL = date(2026, 3, 2), date(2026, 10, 26), date(2026, 6, 1)
"""The Mondays of weeks whose Sundays lose and gain an hour in New York, and of one without a change."""


@given(BOXES)
def test_boxes_become_ranges_and_boxes_again(boxes):
    ranges = to_ranges(boxes)
    assert to_boxes(ranges) == boxes
    assert sum(one.hours for one in ranges) == len(boxes)
    assert ranges == sorted(ranges)
    for one, following in zip(ranges, ranges[1:], strict=False):
        assert one.weekday < following.weekday or one.to_hour < following.from_hour  # neighbours are joined


@given(BOXES, ZONES, MONDAYS)
def test_moments_are_in_order_apart_and_show_the_same_clock(boxes, zone, monday):
    zone, ranges = ZoneInfo(zone), to_ranges(boxes)
    found = moments(ranges, zone=zone, monday=monday)
    assert all(begin < end for begin, end in found)
    assert all(end < begin for (_begin, end), (begin, _end) in zip(found, found[1:], strict=False))
    week_hours = (
        datetime.combine(monday + timedelta(days=7), datetime.min.time(), tzinfo=zone).astimezone(UTC)
        - datetime.combine(monday, datetime.min.time(), tzinfo=zone).astimezone(UTC)
    ) / timedelta(hours=1)
    told = sum((end - begin) / timedelta(hours=1) for begin, end in found)
    if week_hours == 168:
        assert told == len(boxes)
        assert on_the_wall(found, zone=zone) == _joined(by_day(ranges))
    else:
        assert abs(told - len(boxes)) <= abs(week_hours - 168)


def _joined(days):
    return {day: list(hours) for day, hours in days.items()}


@pytest.mark.parametrize(("monday", "hours"), [(SPRING, 2), (AUTUMN, 4), (USUAL, 3)], ids=["forward", "back", "usual"])
def test_an_hour_that_is_left_out_is_not_offered_and_a_doubled_one_counts_twice(monday, hours):
    begin, end = moments([Range(7, 1, 4)], zone=NEW_YORK, monday=monday)[0]
    assert (end - begin) / timedelta(hours=1) == hours
    assert (begin.astimezone(NEW_YORK).hour, end.astimezone(NEW_YORK).hour) == (1, 4)


@pytest.mark.parametrize("monday", [SPRING, AUTUMN, USUAL])
def test_six_in_the_evening_stays_six_in_the_evening(monday):
    begin, _end = moments([Range(1, 18, 22)], zone=NEW_YORK, monday=monday + timedelta(weeks=1))[0]
    assert begin.astimezone(NEW_YORK).hour == 18


def test_only_the_hour_that_does_not_exist_is_gone():
    assert moments([Range(7, 2, 3)], zone=NEW_YORK, monday=SPRING) == []
    assert len(moments([Range(7, 2, 3)], zone=NEW_YORK, monday=AUTUMN)) == 1


def test_hours_are_cut_at_the_midnights_of_another_wall():
    evening = moments([Range(1, 18, 22)], zone=NEW_YORK, monday=USUAL)
    assert on_the_wall(evening, zone=ZoneInfo("Europe/Berlin")) == {2: [(0, 240)]}
    assert on_the_wall(evening, zone=ZoneInfo("Europe/London")) == {1: [(1380, 1440)], 2: [(0, 180)]}
    assert on_the_wall(evening, zone=ZoneInfo("Asia/Kolkata")) == {2: [(210, 450)]}


def test_days_with_the_same_hours_are_told_together():
    ranges = to_ranges({(day, hour) for day in (1, 2, 3) for hour in (18, 19)} | {(5, 18), (5, 19), (6, 9), (7, 9)})
    assert in_words(by_day(ranges)) == ["Mon–Wed 18:00–20:00", "Fri 18:00–20:00", "Sat, Sun 09:00–10:00"]
    assert in_words(by_day([Range(1, 8, 9), Range(1, 20, 24)])) == ["Mon 08:00–09:00, 20:00–24:00"]
