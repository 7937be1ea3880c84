"""
The idempotency layer of API v1: the first answer is saved once execution has begun, 4xx and 500 included, and is
replayed to the same key with the same parameters until it is pruned after 24 hours (docs.stripe.com/api/idempotent_requests).

API v2 keeps keys for 30 days and does not save a 5xx: failed work is tried again.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from payments.gateway.simulator.errors import key_in_use, key_mismatch
from payments.gateway.simulator.store import Body, Tables

KEPT_SECONDS = {"v1": 24 * 3_600, "v2": 30 * 24 * 3_600}


def fingerprint(params: Any) -> str:
    """Return the hash of a request's parameters, the same for any order of the fields."""
    return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Saved:
    """The answer kept under a key."""

    status: int
    body: Body
    headers: dict[str, str]
    request_id: str


def recall(tables: Tables, *, scope: str, key: str, endpoint: str, request: str, version: str) -> Saved | None:
    """
    Return the saved answer, or None when the key is new or has been pruned.

    :raises ApiError: idempotency_error, if the key was used for another request.
    """
    row = tables.sql(
        "SELECT endpoint, fingerprint, status, body, headers, request_id, created FROM idempotency "
        "WHERE scope = ? AND key = ?",
        (scope, key),
    ).fetchone()
    if row is None or row[6] + KEPT_SECONDS[version] <= tables.time():
        return None
    if row[0] != endpoint:
        raise key_mismatch(key, other_endpoint=True)
    if row[1] != request:
        raise key_mismatch(key)
    return Saved(row[2], json.loads(row[3]), json.loads(row[4]), row[5])


def save(tables: Tables, answer: Saved, *, scope: str, key: str, endpoint: str, request: str) -> None:
    """Keep an answer; a pruned one under the same key is replaced."""
    tables.sql(
        "INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (scope, key, endpoint, request, answer.status, json.dumps(answer.body), json.dumps(answer.headers),
         answer.request_id, tables.time()),
    )  # fmt: skip


@dataclass
class InProgress:
    """The keys whose requests are being worked on in this process; a restart forgets them, as it must."""

    _keys: set[tuple[str, str]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def hold(self, scope: str, key: str) -> Iterator[None]:
        """
        Hold a key for the time of a request.

        :raises ApiError: 409 idempotency_key_in_use, if another request holds it.
        """
        with self._lock:
            if (scope, key) in self._keys:
                raise key_in_use(key)
            self._keys.add((scope, key))
        try:
            yield
        finally:
            with self._lock:
                self._keys.discard((scope, key))
