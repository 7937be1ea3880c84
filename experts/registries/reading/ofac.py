"""
OFAC: the list of specially designated nationals as sdn.csv, alt.csv and add.csv.

No header; a value that is not there is written as -0-; the last line may be a lone end-of-file character (OFAC, FAQ on
the format of the SDN list). Older files are in Windows-1252.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from experts.registries.enums import SanctionKind
from experts.registries.reading.base import Record, Row, Unreadable, cut
from experts.registries.reading.files import Counted, opened
from marketplace.kernel.errors import Invalid

NOTHING = "-0-"
END_OF_FILE = "\x1a"
KINDS = {"individual": SanctionKind.INDIVIDUAL, "vessel": SanctionKind.VESSEL, "aircraft": SanctionKind.AIRCRAFT}


@dataclass(frozen=True, slots=True)
class Part:
    """One of the three files: its name at OFAC, how many columns it has, which of them are numbers."""

    name: str
    columns: int
    numbers: tuple[int, ...]


PARTS = (Part("sdn.csv", 12, (0,)), Part("alt.csv", 5, (0, 1)), Part("add.csv", 6, (0, 1)))


class OfacReader:
    """The three files in their order, as one stream of records. `sdn_comments.csv` holds nothing that we compare."""

    is_whole = True

    def __init__(self, sdn: Path, alt: Path, add: Path) -> None:
        self.paths = (sdn, alt, add)
        self._done, self._stream = 0, None

    _stream: Counted | None

    def list_on(self) -> date | None:
        return None

    def check(self) -> None:
        for part, path in zip(PARTS, self.paths, strict=True):
            with opened(path, _is_csv, f"{part.name}") as stream:
                first = next(csv.reader(_lines(stream)), [])
            if not _fits(part, first):
                meant = next((other.name for other in PARTS if _fits(other, first)), "")
                guess = f" It looks like {meant}." if meant else ""
                raise Invalid(
                    f"{path.name} is not OFAC's {part.name}: its first line should have {part.columns} columns and begin "
                    f"with a number, without a header; it has {len(first)}.{guess} Give the files in the order sdn, alt, "
                    "add, from sanctionslist.ofac.treas.gov."
                )

    def records(self) -> Iterator[Record]:
        makers = (_entry, _alias, _address)
        self._done = 0
        for part, path, maker in zip(PARTS, self.paths, makers, strict=True):
            with opened(path, _is_csv, part.name) as stream:
                self._stream = stream
                rows = csv.reader(_lines(stream))
                for values in rows:
                    if values in ([], [END_OF_FILE]):
                        continue
                    if not _fits(part, values):
                        yield Unreadable(f"{part.name}, line {rows.line_num}: {len(values)} columns")
                        continue
                    yield maker(["" if value.strip() == NOTHING else value for value in values])
                self._done += stream.total
                self._stream = None

    def progress(self) -> tuple[int, int]:
        total = sum(path.stat().st_size for path in self.paths)
        return (self._done + (self._stream.done if self._stream else 0), total)


def _is_csv(name: str) -> bool:
    return name.lower().endswith(".csv")


def _lines(stream: Counted) -> Iterator[str]:
    for line in io.BufferedReader(stream, 1 << 16):
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError:
            yield line.decode("cp1252", errors="replace")


def _fits(part: Part, values: list[str]) -> bool:
    return len(values) == part.columns and all(values[at].strip().isdecimal() for at in part.numbers)


def _entry(values: list[str]) -> Row:
    number, name, kind, program, title, *_vessel, remarks = values
    return Row(
        "sanctionentry",
        {
            "ent_num": int(number),
            "name": cut(name, 350),
            "kind": KINDS.get(kind.strip().lower(), SanctionKind.ENTITY),
            "program": cut(program, 200),
            "title": cut(title, 200),
            "remarks": cut(remarks, 4000),
        },
    )


def _alias(values: list[str]) -> Row:
    entry, number, kind, name, remarks = values
    return Row(
        "sanctionalias",
        {
            "entry_id": int(entry),
            "alt_num": int(number),
            "alias_type": cut(kind, 8),
            "name": cut(name, 350),
            "remarks": cut(remarks, 200),
        },
    )


def _address(values: list[str]) -> Row:
    entry, number, address, city, country, remarks = values
    return Row(
        "sanctionaddress",
        {
            "entry_id": int(entry),
            "add_num": int(number),
            "address": cut(address, 750),
            "city": cut(city, 116),
            "country": cut(country, 250),
            "remarks": cut(remarks, 200),
        },
    )
