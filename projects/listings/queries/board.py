"""The board: one ranked query with facets, keyset pages and a stable order."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

from django.db.models import BooleanField, Case, ExpressionWrapper, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from experts.profiles.models import Field
from projects.listings.enums import NO_CREDENTIAL, POSTED_DAYS, BoardOrder
from projects.listings.models import FAR, BoardGroup, Project
from projects.listings.queries import facets as faceting
from projects.listings.queries.facets import Counts, Facet
from projects.listings.queries.search import Near, Words, matching, nearest, score, understand

PAGE: Final = 20
COUNTED: Final = 10_000
"""Of how many gigs that have the words, the newest, the facets are counted; with more the page says "10,000+"."""

CANDIDATES: Final = 2_000
"""How many of the newest gigs that match are ranked by their words (design 8); nobody reads on to the last of them."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a visitor asks of the board. Fields are codes of the taxonomy, `rate_minor` and `hours` are steps."""

    text: str = ""
    fields: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    rate_minor: int | None = None
    hours: int | None = None
    credentials: tuple[str, ...] = ()
    posted: int | None = None
    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    lab: str = ""
    order: BoardOrder = BoardOrder.BEST

    @property
    def chosen(self) -> dict[str, frozenset[str]]:
        """The values that are on, by the name of their facet."""
        return {
            "field": frozenset(self.fields),
            "kind": frozenset(self.kinds),
            "rate": frozenset({str(self.rate_minor)}) if self.rate_minor is not None else frozenset(),
            "hours": frozenset({str(self.hours)}) if self.hours is not None else frozenset(),
            "credential": frozenset(self.credentials),
            "language": frozenset(self.languages),
            "country": frozenset(self.countries),
            "posted": frozenset({str(self.posted)}) if self.posted is not None else frozenset(),
        }

    @property
    def count(self) -> int:
        """How many filters are on, the words not counted."""
        return sum(len(values) for values in self.chosen.values()) + bool(self.lab)


@dataclass(frozen=True, slots=True)
class Board:
    """One page of the board. `next_after` leads to the next page; `shown` counts what stands on this and earlier ones."""

    rows: list[Project]
    total: int
    facets: list[Facet]
    shown: int
    next_after: str
    widened: bool
    """No gig has all the words, and none means what they mean; these have some."""
    nothing_exact: bool
    """None of those shown has the words; they mean nearly the same. Each row says by itself whether it `has_words`."""
    is_cut: bool
    """There are more than were counted."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the last page ended: the value it was ordered by, then when the gig was published, then its public id."""

    order: str
    key: Any
    published_at: datetime
    public_id: UUID
    shown: int

    def write(self) -> str:
        key = self.key.isoformat() if isinstance(self.key, datetime) else str(self.key)
        facts = [self.order, key, self.published_at.isoformat(), str(self.public_id), self.shown]
        return base64.urlsafe_b64encode(json.dumps(facts).encode()).decode().rstrip("=")


def board(
    filters: Filters,
    *,
    now: datetime,
    after: str = "",
    own_field_ids: Collection[int] = (),
    near_field_ids: Collection[int] = (),
    size: int = PAGE,
) -> Board:
    """
    Return a page of the gigs that take applications now. A fixed number of queries, whatever is found.

    :param after: what `next_after` of the page before said; anything else begins at the first page.
    :param own_field_ids: the reader's fields; without words, best match puts their gigs first, then `near_field_ids`.
    """
    taxonomy = list(Field.objects.in_reading_order())
    words = understand(filters.text, taxonomy=taxonomy)
    near = nearest(words, now=now)
    conditions = _conditions(filters, {field.code: field.pk for field in taxonomy}, now)
    search, widened = Search(_shown(filters, now), words, near), False
    counts = _counts(search, conditions, filters, now)
    if not counts.total and words is not None and words.count > 1:
        search, widened = Search(_shown(filters, now), words.any_of(), near), True
        counts = faceting.count(search.found(most=COUNTED), conditions, now=now)
    found = _ordered(search, Q(*conditions.values()), filters.order, own_field_ids, near_field_ids)
    start = read_cursor(after, filters.order)
    rows = list(_behind(found, start).with_listing()[: size + 1])
    shown = (start.shown if start else 0) + len(rows[:size])
    return Board(
        rows=rows[:size],
        total=counts.total,
        facets=faceting.facets(counts, filters.chosen, taxonomy),
        shown=shown,
        next_after=_cursor_at(filters.order, rows[size - 1], shown) if len(rows) > size else "",
        widened=widened and counts.total > 0,
        nothing_exact=not widened and bool(rows) and not any(row.has_words for row in rows),
        is_cut=counts.found >= COUNTED and search.by_words,
    )


def _counts(search: Search, conditions: dict[str, Q], filters: Filters, now: datetime) -> Counts:
    """Return the counts of the facets: with words of the gigs found, else from the summary of a large board if it is fresh."""
    if not search.by_words and not filters.lab:
        summary = faceting.summary(now=now)
        if summary is not None and not conditions:
            return summary
        if summary is not None:
            if filters.posted is not None:  # A group knows the step of its age, not the day.
                conditions = conditions | {"posted": Q(age_step__lte=POSTED_DAYS.index(filters.posted))}
            return faceting.count(BoardGroup.objects.all(), conditions, now=now, number="sum(number)")
    return faceting.count(search.found(most=COUNTED), conditions, now=now)


@dataclass(frozen=True, slots=True)
class Search:
    """What a board is made of: the gigs that may be shown, what was typed, and which gigs are near that in meaning."""

    shown: QuerySet[Project]
    words: Words | None
    near: Near

    @property
    def by_words(self) -> bool:
        return self.words is not None and bool(self.words.count)

    def found(self, *, most: int, also: Q | None = None) -> QuerySet[Project]:
        """
        Return the gigs that have the words, the newest `most` of them, and those that mean nearly the same.

        A union of keys, each side of which has its index; an OR would read the whole board.

        :param also: what both must be besides.
        """
        shown = self.shown.filter(also) if also else self.shown
        if self.words is None or not self.words.count:
            return shown
        keys = shown.filter(matching(self.words)).order_by("-published_at", "-pk").values("pk")[:most]
        if self.near.likeness:
            keys = keys.union(shown.filter(pk__in=list(self.near.likeness)).order_by().values("pk"), all=True)
        return Project.objects.filter(pk__in=keys)


def _shown(filters: Filters, now: datetime) -> QuerySet[Project]:
    shown: QuerySet[Project] = Project.objects.taking_applications(now)
    return shown.filter(lab__slug=filters.lab, lab__is_anonymous=False) if filters.lab else shown


def _conditions(filters: Filters, ids: dict[str, int], now: datetime) -> dict[str, Q]:
    """Return the filters that are on as conditions, by facet. Fields nobody knows match nothing."""
    found: dict[str, Q] = {}
    if filters.fields:
        found["field"] = Q(field_ids__overlap=[ids.get(code, 0) for code in filters.fields])
    if filters.kinds:
        found["kind"] = Q(kinds__overlap=list(filters.kinds))
    if filters.rate_minor is not None:
        found["rate"] = Q(rate_max_minor__gte=filters.rate_minor)
    if filters.hours is not None:
        found["hours"] = Q(weekly_hours_min__isnull=True) | Q(weekly_hours_min__lte=filters.hours)
    if filters.credentials:
        kinds = [kind for kind in filters.credentials if kind != NO_CREDENTIAL]
        none = Q(credential_kinds=[]) if NO_CREDENTIAL in filters.credentials else Q()
        found["credential"] = none | Q(credential_kinds__overlap=kinds) if kinds else none
    if filters.posted is not None:
        found["posted"] = Q(published_at__gte=now - timedelta(days=filters.posted))
    if filters.languages:
        found["language"] = Q(languages=[]) | Q(languages__overlap=list(filters.languages))
    if filters.countries:
        found["country"] = Q(countries=[]) | Q(countries__overlap=list(filters.countries))
    return found


def _ordered(search: Search, chosen: Q, order: BoardOrder, own: Collection[int], near: Collection[int]) -> Any:
    """Return the gigs that match with the `key` they are ordered by, and whether each `has_words`."""
    ranked = order == BoardOrder.BEST and search.by_words
    rows = search.found(most=CANDIDATES, also=chosen) if ranked else search.found(most=COUNTED).filter(chosen)
    says_so = matching(search.words) if search.words is not None else Q()
    rows = rows.annotate(has_words=ExpressionWrapper(says_so, BooleanField()) if says_so else Value(True))  # noqa: FBT003
    if order == BoardOrder.CLOSING:
        return rows.annotate(key=Coalesce("closes_at", FAR)).order_by("key", "-published_at", "-public_id")
    key: Any = Value(0, output_field=IntegerField())
    if order == BoardOrder.PAY:
        key = F("rate_max_minor")
    elif ranked and search.words is not None:
        key = score(search.words, search.near)
    elif order == BoardOrder.BEST and own:
        rows = _newest_of_each(search, chosen, own, near).annotate(has_words=Value(True))  # noqa: FBT003
        key = Case(
            When(field_ids__overlap=list(own), then=Value(2)),
            When(field_ids__overlap=list(near) or [0], then=Value(1)),
            default=Value(0),
            output_field=IntegerField(),
        )
    return rows.annotate(key=key).order_by("-key", "-published_at", "-public_id")


def _newest_of_each(search: Search, chosen: Q, own: Collection[int], near: Collection[int]) -> QuerySet[Project]:
    """Return the newest gigs in the reader's fields, in those near them, and of all; so many that nobody reads them to the end."""
    newest = search.shown.filter(chosen).order_by("-published_at", "-public_id").values("pk")
    parts = [newest.filter(field_ids__overlap=list(ids))[:CANDIDATES] for ids in (own, near) if ids]
    return Project.objects.filter(pk__in=newest[:CANDIDATES].union(*parts))


def _behind(rows: Any, cursor: Cursor | None) -> Any:
    """Return what comes after the cursor: constant time at any depth, and nothing is shown twice."""
    if cursor is None:
        return rows
    later = Q(published_at__lt=cursor.published_at) | Q(
        published_at=cursor.published_at, public_id__lt=cursor.public_id
    )
    if cursor.order == BoardOrder.NEWEST:
        return rows.filter(later, published_at__lte=cursor.published_at)
    # What both halves of the OR share is said once more by itself: that is where the index is entered.
    if cursor.order == BoardOrder.CLOSING:
        return rows.filter(Q(key__gt=cursor.key) | Q(key=cursor.key) & later, key__gte=cursor.key)
    return rows.filter(Q(key__lt=cursor.key) | Q(key=cursor.key) & later, key__lte=cursor.key)


def _cursor_at(order: BoardOrder, row: Any, shown: int) -> str:
    return Cursor(order, row.key, row.published_at, row.public_id, shown).write()


def read_cursor(text: str, order: BoardOrder) -> Cursor | None:
    """Return where to go on, or None for an empty, foreign or damaged cursor, which means the first page."""
    if not text:
        return None
    try:
        facts = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        said, key, published_at, public_id, shown = facts
        if said != order:
            return None
        cursor = Cursor(order, _key(order, str(key)), datetime.fromisoformat(published_at), UUID(public_id), int(shown))
    except (ValueError, TypeError, AttributeError, InvalidOperation, binascii.Error):
        return None
    return cursor if cursor.published_at.tzinfo is not None and 0 <= cursor.shown < 2**31 else None


def _key(order: BoardOrder, text: str) -> Any:
    if order == BoardOrder.CLOSING:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError("A moment without a zone is no position.")
        return moment
    number = Decimal(text)
    if not number.is_finite() or abs(number) > 10**14:
        raise ValueError("Out of range.")
    return number if order == BoardOrder.BEST else int(number)
