"""Writing many rows of a register at once, and counting what became of them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from experts.registries.models import RegistryImport, RegistryRow

KEYS = {
    "nppesprovider": "number",
    "fideplayer": "number",
    "sanctionentry": "ent_num",
    "sanctionalias": "alt_num",
    "sanctionaddress": "add_num",
}
"""By which column each table knows a row again."""

KEPT = {"nppesprovider": ("last_name", "first_name", "middle_name")}
"""Columns that keep what they held when a newer list has nothing there: a deactivated NPI comes without its name."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows of a batch were new, said something else than before, or said the same."""

    new: int = 0
    changed: int = 0
    same: int = 0


def upsert(model: type[RegistryRow], rows: Sequence[dict[str, Any]], *, seen_in: RegistryImport) -> Tally:
    """
    Insert or update rows: copied into a table of this session first, then taken over in one statement. Needs an open
    transaction.

    The last of two rows with one key wins, as in a file that is read to its end.
    """
    key = KEYS[model._meta.model_name or ""]
    by_key = {values[key]: values for values in rows}
    if not by_key:
        return Tally()
    columns = list(next(iter(by_key.values())))  # Readers name the columns themselves, "entry_id" for a link.
    quote = connection.ops.quote_name
    names = ", ".join(quote(column) for column in columns)
    staged, table = quote(f"staged_{model._meta.db_table}"), quote(model._meta.db_table)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.execute(
            f"CREATE TEMP TABLE IF NOT EXISTS {staged} ON COMMIT DELETE ROWS AS "  # noqa: S608 -- names of ours
            f"SELECT {names} FROM {table} WITH NO DATA"
        )
        cursor.execute(f"TRUNCATE {staged}")
        cursor.cursor.copy_expert(f"COPY {staged} ({names}) FROM STDIN", _lines(by_key.values()))
        cursor.execute(_statement(model, key, columns, staged), [seen_in.pk, seen_in.pk])
        total, new, changed = cursor.fetchone()
    return Tally(new=new, changed=changed, same=total - new - changed)


ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _lines(rows: Iterable[dict[str, Any]]) -> io.StringIO:
    """Return rows in the text format of COPY."""
    return io.StringIO("".join("\t".join(map(_text, row.values())) + "\n" for row in rows))


def _text(value: Any) -> str:
    if value is None:
        return "\\N"
    text = json.dumps(value) if isinstance(value, list) else str(value)
    return text.translate(ESCAPES)


def _statement(model: type[RegistryRow], key: str, columns: Sequence[str], staged: str) -> str:
    """Return the statement. Its names come from our models and readers, never from a file."""
    quote = connection.ops.quote_name
    table, kept = quote(model._meta.db_table), KEPT.get(model._meta.model_name or "", ())
    facts = [column for column in columns if column != key]

    def newest(column: str) -> str:
        name = quote(column)
        return f"COALESCE(NULLIF(excluded.{name}, ''), t.{name})" if column in kept else f"excluded.{name}"

    before = ", ".join(f"t.{quote(column)}" for column in facts)
    after = ", ".join(newest(column) for column in facts)
    changes = ", ".join(f"{quote(column)} = {newest(column)}" for column in facts)
    names = ", ".join(quote(column) for column in columns)
    return (
        f"WITH taken AS (INSERT INTO {table} AS t ({names}, seen_in_id, changed_in_id) "  # noqa: S608
        f"SELECT {names}, %s, %s FROM {staged} "
        f"ON CONFLICT ({quote(key)}) DO UPDATE SET {changes}, seen_in_id = excluded.seen_in_id, gone_in_id = NULL, "
        f"changed_in_id = CASE WHEN ({before}) IS DISTINCT FROM ({after}) OR t.gone_in_id IS NOT NULL "
        "THEN excluded.seen_in_id ELSE t.changed_in_id END "
        "RETURNING (xmax = 0) AS is_new, (changed_in_id = seen_in_id) AS is_changed) "
        "SELECT count(*), count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE is_changed AND NOT is_new) FROM taken"
    )
