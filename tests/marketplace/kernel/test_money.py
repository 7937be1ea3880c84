from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel.money import (
    Money,
    charge_for,
    divide_half_even,
    fee_on,
    format_money,
    major_units,
    parse_major,
    pay_for_minutes,
)


@pytest.mark.parametrize(
    ("minutes", "rate", "pay"),
    [
        (125, 210_00, 437_50),
        (1, 210_00, 3_50),
        (60, 333_33, 333_33),
        (1, 100_30, 1_67),  # 167.17 rounds down
        (3, 50, 2),  # 2.5 is a tie: to the even 2
        (9, 50, 8),  # 7.5 is a tie: to the even 8
        (0, 350_00, 0),
    ],
)
def test_pay_is_minutes_times_rate_over_sixty_rounded_once_half_to_even(minutes, rate, pay):
    assert pay_for_minutes(minutes, rate) == pay


def test_fee_comes_on_top_and_is_rounded_by_itself():
    assert (fee_on(437_50, 1000), charge_for(437_50, 1000)) == (43_75, 481_25)
    assert (fee_on(5, 1000), fee_on(15, 1000), fee_on(25, 1000)) == (0, 2, 2)  # 0.5, 1.5, 2.5: ties to even


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**6))
def test_division_agrees_with_the_decimal_module(numerator, denominator):
    exact = (Decimal(numerator) / Decimal(denominator)).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    if abs(Decimal(numerator) % Decimal(denominator)) * 2 == denominator or numerator % denominator == 0:
        assert divide_half_even(numerator, denominator) == int(exact)
    else:
        assert abs(divide_half_even(numerator, denominator) * denominator - numerator) * 2 < denominator


@given(st.integers(-(10**12), 10**12))
def test_what_is_written_as_major_units_reads_back_to_the_cent(minor):
    text = major_units(abs(minor))
    assert parse_major(text) == abs(minor)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1_953_75, "USD", "$1,953.75"),
        (-55_00, "USD", "−$55.00"),
        (0, "EUR", "€0.00"),
        (1_234, "JPY", "¥1,234"),
        (20_000_00, "USD", "$20,000.00"),
    ],
)
def test_money_is_written_with_currency_and_a_real_minus_sign(minor, currency, text):
    assert format_money(minor, currency) == text


@pytest.mark.parametrize("typed", ["20,000", "20000.00", "$20,000", " 20 000 "])
def test_people_may_type_an_amount_in_their_own_way(typed):
    assert parse_major(typed) == 20_000_00


@pytest.mark.parametrize("typed", ["", "abc", "-5", "1.234", "1e5", "١٢", "9" * 13, "1.2.3", "NaN"])
def test_what_is_no_amount_is_refused_with_a_sentence(typed):
    with pytest.raises(ValueError, match=r"\.$"):
        parse_major(typed)


def test_currencies_never_mix_and_fractions_never_enter():
    with pytest.raises(ValueError, match="USD and EUR"):
        Money(1, "USD") + Money(1, "EUR")
    with pytest.raises(TypeError):
        Money(1.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="Unknown currency"):
        Money(1, "XXX")
