"""Writing many rows of a register at once, and counting what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from psycopg2.extras import Json, execute_values

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
    Insert or update rows in one statement. Needs an open transaction.

    The last of two rows with one key wins, as in a file that is read to its end.
    """
    table = model._meta.model_name or ""
    key = KEYS[table]
    by_key = {values[key]: values for values in rows}
    if not by_key:
        return Tally()
    columns = list(next(iter(by_key.values())))  # Readers name the columns themselves, "entry_id" for a link.
    values = [
        (*(Json(value) if isinstance(value, list) else value for value in row.values()), seen_in.pk, seen_in.pk)
        for row in by_key.values()
    ]
    with connection.cursor() as cursor, connection.wrap_database_errors:
        found = execute_values(
            cursor.cursor, _statement(model, key, columns), values, page_size=len(values), fetch=True
        )
    new = sum(is_new for is_new, _is_changed in found)
    changed = sum(is_changed and not is_new for is_new, is_changed in found)
    return Tally(new=new, changed=changed, same=len(found) - new - changed)


def _statement(model: type[RegistryRow], key: str, columns: Sequence[str]) -> str:
    """Return the statement. Its names come from our models, never from a file."""
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
        f"INSERT INTO {table} AS t ({names}, seen_in_id, changed_in_id) VALUES %s "  # noqa: S608
        f"ON CONFLICT ({quote(key)}) DO UPDATE SET {changes}, seen_in_id = excluded.seen_in_id, gone_in_id = NULL, "
        f"changed_in_id = CASE WHEN ({before}) IS DISTINCT FROM ({after}) OR t.gone_in_id IS NOT NULL "
        "THEN excluded.seen_in_id ELSE t.changed_in_id END "
        "RETURNING (xmax = 0), (changed_in_id = seen_in_id)"
    )
