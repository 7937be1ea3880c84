"""
What a report is: a frozen dataclass of parameters, with one iterator of rows that the screen and the file share.

Amounts are whole minor units until a writer or a template turns them into text.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import ClassVar, Final, Literal
from uuid import UUID

from django.db import connection, transaction

Cell = str | int | date | datetime | UUID | None
Row = tuple[Cell, ...]
Kind = Literal["text", "words", "mono", "state", "ref", "count", "money", "day", "moment"]
PAGE: Final = 100
CHUNK: Final = 2000
NUMBERS: Final = frozenset({"count", "money"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in files, its head on screen, what its cells are."""

    name: str
    label: str
    kind: Kind = "text"
    total: bool = False  # the foot holds its sum
    on_screen: bool = True  # some columns are only in the file
    link: str = ""  # URL name of the page that a "ref" leads to; its argument is the cell

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS


@dataclass(frozen=True, slots=True)
class Tie:
    """A figure of the report beside the same figure of the books. `columns` are those whose totals it ties."""

    here: str
    here_minor: int
    books: str
    books_minor: int
    columns: tuple[str, ...] = ()

    @property
    def difference_minor(self) -> int:
        return self.here_minor - self.books_minor

    @property
    def holds(self) -> bool:
        return self.difference_minor == 0


class Report(ABC):
    """Subclasses are frozen dataclasses whose fields are the parameters; each has a currency."""

    slug: ClassVar[str]
    title: ClassVar[str]
    answers: ClassVar[str]
    """The question it answers, in a sentence."""
    columns: ClassVar[tuple[Column, ...]]
    do_not_call_in_templates: ClassVar[bool] = True  # else `report.title` would make a report first
    currency: str

    def prepare(self) -> None:  # noqa: B027 -- most reports have nothing to fetch
        """Fetch what comes from outside the database, before the snapshot begins. Most reports need nothing."""

    @abstractmethod
    def rows(self, start: int = 0, size: int | None = None) -> Iterator[Row]:
        """Give the rows from `start` on, at most `size`, in constant memory."""

    @abstractmethod
    def parameters(self) -> list[tuple[str, str]]:
        """Say what was asked for, as (label, value)."""

    @abstractmethod
    def as_of(self) -> str:
        """Say up to which business date it counts."""

    @abstractmethod
    def ties(self) -> list[Tie]:
        """Compare totals with the books; the double rule stands only under what ties."""

    def tone(self, row: Row) -> str:
        """Say whether a row needs a look: "danger", "warning", "unknown", or nothing."""
        return ""

    def way_out(self, row: Row) -> str:
        """Return the address where a row that needs a look is put right, or nothing; its last cell leads there."""
        return ""

    @property
    def file_name(self) -> str:
        """The name of the file, without its ending."""
        return f"{self.slug}-{self.currency}"

    def totals(self) -> tuple[int, dict[str, int]]:
        """Return how many rows there are and the sum of each column that has one, in minor units."""
        sums = {column.name: 0 for column in self.columns if column.total}
        places = [(place, column.name) for place, column in enumerate(self.columns) if column.total]
        count = 0
        for row in self.rows():
            count += 1
            for place, name in places:
                sums[name] += _number(row[place])
        return count, sums

    @property
    def screen_columns(self) -> list[Column]:
        return [column for column in self.columns if column.on_screen]


def _number(cell: Cell) -> int:
    return cell if isinstance(cell, int) else 0


@dataclass(frozen=True, slots=True)
class Screen:
    """One page of a report, all of it from one snapshot."""

    report: Report
    rows: list[tuple[str, list[tuple[Column, Cell]], str]]  # tone, cells and way out of each row
    start: int
    count: int
    sums: dict[str, int]
    ties: list[Tie]

    @property
    def last(self) -> int:
        return self.start + len(self.rows)

    @property
    def is_tied(self) -> bool:
        return all(tie.holds for tie in self.ties)

    @property
    def feet(self) -> list[tuple[Column, int | None, bool]]:
        """The foot of each column on screen: its sum, and whether it was tied."""
        tied = {name for tie in self.ties if tie.holds for name in tie.columns}
        loose = {name for tie in self.ties if not tie.holds for name in tie.columns}
        return [
            (column, self.sums.get(column.name), column.name in tied - loose) for column in self.report.screen_columns
        ]


def screen(report: Report, *, start: int = 0, size: int = PAGE) -> Screen:
    """Read one page of a report with its totals and ties."""
    report.prepare()
    with snapshot():
        rows = [
            (
                report.tone(row),
                [(column, cell) for column, cell in zip(report.columns, row, strict=True) if column.on_screen],
                report.way_out(row),
            )
            for row in islice(report.rows(start, size), size)
        ]
        count, sums = report.totals()
        return Screen(report, rows, start, count, sums, report.ties())


@contextmanager
def snapshot() -> Iterator[None]:
    """
    Let all statements inside see the same books (reference money B.4).

    Inside an open transaction that transaction's own view is used.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def stream(sql: str, values: Mapping[str, str | date], *, start: int = 0, size: int | None = None) -> Iterator[Row]:
    """Give the rows of a statement through a server-side cursor. The statement must be ordered."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"{sql} OFFSET %(_start)s LIMIT %(_size)s", {**values, "_start": start, "_size": size})
        while chunk := cursor.fetchmany(CHUNK):
            yield from chunk
