"""How money, numbers, times and names are written."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from marketplace.pages import formats
from tests.marketplace.pages.drawing import NOW, draw

pytestmark = [pytest.mark.urls("tests.marketplace.pages.gallery_urls"), pytest.mark.usefixtures("utc")]


# ---------------------------------------------------------------------------------------------- money and numbers


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [(195375, "USD", "$1,953.75"), (0, "USD", "$0.00"), (-5500, "USD", "−$55.00"), (129900, "EUR", "€1,299.00")],
)
def test_money_shows_currency_and_cents(minor: int, currency: str, text: str) -> None:
    html = draw('<c-money :minor="minor" :currency="currency" />', minor=minor, currency=currency)
    assert html == f'<span class="money{" money-neg" if minor < 0 else ""}">{text}</span>'


def test_money_of_nothing_is_nothing() -> None:
    assert draw('<c-money :minor="minor" />', minor=None) == ""


def test_a_tied_total_has_the_double_rule() -> None:
    assert draw('<c-money :minor="100" tied />') == '<span class="money tie">$1.00</span>'


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (22500, None, "$225.00"),
        (22500, 22500, "$225.00"),
        (18000, 25000, "$180–250"),
        (18050, 25000, "$180.50–250"),
        (900, 1250, "$9–12.50"),
    ],
)
def test_a_rate_is_one_figure_or_a_range(low: int, high: int | None, text: str) -> None:
    assert formats.rate_text(low, high) == text


def test_a_rate_names_its_unit() -> None:
    html = draw('<c-rate :low="18000" :high="25000" />')
    assert html == '<span class="rate">$180–250<span class="per"> /h</span></span>'


def test_percent_and_basis_points() -> None:
    assert draw("{{ a|percent }}, {{ b|percent:1 }}, {{ c|bps }}, {{ d|bps }}", a=0.93, b=0.125, c=1000, d=1250) == (
        "93\u00a0%, 12.5\u00a0%, 10\u00a0%, 12.5\u00a0%"
    )


def test_numbers_have_separators_and_a_real_minus_sign() -> None:
    assert draw("{{ a|number }} {{ b|number:2 }}", a=-1204, b=3.14159) == "−1,204 3.14"


# ---------------------------------------------------------------------------------------------------------- time


@pytest.mark.parametrize(
    ("seconds", "text", "grid"),
    [
        (0, "0\u00a0min", "0:00"),
        (59, "0\u00a0min", "0:00"),
        (32100, "8\u00a0h 55\u00a0min", "8:55"),
        (36000, "10\u00a0h", "10:00"),
        (4_500_000, "1,250\u00a0h", "1,250:00"),
    ],
)
def test_durations_in_words_and_in_grids(seconds: int, text: str, grid: str) -> None:
    assert formats.duration_text(seconds) == text
    assert formats.duration_grid(seconds) == grid


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (timedelta(days=5, hours=3), "5\u00a0d"),
        (timedelta(days=1, hours=4, minutes=20), "1\u00a0d 4\u00a0h"),
        (timedelta(days=2), "2\u00a0d"),
        (timedelta(hours=9, minutes=36), "9\u00a0h 36\u00a0min"),
        (timedelta(hours=6), "6\u00a0h"),
        (timedelta(minutes=38, seconds=20), "38\u00a0min"),
        (timedelta(minutes=9, seconds=40), "9:40"),
        (timedelta(seconds=5), "0:05"),
        (timedelta(seconds=-5), "0:00"),
    ],
)
def test_what_is_left_gets_finer_towards_the_end(left: timedelta, text: str) -> None:
    assert formats.left_text(left.total_seconds()) == text


@pytest.mark.parametrize(
    ("left", "since", "share", "tone"),
    [
        (timedelta(days=6), timedelta(days=1), 86, ""),
        (timedelta(hours=20), timedelta(hours=4), 83, "soon"),
        (timedelta(hours=6), timedelta(days=3), 8, "now"),
        (timedelta(minutes=38), timedelta(minutes=22), 63, "now"),
        (timedelta(hours=-2), timedelta(days=3), 0, ""),
    ],
)
def test_a_clock_turns_urgent_before_it_ends(left: timedelta, since: timedelta, share: int, tone: str) -> None:
    clock = formats.clock_of(NOW + left, NOW, NOW - since)
    assert (clock.share, clock.tone) == (share, tone)


def test_a_countdown_says_what_happens_at_zero() -> None:
    html = draw(
        '<c-countdown :until="until" :since="since" then="then approved" />',
        until=NOW + timedelta(hours=9, minutes=36),
        since=NOW - timedelta(hours=3),
        now=NOW,
    )
    assert "9\u00a0h 36\u00a0min left" in html
    assert '<span class="clock-then">then approved</span>' in html
    assert 'title="Thu 19 Nov 2026, 00:00 UTC"' in html
    assert 'stroke-dasharray="76 100"' in html


def test_a_wait_that_is_over_says_since_when() -> None:
    html = draw('<c-countdown :until="until" />', until=NOW - timedelta(hours=2), now=NOW)
    assert "Over, 2 h ago" in html


def test_a_moment_is_shown_in_the_readers_zone_with_utc_behind_it() -> None:
    with timezone.override(ZoneInfo("America/New_York")):
        html = draw('<c-when :at="at" style="moment" />', at=datetime(2026, 11, 19, 0, 0, tzinfo=UTC), now=NOW)
    assert html == (
        '<time class="when" datetime="2026-11-19T00:00:00+00:00" title="Thu 19 Nov 2026, 00:00 UTC">'
        "Wed 18 Nov, 19:00</time>"
    )


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("day", "Wed 18 Nov"),
        ("moment", "Wed 18 Nov, 14:24"),
        ("time", "14:24"),
        ("seconds", "14:24:00"),
        ("short", "18 Nov"),
        ("long", "Wednesday 18 November"),
        ("full", "Wed 18 Nov 2026, 14:24"),
    ],
)
def test_days_and_moments_have_one_way_to_be_written(style: str, text: str) -> None:
    assert formats.when_text(NOW, style, NOW) == text


def test_another_year_is_written_out() -> None:
    assert formats.when_text(date(2028, 12, 31), "day", NOW) == "Sun 31 Dec 2028"


@pytest.mark.parametrize(
    ("ago", "text"),
    [(20, "just now"), (38 * 60, "38 min ago"), (7200, "2 h ago"), (90_000, "1 day ago"), (260_000, "3 days ago")],
)
def test_ages_in_words(ago: int, text: str) -> None:
    assert formats.ago_text(ago) == text


# ---------------------------------------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Imani Okafor", "IO"), ("Ravi de la Cruz", "RC"), ("chess", "CH"), ("a.b@c.org", "AO"), ("", "?"), ("…", "?")],
)
def test_initials(name: str, letters: str) -> None:
    assert formats.initials_of(name) == letters
