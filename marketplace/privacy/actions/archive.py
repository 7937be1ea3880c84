"""
The ZIP that a person gets: one JSON file for each room, their files, and a page that leads through it.

Rows are read and written a piece at a time, so its size costs no memory. What stands in it is what each room's list of
columns names, of rows that belong to the person, and nothing else.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from django.core.exceptions import FieldDoesNotExist
from django.core.files.storage import Storage
from django.db import models
from django.template.loader import render_to_string

from marketplace.accounts.models import User
from marketplace.kernel.personal import Personal, Room
from marketplace.privacy.queries import rooms_from_the_ground_up

CHUNK = 500
BLOCK = 256 * 1024
SHOWN_ROWS = 25
STYLE = "privacy/archive.css"


@dataclass(slots=True)
class TablePage:
    """One table as the page of the archive shows it: its first rows, and how many there are."""

    title: str
    headings: list[str]
    rows: list[list[str]] = field(default_factory=list)
    count: int = 0


@dataclass(slots=True)
class RoomPage:
    """One room as the page of the archive shows it."""

    label: str
    file: str
    tables: list[TablePage] = field(default_factory=list)


def given_rooms() -> list[Room]:
    """Return the rooms of which something is given."""
    return [room for room in rooms_from_the_ground_up() if any(table.title for table in room.tables)]


def write_archive(user: User, file: IO[bytes], *, made_at: str, note: Callable[[int, int], None]) -> int:
    """
    Write everything that we hold of a person; return how many rows that was.

    :param note: called after each room with the rooms and rows written so far.
    """
    pages: list[RoomPage] = []
    rows = 0
    with zipfile.ZipFile(file, "w", compression=zipfile.ZIP_DEFLATED) as archive:
        for number, room in enumerate(given_rooms(), start=1):
            page = _write_room(archive, room, user)
            pages.append(page)
            rows += sum(table.count for table in page.tables)
            note(number, rows)
        context = {"user": user, "made_at": made_at, "pages": pages, "shown": SHOWN_ROWS}
        archive.writestr("index.html", render_to_string("privacy/archive.html", context))
        archive.writestr("style.css", render_to_string(STYLE))
    return rows


def _write_room(archive: zipfile.ZipFile, room: Room, user: User) -> RoomPage:
    page = RoomPage(room.label, f"data/{room.name}.json")
    tables = [table for table in room.tables if table.title]
    with archive.open(page.file, "w", force_zip64=True) as out:
        out.write(json.dumps({"about": room.label})[:-1].encode() + b', "tables": {')
        for place, table in enumerate(tables):
            shown = TablePage(table.title, [_heading(column) for column in table.columns])
            page.tables.append(shown)
            out.write((b"," if place else b"") + b"\n" + json.dumps(table.title).encode() + b": [")
            for row in _rows(table, user):
                line = {column: _value(row, column) for column in table.columns}
                line |= {
                    f"{column}_in_this_archive": name for column, name, _stored, _storage in _files(room, table, row)
                }
                text = json.dumps(line, ensure_ascii=False, default=str)
                out.write((b"," if shown.count else b"") + b"\n  " + text.encode())
                shown.count += 1
                if shown.count <= SHOWN_ROWS:
                    shown.rows.append([_readable(line[column]) for column in table.columns])
            out.write(b"\n]")
        out.write(b"\n}}\n")
    for table in tables:
        if table.files:
            _copy_files(archive, room, table, user)
    return page


def _rows(table: Personal, user: User) -> Iterator[models.Model]:
    rows = table.given_rows(user)
    related = _relations(table.table(), table.columns)
    return iter((rows.select_related(*related) if related else rows).iterator(chunk_size=CHUNK))


def _relations(model: type[models.Model], columns: tuple[str, ...]) -> list[str]:
    """Return the relations that the columns follow, so that they are read together with the rows."""
    found = set()
    for column in columns:
        at, way = model, []
        for part in column.split("__")[:-1]:
            try:
                relation = at._meta.get_field(part)
            except FieldDoesNotExist:
                break
            if not relation.is_relation or relation.related_model is None:
                break
            way.append(part)
            at = relation.related_model
        if way:
            found.add("__".join(way))
    return sorted(found)


def _value(row: Any, column: str) -> Any:
    value = row
    for part in column.split("__"):
        value = getattr(value, part, None)
        if value is None:
            return None
    return value.isoformat() if hasattr(value, "isoformat") else value


def _files(room: Room, table: Personal, row: models.Model) -> list[tuple[str, str, str, Storage]]:
    """Return the files of a row: column, name in the archive, name in the storage, the storage."""
    found = []
    for column in table.files if table.gives_files else ():
        stored = getattr(row, column)
        if stored and stored.storage.exists(stored.name):
            called = str(getattr(row, "original_name", "") or stored.name.rpartition("/")[2])
            safe = re.sub(r"[^\w.\- ]+", "_", called)[-80:].lstrip(". ") or "file"
            found.append((column, f"files/{room.name}/{row.pk}-{safe}", str(stored.name), stored.storage))
    return found


def _copy_files(archive: zipfile.ZipFile, room: Room, table: Personal, user: User) -> None:
    for row in table.given_rows(user).iterator(chunk_size=CHUNK):
        for _column, name, stored, storage in _files(room, table, row):
            with storage.open(stored, "rb") as source, archive.open(name, "w", force_zip64=True) as out:
                while block := source.read(BLOCK):
                    out.write(block)


def _heading(column: str) -> str:
    words = column.replace("__", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _readable(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)[:300]
    return str(value)[:300]
