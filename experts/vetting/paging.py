"""Keyset pages: by position (a moment and the row's id), so that no row is skipped while others arrive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q, QuerySet

SIZE = 25


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page begins: the moment and id of the row before it, and on which side of it the page lies."""

    at: datetime
    pk: int
    is_before: bool = False

    def __str__(self) -> str:
        side = "b" if self.is_before else "a"
        return f"{side}{round(self.at.timestamp() * 1_000_000)}.{self.pk}"

    @classmethod
    def read(cls, text: str) -> Position:
        """
        Return the position that an address carries.

        :raises ValueError: if it carries none.
        """
        side, moment, pk = text[:1], *text[1:].split(".")
        if side not in {"a", "b"} or not moment.isdigit() or not pk.isdigit() or len(moment) > 17 or len(pk) > 18:
            raise ValueError("That is not a position in the list.")
        return cls(datetime.fromtimestamp(int(moment) / 1_000_000, tz=UTC), int(pk), side == "b")


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one page, and the positions of its neighbours ("" where there are none)."""

    rows: list[Any]
    newer: str
    older: str


def page_of(rows: QuerySet[Any], *, by: str, position: Position | None, descending: bool = False) -> Page:
    """Return one page of a list ordered by a moment and the id. One query."""
    is_before = position is not None and position.is_before
    goes_down = descending != is_before
    if position is not None:
        compare = "lt" if goes_down else "gt"
        rows = rows.filter(
            Q(**{f"{by}__{compare}": position.at}) | Q(**{by: position.at, f"pk__{compare}": position.pk})
        )
    sign = "-" if goes_down else ""
    found = list(rows.order_by(f"{sign}{by}", f"{sign}pk")[: SIZE + 1])
    has_more, found = len(found) > SIZE, found[:SIZE]
    if is_before:
        found.reverse()
    has_newer = has_more if is_before else position is not None
    has_older = position is not None if is_before else has_more
    return Page(
        rows=found,
        newer=str(Position(getattr(found[0], by), found[0].pk, is_before=True)) if found and has_newer else "",
        older=str(Position(getattr(found[-1], by), found[-1].pk)) if found and has_older else "",
    )
