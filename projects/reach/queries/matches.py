"""What a saved search asks of the board. It is read by the board's own form and answered by the board's own search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext as _

from experts.profiles.models import Field
from projects.labs.models import Lab
from projects.listings.enums import BoardOrder
from projects.listings.forms.board import BoardForm, query_of
from projects.listings.models import Project
from projects.listings.queries import Filters, board
from projects.listings.queries.facets import label_of

PAGE: Final = 100
PAGES_MAX: Final = 3
"""The newest three hundred gigs are looked at; a search that finds more in three days asks for nothing in particular."""


def filters_of(query: str | QueryDict) -> Filters:
    """Return what an address of the board asks for. Fields that were merged into others since are asked for as those."""
    return filters_of_many([query])[0]


def filters_of_many(queries: Iterable[str | QueryDict]) -> list[Filters]:
    """Return what many addresses ask for, by one query at most."""
    asked = [as_asked(one) for one in queries]
    codes = {code for filters in asked for code in filters.fields}
    merged = Field.objects.filter(code__in=codes, merged_into__isnull=False).values_list("code", "merged_into__code")
    called = dict(merged) if codes else {}
    return [
        replace(one, fields=tuple(dict.fromkeys(called.get(code, code) for code in one.fields))) if called else one
        for one in asked
    ]


def as_asked(query: str | QueryDict) -> Filters:
    """Return what an address of the board asks for, word for word."""
    return BoardForm(QueryDict(query) if isinstance(query, str) else query).filters()


def plain_query(filters: Filters) -> str:
    """Return the address of a search in the one form in which it is kept: without order and page."""
    return query_of(replace(filters, order=BoardOrder.BEST))


def newest_query(query: str) -> str:
    """Return the address of a search with the newest gigs first."""
    return query_of(replace(filters_of(query), order=BoardOrder.NEWEST))


def matching(filters: Filters, *, now: datetime, since: datetime) -> list[Project]:
    """
    Return the gigs published after `since` that the board shows for these filters now, the newest first.

    Gigs that have only some of the words are none: nobody asked to be told of those.
    """
    found: list[Project] = []
    wanted, after = replace(filters, order=BoardOrder.NEWEST), ""
    for _page in range(PAGES_MAX):
        page = board(wanted, now=now, after=after, size=PAGE)
        if page.widened:
            return []
        new = [row for row in page.rows if row.published_at is not None and row.published_at > since]
        found += new
        if len(new) < len(page.rows) or not page.next_after:
            break
        after = page.next_after
    return found


# -------------------------------------------------------------------------------------------------------------- words


def words_of(many: Iterable[Filters]) -> list[list[str]]:
    """Return what each search asks for in words, as the chips of the board say it. Two queries, however many there are."""
    searches = list(many)
    fields = _names(Field.objects.all(), "code", {code for one in searches for code in one.fields})
    labs = _names(Lab.objects.filter(is_anonymous=False), "slug", {one.lab for one in searches if one.lab})
    return [_words(one, fields, labs) for one in searches]


def _names(rows: Any, column: str, wanted: set[str]) -> dict[str, str]:
    return dict(rows.filter(**{f"{column}__in": wanted}).values_list(column, "name")) if wanted else {}


def _words(filters: Filters, fields: Mapping[str, str], labs: Mapping[str, str]) -> list[str]:
    words = [f"“{filters.text}”"] if filters.text else []
    for name, values in filters.chosen.items():
        words += [label_of(name, value, fields) for value in sorted(values)]
    if filters.lab:
        words.append(labs.get(filters.lab, _("One lab only")))
    return words


def name_of(words: list[str]) -> str:
    """Return what a search could be called: what it asks for, or that it asks for everything."""
    return ", ".join(words) if words else _("All gigs")
