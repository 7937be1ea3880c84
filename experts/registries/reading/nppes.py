"""
NPPES: the monthly and weekly "Full Replacement Monthly NPI File" and "Weekly Incremental NPI File" of CMS.

Each has some 330 columns with a header (CMS, NPPES Data Dissemination Readme and Code Values). A weekly file has the same
columns and holds only what changed. A deactivated NPI stands there with its number and the day of deactivation alone.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from experts.registries.reading.base import LEFT_OUT, Record, Row, Unreadable, cut, day_of
from experts.registries.reading.files import Counted, opened
from marketplace.kernel.errors import Invalid

PERSON = "1"
SLOTS = 15
NAME_OF_FILE = re.compile(r"npidata_pfile_(\d{8})-(\d{8})", re.IGNORECASE)
FIRST_DAY = "20050523"  # Since when NPIs are given out; a monthly file covers everything from then on.

COLUMNS = {
    "number": ("NPI",),
    "entity": ("Entity Type Code",),
    "last_name": ("Provider Last Name (Legal Name)",),
    "first_name": ("Provider First Name",),
    "middle_name": ("Provider Middle Name",),
    "credential_text": ("Provider Credential Text",),
    "other_last_name": ("Provider Other Last Name",),
    "other_first_name": ("Provider Other First Name",),
    "other_middle_name": ("Provider Other Middle Name",),
    "practice_state": ("Provider Business Practice Location Address State Name",),
    "country": (
        "Provider Business Practice Location Address Country Code (If outside U.S.)",
        "Provider Business Practice Location Address Country Code (If outside US)",
    ),
    "enumerated_on": ("Provider Enumeration Date",),
    "updated_on": ("Last Update Date",),
    "deactivated_on": ("NPI Deactivation Date",),
    "reactivated_on": ("NPI Reactivation Date",),
}
"""Our columns, and what they are called in the file; later names are older or other spellings."""

SLOT_COLUMNS = (
    "Healthcare Provider Taxonomy Code_{}",
    "Provider License Number_{}",
    "Provider License Number State Code_{}",
    "Healthcare Provider Primary Taxonomy Switch_{}",
)
OTHER_FILES = {
    "Endpoint Type": "the endpoint file",
    "Provider Secondary Practice Location Address- Address Line 1": "the file of further practice locations",
    "Provider Other Organization Name": "the file of other names",
}
TEXTS = {
    "last_name": 70, "first_name": 70, "middle_name": 70, "credential_text": 40, "other_last_name": 70,
    "other_first_name": 70, "other_middle_name": 70, "practice_state": 40, "country": 2,
}  # fmt: skip
DAYS = ("enumerated_on", "updated_on", "deactivated_on", "reactivated_on")


class NppesReader:
    """`npidata_pfile_*.csv`, plain or inside the zip in which CMS publishes it."""

    def __init__(self, path: Path) -> None:
        self.paths = (path,)
        self._stream: Counted | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the file is the monthly one; a weekly one says nothing of who is not in it."""
        found = NAME_OF_FILE.search(self._inner_name())
        return found is None or found.group(1) == FIRST_DAY

    def list_on(self) -> date | None:
        """Return the last day that the file covers, by its name."""
        found = NAME_OF_FILE.search(self._inner_name())
        return datetime.strptime(found.group(2), "%Y%m%d").date() if found else None  # noqa: DTZ007

    def check(self) -> None:
        with opened(self.paths[0], _is_main_file, "npidata_pfile_*.csv") as stream:
            rows = csv.reader(_text(stream))
            _places(next(rows, []), self.paths[0].name)
            if next(rows, None) is None:
                raise Invalid(f"{self.paths[0].name} has a header and no rows: take the file without “fileheader”.")

    def records(self) -> Iterator[Record]:
        with opened(self.paths[0], _is_main_file, "npidata_pfile_*.csv") as stream:
            self._stream = stream
            rows = csv.reader(_text(stream))
            header = next(rows, [])
            places, slots = _places(header, self.paths[0].name)
            for values in rows:
                if not values:
                    continue
                if len(values) != len(header):
                    yield Unreadable(f"line {rows.line_num}: {len(values)} columns instead of {len(header)}")
                    continue
                try:
                    yield _record(values, places, slots)
                except ValueError as strange:
                    yield Unreadable(f"line {rows.line_num}: {strange}"[:300])

    def progress(self) -> tuple[int, int]:
        return (self._stream.done, self._stream.total) if self._stream else (0, self.paths[0].stat().st_size)

    def _inner_name(self) -> str:
        path = self.paths[0]
        if path.is_file() and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                return next((name for name in archive.namelist() if _is_main_file(Path(name).name)), path.name)
        return path.name


def _is_main_file(name: str) -> bool:
    lower = name.lower()
    return lower.startswith("npidata_pfile") and lower.endswith(".csv") and "fileheader" not in lower


def _text(stream: Counted) -> io.TextIOWrapper:
    buffered = io.BufferedReader(stream, 1 << 18)
    return io.TextIOWrapper(buffered, encoding="utf-8-sig", errors="replace", newline="")


def _places(header: list[str], name: str) -> tuple[dict[str, int], list[tuple[int, ...]]]:
    """
    Return where our columns stand, and those of the fifteen taxonomies.

    :raises Invalid: if the file is another one.
    """
    at = {words.strip(): place for place, words in enumerate(header)}
    places = {ours: next((at[one] for one in names if one in at), -1) for ours, names in COLUMNS.items()}
    missing = [COLUMNS[ours][0] for ours, place in places.items() if place < 0]
    slots = [tuple(at.get(words.format(slot), -1) for words in SLOT_COLUMNS) for slot in range(1, SLOTS + 1)]
    if not missing and all(place >= 0 for slot in slots for place in slot):
        return places, slots
    other = next((what for words, what in OTHER_FILES.items() if words in at and len(at) < 60), "")
    guess = f" It looks like {other}." if other else ""
    lacks = missing[0] if missing else SLOT_COLUMNS[0].format(1)
    raise Invalid(
        f"{name} is not the main file of NPPES: the column “{lacks}” is missing.{guess} Take npidata_pfile_….csv, or the "
        "whole zip, from download.cms.gov/nppes/NPI_Files.html."
    )


def _record(values: list[str], places: dict[str, int], slots: list[tuple[int, ...]]) -> Record:
    """Return a person; nothing for an organisation. :raises ValueError: if number or days make no sense."""
    number, entity = values[places["number"]].strip(), values[places["entity"]].strip()
    off = values[places["deactivated_on"]].strip()
    if entity != PERSON and (entity or not off):
        return LEFT_OUT
    if len(number) != 10 or not number.isascii() or not number.isdecimal():
        raise ValueError(f"“{number[:20]}” is no NPI")
    row: dict[str, Any] = {"number": number}
    for name, length in TEXTS.items():
        row[name] = cut(values[places[name]], length)
    for name in DAYS:
        row[name] = day_of(values[places[name]])
    row["licences"] = [
        {
            "taxonomy": values[code].strip()[:10],
            "number": values[licence].strip()[:20],
            "state": values[state].strip()[:2],
            "primary": values[switch].strip() == "Y",
        }
        for code, licence, state, switch in slots
        if values[code] or values[licence]
    ]
    return Row("nppesprovider", row)
