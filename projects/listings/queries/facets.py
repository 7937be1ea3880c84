"""How many gigs each filter would leave: all facets by one statement over one pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import BooleanField, Case, ExpressionWrapper, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from experts.credentials.enums import CredentialKind
from experts.profiles.models import Field
from experts.profiles.queries import country_name, language_name
from marketplace.kernel.money import format_money
from projects.listings.enums import HOURS_BANDS, NO_CREDENTIAL, POSTED_DAYS, RATE_BANDS_MINOR, TaskKind
from projects.listings.models import BoardGroup, BoardSummary, Project

NAMES: Final = ("field", "kind", "rate", "hours", "credential", "country", "language", "posted")
CREDENTIALS: Final = {NO_CREDENTIAL: "None", **dict(CredentialKind.choices)}
SHOWN: Final = 8
ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class Option:
    """One filter: what it is called, how many gigs it would leave, whether it is on."""

    value: str
    label: str
    count: int
    on: bool
    below: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Facet:
    """A group of filters. One of `single` ones can be on, several of the others; `more` options are folded away."""

    name: str
    title: str
    options: tuple[Option, ...]
    single: bool = False
    more: tuple[Option, ...] = ()

    @property
    def is_off(self) -> bool:
        return not any(option.on for option in self.options)


@dataclass(slots=True)
class Counts:
    """What the statement told: the number of gigs that match, and for each facet value -> number."""

    total: int = 0
    """How many match with every filter."""
    found: int = 0
    """How many match without any."""
    by_facet: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))

    def of(self, name: str) -> dict[str, int]:
        """Return the counts of one facet; gigs open to anybody count for each value, and for "*" alone."""
        counts = dict(self.by_facet.get(name, {}))
        open_to_all = counts.pop(ANY, 0)
        return {value: count + open_to_all for value, count in counts.items()}


# Gigs that are alike in everything the facets ask are counted once, as one row with a number: one pass over the board.
HITS: Final = """
WITH found AS ({found}), hits AS MATERIALIZED (
    SELECT field_ids, kinds, countries, languages, credential_kinds, age_step, {flags}, {number} AS number,
           width_bucket(rate_max_minor, %s::bigint[]) AS rate_step, width_bucket(hours_min - 1, %s::int[]) AS hours_step
    FROM found GROUP BY field_ids, kinds, countries, languages, credential_kinds, age_step, {flags}, rate_step, hours_step
)
"""
FOUND: Final = "SELECT 'found', '', coalesce(sum(number), 0)::bigint FROM hits"
TOTAL: Final = "SELECT 'total', '', coalesce(sum(number), 0)::bigint FROM hits WHERE {others}"
# Each branch counts what all *other* filters leave, so that a chosen filter does not hide its neighbours.
BRANCHES: Final = {
    "field": "SELECT 'field', value::text, sum(number)::bigint FROM hits, unnest(field_ids) AS value "
    "WHERE {others} GROUP BY 2",
    "kind": "SELECT 'kind', value::text, sum(number)::bigint FROM hits, unnest(kinds) AS value WHERE {others} GROUP BY 2",
    "rate": "SELECT 'rate', band::text, sum(number)::bigint "
    "FROM hits, unnest(%s::bigint[]) WITH ORDINALITY AS step(band, place) "
    "WHERE place <= rate_step AND {others} GROUP BY 2",
    "hours": "SELECT 'hours', band::text, sum(number)::bigint "
    "FROM hits, unnest(%s::int[]) WITH ORDINALITY AS step(band, place) WHERE place > hours_step AND {others} GROUP BY 2",
    "credential": "SELECT 'credential', value, sum(number)::bigint FROM hits, "
    "unnest(CASE WHEN credential_kinds = '{{}}' THEN ARRAY[%s] ELSE credential_kinds::text[] END) AS value "
    "WHERE {others} GROUP BY 2",
    "country": "SELECT 'country', value, sum(number)::bigint FROM hits, "
    "unnest(CASE WHEN countries = '{{}}' THEN ARRAY['*'] ELSE countries::text[] END) AS value WHERE {others} GROUP BY 2",
    "language": "SELECT 'language', value, sum(number)::bigint FROM hits, "
    "unnest(CASE WHEN languages = '{{}}' THEN ARRAY['*'] ELSE languages::text[] END) AS value WHERE {others} GROUP BY 2",
    "posted": "SELECT 'posted', days::text, sum(number)::bigint "
    "FROM hits, unnest(%s::int[]) WITH ORDINALITY AS step(days, place) WHERE place > age_step AND {others} GROUP BY 2",
}


def age_step(now: datetime) -> Case:
    """Return how many of the steps of `POSTED_DAYS` a gig is older than: 0 is as new as the smallest asks."""
    younger = (
        When(published_at__gte=now - timedelta(days=days), then=Value(place)) for place, days in enumerate(POSTED_DAYS)
    )
    return Case(*younger, default=Value(len(POSTED_DAYS)), output_field=IntegerField())


def count(
    matches: QuerySet[Project] | QuerySet[BoardGroup],
    conditions: Mapping[str, Q],
    *,
    now: datetime,
    number: str = "count(*)",
) -> Counts:
    """
    Return the counts of every facet in one statement.

    :param matches: what the words found, not yet filtered; or the groups of a large board.
    :param conditions: the filters that are on, by the name of their facet.
    :param number: what one row of `matches` stands for, as SQL.
    """
    flags = {
        f"m_{name}": ExpressionWrapper(conditions[name], output_field=BooleanField())
        if name in conditions
        else Value(True, output_field=BooleanField())  # noqa: FBT003 -- a value of SQL
        for name in NAMES
    }
    columns = [
        "field_ids",
        "kinds",
        "countries",
        "languages",
        "credential_kinds",
        "age_step",
        "rate_max_minor",
        "hours_min",
    ]
    columns += ["number"] if "number" in number else []
    rows: Any = matches  # a group has its step as a column
    if matches.model is Project:
        rows = rows.annotate(age_step=age_step(now))
    hits = rows.annotate(hours_min=Coalesce("weekly_hours_min", 0), **flags).order_by().values(*columns, *flags)
    found, values = hits.query.sql_with_params()
    branches = [FOUND, TOTAL.format(others=_all_but(""))]
    branches += [BRANCHES[name].format(others=_all_but(name)) for name in NAMES]
    # `found` was compiled by Django with placeholders; nothing that a visitor sent is in its text.
    statement = HITS.format(found=found, flags=", ".join(flags), number=number) + " UNION ALL ".join(branches)
    steps = [list(RATE_BANDS_MINOR), list(HOURS_BANDS)]
    counts = Counts()
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *steps, *steps, NO_CREDENTIAL, list(POSTED_DAYS)])
        for name, value, gigs in cursor.fetchall():
            if name == "total":
                counts.total = gigs
            elif name == "found":
                counts.found = gigs
            else:
                counts.by_facet[name][value] = gigs
    return counts


SUMMARY_SERVES: Final = timedelta(minutes=10)
"""How old a summary may be. A sweep makes it anew every minute; an older one means that no sweep runs."""


def summary(*, now: datetime) -> Counts | None:
    """Return the counts of a large board without any filter, as they were a minute ago; None for a small board."""
    kept = BoardSummary.objects.filter(made_at__gt=now - SUMMARY_SERVES).first()
    return None if kept is None else Counts(kept.total, kept.total, defaultdict(dict, kept.counts))


def _all_but(name: str) -> str:
    return " AND ".join(f"m_{other}" for other in NAMES if other != name)


# ------------------------------------------------------------------------------------------------------------ options


def facets(counts: Counts, chosen: Mapping[str, frozenset[str]], taxonomy: Iterable[Field]) -> list[Facet]:
    """Return the groups of filters as the page shows them; what is chosen stays visible even with no gig left."""
    return [
        _field_facet(counts.of("field"), chosen["field"], list(taxonomy)),
        _cut("kind", "Kind of task", _listed(counts.of("kind"), chosen["kind"], dict(TaskKind.choices))),
        _bands("rate", "Pay per hour", counts.of("rate"), chosen["rate"], RATE_BANDS_MINOR),
        _bands("hours", "Hours a week it needs", counts.of("hours"), chosen["hours"], HOURS_BANDS),
        _cut(
            "credential", "Credential it requires", _listed(counts.of("credential"), chosen["credential"], CREDENTIALS)
        ),
        _cut("language", "Language", _named("language", counts, chosen)),
        _cut("country", "Open to people in", _named("country", counts, chosen)),
        _bands("posted", "Posted", counts.of("posted"), chosen["posted"], POSTED_DAYS),
    ]


def _field_facet(counts: dict[str, int], chosen: frozenset[str], taxonomy: list[Field]) -> Facet:
    def option(one: Field, below: tuple[Option, ...] = ()) -> Option:
        return Option(one.code, one.name, counts.get(str(one.pk), 0), one.code in chosen, below)

    tops: list[Option] = []
    for top in (one for one in taxonomy if one.parent_id is None):
        inside = [option(one) for one in taxonomy if one.parent_id == top.pk]
        is_open = top.code in chosen or any(one.on for one in inside)
        below = tuple(one for one in inside if one.on or one.count) if is_open else ()
        tops.append(option(top, below))
    seen = [one for one in tops if one.count or one.on or one.below]
    return _cut("field", "Field", sorted(seen, key=lambda one: (-one.count, one.label)))


def _named(name: str, counts: Counts, chosen: Mapping[str, frozenset[str]]) -> list[Option]:
    naming = country_name if name == "country" else language_name
    found = counts.of(name)
    for value in chosen[name] - set(found):
        found[value] = counts.by_facet.get(name, {}).get(ANY, 0)
    return _listed(found, chosen[name], {value: naming(value) for value in found})


def _listed(counts: dict[str, int], chosen: frozenset[str], labels: Mapping[str, str]) -> list[Option]:
    values = set(counts) | chosen
    options = [Option(value, str(labels.get(value, value)), counts.get(value, 0), value in chosen) for value in values]
    return sorted(options, key=lambda one: (-one.count, one.label))


def _bands(name: str, title: str, counts: dict[str, int], chosen: frozenset[str], bands: Iterable[int]) -> Facet:
    options = tuple(
        Option(str(band), band_label(name, band), counts.get(str(band), 0), str(band) in chosen) for band in bands
    )
    return Facet(name, title, options, single=True)


def band_label(name: str, band: int) -> str:
    """Return "$90 or more" for a step of pay, "10 h or less" for one of time, "in the last 7 days" for one of age."""
    if name == "rate":
        return f"{format_money(band, cents=False)} or more"
    if name == "posted":
        return "in the last 24 hours" if band == 1 else f"in the last {band} days"
    return f"{band} h or less"


def label_of(name: str, value: str, field_names: Mapping[str, str]) -> str:
    """Return what one filter that is on is called, on a chip and in the name of a saved search."""
    if name in {"rate", "hours", "posted"}:
        return band_label(name, int(value))
    if name in {"language", "country"}:
        return str(language_name(value) if name == "language" else country_name(value))
    known: Mapping[str, Any] = {"field": field_names, "kind": dict(TaskKind.choices), "credential": CREDENTIALS}[name]
    return str(known.get(value, value))


def _cut(name: str, title: str, options: list[Option]) -> Facet:
    """Show the first few and whatever is on; fold the rest away."""
    first = [one for at, one in enumerate(options) if at < SHOWN or one.on or one.below]
    return Facet(name, title, tuple(first), more=tuple(one for one in options if one not in first))
