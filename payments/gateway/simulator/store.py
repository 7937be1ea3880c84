"""
The SQLite file behind the stand-in.

One table holds every API object as JSON, in the order in which they were made; the others hold balances, keys,
deliveries, faults and the log of calls. WAL mode and one transaction for a call's effect and its saved answer: after
kill -9 both are there or neither.
"""

from __future__ import annotations

import json
import queue
import secrets
import sqlite3
import string
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Body = dict[str, Any]

ALPHABET = string.ascii_letters + string.digits
PLATFORM = "acct_preceptor"

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS object (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, account TEXT NOT NULL,
    created INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS object_by_kind ON object (account, kind, seq);
CREATE INDEX IF NOT EXISTS object_by_group ON object (json_extract(body, '$.transfer_group'), kind, seq);
CREATE INDEX IF NOT EXISTS object_open_session ON object (json_extract(body, '$._due_at'))
    WHERE json_extract(body, '$._due_at') IS NOT NULL;
CREATE TABLE IF NOT EXISTS balance (
    account TEXT NOT NULL, currency TEXT NOT NULL, source_type TEXT NOT NULL, available INTEGER NOT NULL,
    PRIMARY KEY (account, currency, source_type));
CREATE TABLE IF NOT EXISTS pending (
    txn TEXT PRIMARY KEY, account TEXT NOT NULL, currency TEXT NOT NULL, source_type TEXT NOT NULL,
    net INTEGER NOT NULL, available_on INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS pending_due ON pending (available_on);
CREATE TABLE IF NOT EXISTS idempotency (
    scope TEXT NOT NULL, key TEXT NOT NULL, endpoint TEXT NOT NULL, fingerprint TEXT NOT NULL, status INTEGER NOT NULL,
    body TEXT NOT NULL, headers TEXT NOT NULL, request_id TEXT NOT NULL, created REAL NOT NULL,
    PRIMARY KEY (scope, key));
CREATE TABLE IF NOT EXISTS delivery (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, type TEXT NOT NULL, thin INTEGER NOT NULL,
    connect INTEGER NOT NULL, payload TEXT NOT NULL, state TEXT NOT NULL, not_before REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    last_status INTEGER, note TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (not_before, seq) WHERE state IN ('waiting', 'held');
CREATE TABLE IF NOT EXISTS fault (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, rule TEXT NOT NULL, seen INTEGER NOT NULL DEFAULT 0,
    fired INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS call (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, method TEXT NOT NULL, path TEXT NOT NULL, key TEXT, status INTEGER NOT NULL,
    replayed INTEGER NOT NULL, fault TEXT NOT NULL DEFAULT '', at REAL NOT NULL);
"""
STATE_TABLES = ("object", "balance", "pending", "idempotency", "delivery", "fault", "call", "meta")


def new_id(prefix: str, length: int = 24) -> str:
    """Return a fresh id such as "tr_1Qx…", as unguessable as Stripe's."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(length))


class Tables:
    """One open transaction on the file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.sql = connection.execute

    # -- settings ------------------------------------------------------------------------------------------------
    def meta(self, name: str, default: str = "") -> str:
        row = self.sql("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else default

    def set_meta(self, name: str, value: str) -> None:
        self.sql(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", (name, value)
        )

    def time(self) -> float:
        """Return the stand-in's own time: real seconds since 1970 plus the offset it was told."""
        return time.time() + float(self.meta("clock_offset", "0"))

    # -- objects -------------------------------------------------------------------------------------------------
    def add(self, kind: str, body: Body, *, account: str = PLATFORM, created: int) -> Body:
        """Store a new object under its id."""
        self.sql(
            "INSERT INTO object (id, kind, account, created, body) VALUES (?, ?, ?, ?, ?)",
            (body["id"], kind, account, created, json.dumps(body)),
        )
        return body

    def save(self, body: Body) -> Body:
        """Write an object back; its body carries its id."""
        self.sql("UPDATE object SET body = ? WHERE id = ?", (json.dumps(body), body["id"]))
        return body

    def find(self, object_id: str, *kinds: str) -> Body | None:
        """Return the object with this id, if it is of one of these kinds (any kind when none is named)."""
        row = self.sql("SELECT kind, body FROM object WHERE id = ?", (object_id,)).fetchone()
        if row is None or (kinds and row[0] not in kinds):
            return None
        return dict(json.loads(row[1]))

    def need(self, object_id: str) -> Body:
        """
        Return the object with this id, which must be there.

        :raises KeyError: if it is not; then the file is damaged.
        """
        body = self.find(object_id)
        if body is None:
            raise KeyError(object_id)
        return body

    def owner(self, object_id: str) -> str:
        """Return the account an object belongs to."""
        return str(self.sql("SELECT account FROM object WHERE id = ?", (object_id,)).fetchone()[0])

    def select(self, where: str, values: tuple[Any, ...], *, order: str = "seq", limit: int = -1) -> list[Body]:
        """Return the objects that meet a condition of our own making (never of a caller's)."""
        query = f"SELECT body FROM object WHERE {where} ORDER BY {order} LIMIT ?"  # noqa: S608 -- our own conditions
        rows = self.sql(query, (*values, limit))
        return [json.loads(row[0]) for row in rows]


class Store:
    """The file: a few pooled connections, many readers, one writer at a time."""

    def __init__(self, path: Path | str) -> None:
        self.path = str(path)
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self._writing = threading.Lock()
        with self._connection() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(SCHEMA)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            connection = sqlite3.connect(self.path, timeout=15, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA synchronous = NORMAL")
        try:
            yield connection
        finally:
            self._idle.put(connection)

    @contextmanager
    def read(self) -> Iterator[Tables]:
        """Open a snapshot for reading."""
        with self._connection() as connection:
            connection.execute("BEGIN")
            try:
                yield Tables(connection)
            finally:
                connection.execute("ROLLBACK")

    @contextmanager
    def write(self) -> Iterator[Tables]:
        """Open a transaction that commits when the block ends and is undone when it raises."""
        with self._writing, self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Tables(connection)
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def reset(self) -> None:
        """Forget everything, the clock's offset too."""
        with self.write() as tables:
            for table in STATE_TABLES:
                tables.sql(f"DELETE FROM {table}")  # noqa: S608 -- our own names

    def close(self) -> None:
        """Close the pooled connections."""
        while not self._idle.empty():
            self._idle.get_nowait().close()
