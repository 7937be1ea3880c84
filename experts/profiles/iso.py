"""Countries and languages by their ISO codes (pycountry carries the tables), and time zones by their IANA names."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

import pycountry

PLACES = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@cache
def countries() -> dict[str, str]:
    """Return ISO 3166-1 alpha-2 codes and the names people use, by name."""
    pairs = {row.alpha_2: getattr(row, "common_name", row.name) for row in pycountry.countries}
    return dict(sorted(pairs.items(), key=lambda pair: pair[1]))


@cache
def languages() -> dict[str, str]:
    """Return ISO 639-1 codes and the names of living languages, by name."""
    rows = (row for row in pycountry.languages if hasattr(row, "alpha_2") and getattr(row, "type", "L") == "L")
    pairs = {row.alpha_2: row.name.partition(" (")[0].partition(";")[0].removeprefix("Modern ") for row in rows}
    return dict(sorted(pairs.items(), key=lambda pair: pair[1]))


@cache
def us_states() -> dict[str, str]:
    """Return the codes and names of the states of the United States, its district and its larger territories."""
    rows = [row for row in pycountry.subdivisions.get(country_code="US") if row.code not in {"US-AS", "US-MP", "US-UM"}]
    pairs = {row.code.removeprefix("US-"): row.name for row in rows}
    return dict(sorted(pairs.items(), key=lambda pair: pair[1]))


@cache
def time_zones() -> dict[str, list[tuple[str, str]]]:
    """Return the zones people live in by part of the world: ("America/New_York", "New York")."""
    found: dict[str, list[tuple[str, str]]] = {place: [] for place in PLACES}
    for name in sorted(available_timezones()):
        place, _slash, town = name.partition("/")
        if town and place in found:
            found[place].append((name, zone_name(name)))
    return found


def zone_name(zone: str) -> str:
    """Return how people call a zone: "New York", "Knox, Indiana", "UTC"."""
    return ", ".join(part.replace("_", " ") for part in reversed(zone.split("/")[1:])) or zone


def country_name(code: str) -> str:
    """Return the name of a country, or the code itself when it is unknown."""
    return countries().get(code, code)


def language_name(code: str) -> str:
    """Return the name of a language, or the code itself when it is unknown."""
    return languages().get(code, code)
