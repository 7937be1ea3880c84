"""How tables of finance write amounts and cells: `{% load finance %}`."""

from __future__ import annotations

from django import template

from marketplace.kernel.money import SYMBOLS, format_money

register = template.Library()


@register.filter
def amount(minor: int | str | None, currency: str = "USD") -> str:
    """Return "1,953.75" or "−55.00": the unit stands in the head of the column, not in each cell."""
    if minor is None or minor == "":
        return ""
    return format_money(int(minor), currency).replace(SYMBOLS[currency], "", 1)


@register.filter
def short_id(value: object) -> str:
    """Return the last six characters of a public id, which tell rows apart; the first ones are only its age."""
    return str(value or "")[-6:]


@register.filter
def shortened(text: object, most: int = 24) -> str:
    """Return a key or id cut in the middle, so that both ends can be compared."""
    whole = str(text or "")
    return whole if len(whole) <= most else f"{whole[: most // 2]}…{whole[-(most // 2 - 1) :]}"
