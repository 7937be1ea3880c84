"""
Reading a lab's file row by row in constant memory, CSV or JSON Lines, from any checkpoint.

A row keeps its number and the offset of the byte after it, so that a worker that was killed goes on where the last
committed rows end. Bytes that are not UTF-8 become lone surrogates here and are refused by the rules for texts.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, Final

from projects.work.kinds.base import EXTERNAL_ID, LAB_ONLY, Kind, RowError, require_storable

MEGABYTE: Final = 1024 * 1024
MAX_FILE_BYTES: Final = 500 * MEGABYTE
MAX_ROW_BYTES: Final = MEGABYTE
MAX_COLUMNS: Final = 60
MAX_METADATA_BYTES: Final = 20_000
SAMPLE_ROWS: Final = 3
PEEK_ROWS: Final = 50
_BOM: Final = b"\xef\xbb\xbf"
_OTHER_BOMS: Final = (b"\xff\xfe", b"\xfe\xff")


class UnreadableFileError(ValueError):
    """The file as a whole cannot be read; the message is a sentence for the person who sent it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number from 1, its cells by column, and the offset of the first byte after it."""

    number: int
    cells: dict[str, Any]
    end: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Peek:
    """What a person needs to see of a file before it is read: its columns and a few rows."""

    columns: list[str]
    rows: list[dict[str, Any]]


def peek(file: IO[bytes], file_format: str) -> Peek:
    """
    Return the columns and the first rows.

    :raises UnreadableFileError: if there is no header, no row, too many columns, or two of one name.
    """
    rows, columns = [], []
    for row in rows_of(file, file_format):
        columns += [name for name in row.cells if name not in columns]
        rows.append(row)
        if len(rows) == PEEK_ROWS:
            break
    good = [row.cells for row in rows if not row.problem]
    if not good:
        first = f" Row {rows[0].number}: {rows[0].problem}" if rows else ""
        raise UnreadableFileError(f"There is no row in this file that can be read.{first}")
    if len(columns) > MAX_COLUMNS:
        raise UnreadableFileError(f"The file has {len(columns)} columns; at most {MAX_COLUMNS} are possible.")
    return Peek(columns, good[:SAMPLE_ROWS])


def rows_of(file: IO[bytes], file_format: str, *, after: int = 0, offset: int = 0) -> Iterator[Row]:
    """
    Yield the rows after row number `after`, whose last byte lies before `offset`; from the start with zeros.

    :raises UnreadableFileError: if the header cannot be read.
    """
    file.seek(0)
    head = file.read(3)
    if head.startswith(_OTHER_BOMS):
        raise UnreadableFileError("This file is UTF-16. Save it as UTF-8 and send it again.")
    start = 3 if head == _BOM else 0
    read = _csv_rows if file_format == "csv" else _json_rows
    yield from read(file, start, after, offset)


# -------------------------------------------------------------------------------------------------------------- CSV


class _Lines:
    """The lines of a file as text for the csv module, counting the bytes that were handed out."""

    def __init__(self, file: IO[bytes], offset: int) -> None:
        file.seek(offset)
        self.file, self.offset = file, offset

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self.file.readline(MAX_ROW_BYTES)
        if not line:
            raise StopIteration
        self.offset += len(line)
        return line.decode("utf-8", errors="surrogateescape")


def _csv_rows(file: IO[bytes], start: int, after: int, offset: int) -> Iterator[Row]:
    lines = _Lines(file, start)
    reader = csv.reader(lines, strict=True, delimiter=_delimiter(file, start))
    lines.file.seek(lines.offset)
    try:
        header = _header_of(next(reader, []))
    except csv.Error as error:
        raise UnreadableFileError(f"The first line is no header: {error}.") from error
    if offset:
        lines = _Lines(file, offset)
        reader = csv.reader(lines, strict=True, delimiter=reader.dialect.delimiter)
    number = after
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield Row(number + 1, {}, lines.offset, _broken_csv(error))
            return
        if cells is None:
            return
        number += 1  # Empty lines count too, so that the number is what a spreadsheet shows.
        if not any(cells):
            continue
        problem = "" if len(cells) == len(header) else f"It has {len(cells)} cells, the header has {len(header)}."
        yield Row(number, dict(zip(header, cells, strict=False)), lines.offset, problem)


def _delimiter(file: IO[bytes], start: int) -> str:
    """Return what separates the header's cells: programs of some countries write semicolons, some people tabs."""
    file.seek(start)
    first = file.readline(MAX_ROW_BYTES)
    return max((",", ";", "\t"), key=lambda mark: first.count(mark.encode()))


def _header_of(cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    if not any(names):
        raise UnreadableFileError("The first line is empty. It must name the columns.")
    if unnamed := [str(at) for at, name in enumerate(names, start=1) if not name]:
        raise UnreadableFileError(f"Column {unnamed[0]} has no name in the first line.")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UnreadableFileError(f"Two columns are called “{twice[0]}”. Give each its own name.")
    for name in names:
        _require_name(name)
    return names


def _require_name(name: str) -> None:
    try:
        require_storable(name, what="The name of a column")
    except RowError as error:
        raise UnreadableFileError(str(error)) from error
    if len(name) > 80:
        raise UnreadableFileError(f"The column name “{name[:40]}…” is longer than 80 characters.")


def _broken_csv(error: csv.Error) -> str:
    if "field larger" in str(error):
        limit = csv.field_size_limit()
        return f"A cell is longer than {limit:,} characters; perhaps a quote is never closed. Reading stopped here."
    return f"The quotes are not as CSV needs them ({error}). Reading stopped here."


# ------------------------------------------------------------------------------------------------------- JSON Lines


def _json_rows(file: IO[bytes], start: int, after: int, offset: int) -> Iterator[Row]:
    at, number = offset or start, after
    file.seek(at)
    while line := file.readline(MAX_ROW_BYTES + 1):
        at += len(line)
        number += 1
        if len(line) > MAX_ROW_BYTES and not line.endswith(b"\n"):
            at += _skip_line(file)
            yield Row(number, {}, at, f"It is larger than {MAX_ROW_BYTES // MEGABYTE} MB.")
            continue
        if not line.strip():
            continue
        cells, problem = _object_of(line)
        yield Row(number, cells, at, problem)


def _skip_line(file: IO[bytes]) -> int:
    """Go to the end of an overlong line in pieces; return how many bytes that were."""
    skipped = 0
    while piece := file.readline(MAX_ROW_BYTES):
        skipped += len(piece)
        if piece.endswith(b"\n"):
            break
    return skipped


def _object_of(line: bytes) -> tuple[dict[str, Any], str]:
    """Return the object of one line, or what is wrong with it."""
    try:
        value = json.loads(line.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError:
        return {}, "It holds characters that are not UTF-8."
    except RecursionError:
        return {}, "It is nested too deeply."
    except ValueError as error:
        return {}, f"It is not JSON: {error}."[:200]
    if not isinstance(value, dict):
        return {}, "It is not a JSON object."
    return value, ""


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not a JSON number")


# ---------------------------------------------------------------------------------------------- columns to a prompt


@dataclass(frozen=True, slots=True)
class Read:
    """What one row becomes: its id (empty: the batch gives one), the prompt, and what only the lab sees."""

    external_id: str
    prompt: dict[str, Any]
    metadata: dict[str, Any]


def suggest(columns: list[str], kind: Kind) -> dict[str, str]:
    """
    Return what each column probably becomes, by its name.

    What is not recognised is kept for the lab only: showing it by mistake cannot be undone.
    """
    free = {column.target: column.aliases for column in kind.columns}
    free[EXTERNAL_ID] = frozenset({"externalid", "id", "uid", "uniqueid", "taskid", "promptid", "rowid", "pmid"})
    found: dict[str, str] = {}
    for name in columns:
        plain = re.sub(r"[^a-z0-9]", "", name.lower())
        target = next((target for target, aliases in free.items() if plain in aliases), LAB_ONLY)
        free.pop(target, None)
        found[name] = target
    return found


def read_row(cells: dict[str, Any], mapping: dict[str, str], kind: Kind) -> Read:
    """
    Make a task of one row.

    :raises RowError: with a sentence if it cannot become one.
    """
    parts: dict[str, object] = {}
    facts: list[tuple[str, object]] = []
    metadata: dict[str, Any] = {}
    for name, value in cells.items():
        target = mapping.get(name, LAB_ONLY)
        if target == "fact":
            facts.append((name.replace("_", " ").strip().capitalize(), value))
        elif target == LAB_ONLY:
            metadata[name] = value
        elif target != "leave_out":
            parts[target] = value
    external_id = external_id_of(parts.pop(EXTERNAL_ID, ""))
    return Read(external_id, kind.prompt_of(parts, facts), checked_metadata(metadata))


def external_id_of(value: object) -> str:
    """
    Return the lab's id as a text.

    :raises RowError: if it is longer than 200 characters or no text or number.
    """
    if value is None or value == "":
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise RowError("The external_id is not a text.")
    text = str(value).strip()
    if len(text) > 200:
        raise RowError("The external_id is longer than 200 characters.")
    require_storable(text, what="The external_id")
    return text


def checked_metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    """
    Let metadata pass that can be stored.

    :raises RowError: if it is larger than 20 kB or holds what Postgres cannot keep.
    """
    try:
        text = json.dumps(metadata, ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise RowError("What is kept for you only cannot be stored: a number is not finite.") from error
    if len(text) > MAX_METADATA_BYTES:
        raise RowError(f"What is kept for you only is larger than {MAX_METADATA_BYTES:,} characters.")
    require_storable(text, what="What is kept for you only")
    if "\\u0000" in text:
        raise RowError("What is kept for you only holds a NUL character.")
    return metadata
