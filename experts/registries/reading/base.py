"""What a reader gives: records, and how far it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Row:
    """One record as it goes into a table: the table's name among those of the register, and its values by column."""

    table: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that makes no sense, with where it stands and why. It is counted and left out."""

    words: str


LEFT_OUT = "left out"
"""A record of a kind that we do not keep, such as an organisation in NPPES."""

Record = Row | Unreadable | str


class Reader(Protocol):
    """The files of one import."""

    @property
    def paths(self) -> Sequence[Path]:
        """The files, in the order in which they are read."""

    @property
    def is_whole(self) -> bool:
        """Whether who is not in it has left the register."""

    def check(self) -> None:
        """
        Look at the head of each file.

        :raises Invalid: if it is not what this register publishes, in words that say what to take instead.
        """

    def records(self) -> Iterator[Record]:
        """Yield every record in the order of the files."""

    def progress(self) -> tuple[int, int]:
        """Return the bytes read so far, and all there are."""

    def list_on(self) -> date | None:
        """Return the day of the list where the file's name says it."""


def cut(text: str | None, length: int) -> str:
    """Return the text without blanks around it and NUL characters inside, at most so long as its column."""
    return (text or "").replace("\x00", "").strip()[:length]


def day_of(text: str) -> date | None:
    """Return a day written as 11/28/2026, nothing for an empty one. Read by hand: strptime took half of an import."""
    text = text.strip()
    if not text:
        return None
    if len(text) != 10 or text[2] != "/" or text[5] != "/":
        raise ValueError(f"“{text[:20]}” is no day")
    return date(int(text[6:]), int(text[:2]), int(text[3:5]))


def whole_number(text: str | None) -> int | None:
    """Return a number between 1 and 32767, or nothing where the list has none."""
    text = (text or "").strip()
    return int(text) if text.isdecimal() and 0 < int(text) < 32768 else None
