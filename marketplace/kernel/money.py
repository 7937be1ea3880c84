"""Money as whole minor units with a currency, and the only rounding rule that pay and fees use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

RULE_VERSION: Final = "2026-1"
"""Stored on each pay line, so that a later rule never changes an old payslip."""

EXPONENTS: Final = {"USD": 2, "EUR": 2, "GBP": 2, "CAD": 2, "JPY": 0}
SYMBOLS: Final = {"USD": "$", "EUR": "€", "GBP": "£", "CAD": "CA$", "JPY": "¥"}
MINUS: Final = "\u2212"


def divide_half_even(numerator: int, denominator: int) -> int:
    """
    Return numerator / denominator rounded to the nearest integer, ties to the even one.

    Exact integer arithmetic (IEEE 754 roundTiesToEven); `denominator` must be positive.

    :raises ValueError: if the denominator is not positive.
    """
    if denominator <= 0:
        raise ValueError(f"Cannot divide by {denominator}.")
    quotient, remainder = divmod(numerator, denominator)
    twice = 2 * remainder
    if twice > denominator or (twice == denominator and quotient % 2 == 1):
        quotient += 1
    return quotient


def pay_for_minutes(minutes: int, rate_minor: int) -> int:
    """Return the pay in minor units for whole `minutes` at `rate_minor` an hour, rounded once (design 5.1)."""
    if minutes < 0 or rate_minor < 0:
        raise ValueError("Minutes and rate cannot be negative.")
    return divide_half_even(minutes * rate_minor, 60)


def fee_on(pay_minor: int, bps: int) -> int:
    """Return the platform fee in minor units on `pay_minor`; 1000 basis points are ten per cent (design 5.1)."""
    if pay_minor < 0 or not 0 <= bps <= 10_000:
        raise ValueError("Pay cannot be negative and basis points lie between 0 and 10,000.")
    return divide_half_even(pay_minor * bps, 10_000)


def charge_for(pay_minor: int, bps: int) -> int:
    """Return what a lab is charged for `pay_minor`: the pay and the fee on top, never rounded from a total."""
    return pay_minor + fee_on(pay_minor, bps)


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount: whole minor units of one ISO 4217 currency. Amounts of two currencies never mix."""

    minor: int
    currency: str = "USD"

    def __post_init__(self) -> None:
        if not isinstance(self.minor, int) or isinstance(self.minor, bool):
            raise TypeError(f"Money is counted in whole minor units, not {self.minor!r}.")
        if self.currency not in EXPONENTS:
            raise ValueError(f"Unknown currency {self.currency!r}.")

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other).minor

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other).minor

    def _same(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added or compared.")
        return other

    def __str__(self) -> str:
        return format_money(self.minor, self.currency)


def major_units(minor: int, currency: str = "USD") -> str:
    """Return the amount as a plain decimal string such as "1953.75", for files; exact, never through a float."""
    exponent = EXPONENTS[currency]
    sign, whole = ("-", -minor) if minor < 0 else ("", minor)
    if exponent == 0:
        return f"{sign}{whole}"
    units, rest = divmod(whole, 10**exponent)
    return f"{sign}{units}.{rest:0{exponent}d}"


def format_money(minor: int, currency: str = "USD", *, cents: bool = True) -> str:
    """Return the amount for people: "$1,953.75", "−$55.00"; without cents only when they are zero and not wanted."""
    exponent = EXPONENTS[currency]
    sign, whole = (MINUS, -minor) if minor < 0 else ("", minor)
    units, rest = divmod(whole, 10**exponent)
    tail = f".{rest:0{exponent}d}" if exponent and (cents or rest) else ""
    return f"{sign}{SYMBOLS[currency]}{units:,}{tail}"


def parse_major(text: str, currency: str = "USD") -> int:
    """
    Return the minor units that a person typed as "20,000", "$250" or "210.50".

    :raises ValueError: with a sentence, if it is no amount or has too many decimals.
    """
    cleaned = text.strip().replace(",", "").replace(" ", "").lstrip(SYMBOLS[currency])
    units, _, decimals = cleaned.partition(".")
    exponent = EXPONENTS[currency]
    if not units.isascii() or not units.isdigit() or (decimals and not (decimals.isascii() and decimals.isdigit())):
        raise ValueError(f"“{text}” is not an amount. Write it as 1234.50.")
    if len(decimals) > exponent:
        raise ValueError(f"{currency} has {exponent} decimals, “{text}” has more.")
    if len(units) > 12:
        raise ValueError("That amount is too large.")
    return int(units) * 10**exponent + int(decimals.ljust(exponent, "0") or "0")
