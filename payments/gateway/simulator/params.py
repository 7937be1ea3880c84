"""
The shape of a request: form decoding and small validators that refuse what Stripe refuses.

A validator takes the raw value and the parameter's name as Stripe prints it (`line_items[0][quantity]`) and returns
the clean value. Form bodies bring text, v2 bodies bring JSON; both go through the same validators.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from payments.gateway.simulator.errors import bad_parameter, missing_parameter, unknown_parameter

Validator = Callable[[Any, str], Any]
TOKEN = re.compile(r"\[([^\]]*)\]")


def decode_form(text: str) -> dict[str, Any]:
    """Return `a[b][0]=x` as {"a": {"b": {"0": "x"}}}; lists stay dicts with numbers as keys until validated."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        head, *_ = name.partition("[")
        keys = [head, *TOKEN.findall(name)]
        node = tree
        for key in keys[:-1]:
            child = node.setdefault(key or str(len(node)), {})
            if not isinstance(child, dict):
                raise bad_parameter(f"Invalid parameter: {name}", param=name)
            node = child
        node[keys[-1] or str(len(node))] = value
    return tree


def text(maximum: int = 5000, *, empty: bool = False) -> Validator:
    """Accept a string of at most `maximum` characters."""

    def check(value: Any, name: str) -> str:
        if not isinstance(value, str):
            raise bad_parameter(f"Invalid string: {value}", param=name)
        if not value and not empty:
            raise bad_parameter(
                f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; "
                f"however '{name}' cannot be unset.",
                param=name,
                code="parameter_invalid_empty",
            )
        if len(value) > maximum:
            raise bad_parameter(f"Invalid string: must be at most {maximum} characters", param=name)
        return value

    return check


def integer(minimum: int | None = None, maximum: int | None = None) -> Validator:
    """Accept a whole number; "12.50" is refused, as money in major units would be."""

    def check(value: Any, name: str) -> int:
        if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,15}", str(value)):
            raise bad_parameter(f"Invalid integer: {value}", param=name, code="parameter_invalid_integer")
        number = int(value)
        if minimum is not None and number < minimum:
            message = f"This value must be greater than or equal to {minimum}."
            raise bad_parameter(message, param=name, code="parameter_invalid_integer")
        if maximum is not None and number > maximum:
            message = f"This value must be less than or equal to {maximum}."
            raise bad_parameter(message, param=name, code="parameter_invalid_integer")
        return number

    return check


def boolean(value: Any, name: str) -> bool:
    """Accept true or false, as JSON or as text."""
    if value in (True, "true"):
        return True
    if value in (False, "false"):
        return False
    raise bad_parameter(f"Invalid boolean: {value}", param=name)


def one_of(*choices: str) -> Validator:
    """Accept one of a few words."""

    def check(value: Any, name: str) -> str:
        if value not in choices:
            raise bad_parameter(f"Invalid {name}: must be one of {', '.join(choices)}", param=name)
        return str(value)

    return check


def many(item: Validator, *, maximum: int = 100) -> Validator:
    """Accept a list of items."""

    def check(value: Any, name: str) -> list[Any]:
        if isinstance(value, dict) and all(key.isdigit() for key in value):
            value = [value[key] for key in sorted(value, key=int)]
        if not isinstance(value, list):
            raise bad_parameter(f"Invalid array: {name}", param=name)
        if len(value) > maximum:
            raise bad_parameter(f"Too many items in {name}: at most {maximum}", param=name)
        return [item(entry, f"{name}[{index}]") for index, entry in enumerate(value)]

    return check


def shape(fields: Mapping[str, Validator], *, required: Iterable[str] = ()) -> Validator:
    """Accept a hash with these fields and no other."""
    needed = tuple(required)

    def check(value: Any, name: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise bad_parameter(f"Invalid object: {name}", param=name)
        found = {}
        for key, entry in value.items():
            path = f"{name}[{key}]" if name else key
            if key not in fields:
                raise unknown_parameter(path)
            found[key] = fields[key](entry, path)
        for key in needed:
            if key not in found:
                raise missing_parameter(f"{name}[{key}]" if name else key)
        return found

    return check


def metadata(value: Any, name: str) -> dict[str, str]:
    """Accept up to 50 pairs; keys up to 40 characters, values up to 500."""
    if value in ("", None):
        return {}
    if not isinstance(value, dict) or len(value) > 50:
        raise bad_parameter(f"Invalid metadata: {name}", param=name)
    for key, entry in value.items():
        if not isinstance(entry, str) or len(entry) > 500 or not 0 < len(key) <= 40:
            raise bad_parameter("Metadata keys have up to 40 and values up to 500 characters.", param=f"{name}[{key}]")
    return dict(value)


def currency(value: Any, name: str) -> str:
    """Accept a three-letter ISO code; answers carry it in lower case."""
    if not isinstance(value, str) or value.lower() not in CURRENCIES:
        raise bad_parameter(f"Invalid currency: {value}. Stripe supports {', '.join(CURRENCIES)} here.", param=name)
    return value.lower()


def url(value: Any, name: str) -> str:
    """Accept an http or https address."""
    if not isinstance(value, str) or not re.match(r"https?://[^\s/]+", value):
        raise bad_parameter("Not a valid URL", param=name, code="url_invalid")
    return value


def email(value: Any, name: str) -> str:
    """Accept something that looks like an e-mail address."""
    if not isinstance(value, str) or not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        raise bad_parameter(f"Invalid email address: {value}", param=name, code="email_invalid")
    return value


def moment(value: Any, name: str) -> dict[str, int]:
    """Accept a time or {gt, gte, lt, lte}; return the comparisons."""
    whole = integer()
    if isinstance(value, dict):
        return shape(dict.fromkeys(("gt", "gte", "lt", "lte"), whole))(value, name)
    exact = whole(value, name)
    return {"gte": exact, "lte": exact}


CURRENCIES = ("usd", "eur", "gbp", "cad", "jpy")
EXPAND = {"expand": many(text())}
PAGING = EXPAND | {
    "limit": integer(1, 100),
    "starting_after": text(),
    "ending_before": text(),
    "created": moment,
}
NOTHING = shape(EXPAND)
