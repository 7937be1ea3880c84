from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel import clock

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))


@given(MOMENTS)
def test_every_moment_lies_in_exactly_one_week(moment):
    period = clock.period_of(moment)
    assert period.weekday() == 0
    assert clock.starts_at(period) <= moment < clock.ends_at(period)
    assert clock.parse_period(clock.period_label(period)) == period


def test_the_week_over_new_year_has_the_iso_year_of_its_thursday():
    assert clock.period_label(date(2026, 12, 28)) == "2026-W53"
    assert clock.period_of(datetime(2027, 1, 3, 23, 59, 59, tzinfo=UTC)) == date(2026, 12, 28)
    assert clock.period_label(clock.period_of(datetime(2027, 1, 4, tzinfo=UTC))) == "2027-W01"


@pytest.mark.parametrize("text", ["2026-47", "2026-W60", "W47", "", "2026-Wxx"])
def test_what_is_no_week_is_refused(text):
    with pytest.raises(ValueError):
        clock.parse_period(text)


def test_a_naive_time_has_no_week():
    with pytest.raises(ValueError, match="naive"):
        clock.week_start(datetime(2026, 11, 18))
