"""
The list of those who were erased, outside of the database: one line of JSON each, only ever appended to.

A restored backup has forgotten who asked to be forgotten; this file has not. It holds opaque ids, a time, and a keyed hash
over both, so that nobody can have somebody erased by writing a line.
"""

from __future__ import annotations

import fcntl
import hmac
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from marketplace.kernel.crypto import hash_key_id, hash_key_ids, keyed_hash

PURPOSE = "erasure list"
logger = logging.getLogger(__name__)


class Unreadable(Exception):
    """A line of the list that cannot be trusted; the message says which, and what to do."""


@dataclass(frozen=True, slots=True)
class Line:
    """One person who was erased."""

    account: UUID
    at: datetime


def remember(account: UUID, at: datetime) -> None:
    """
    Append a person to the list, and return only when the disk has it. Twice is once.

    Without a configured list nothing is written, and the log says so; `manage.py check` warns of it in production.
    """
    if not settings.ERASURE_LIST:
        logger.warning("privacy.no_erasure_list", extra={"account": str(account)})
        return
    path = Path(settings.ERASURE_LIST)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # Two workers append one after the other.
        file.seek(0)
        text = file.read()
        if f'"{account}"' in text:
            return
        file.write(("" if not text or text.endswith("\n") else "\n") + _line(account, at) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _line(account: UUID, at: datetime) -> str:
    facts = {"account": str(account), "at": at.isoformat(), "key": hash_key_id()}
    return json.dumps(facts | {"seal": _seal(facts)})


def _seal(facts: dict[str, str]) -> str:
    return keyed_hash(f"{facts['account']}|{facts['at']}", purpose=PURPOSE, key_id=facts["key"])


def read() -> Iterator[Line]:
    """
    Give everybody on the list, in the order in which they were erased; each once.

    :raises Unreadable: at the first line that was not written by us.
    """
    path = Path(settings.ERASURE_LIST or os.devnull)
    if not path.exists():
        return
    seen = set()
    with path.open(encoding="utf-8") as file:
        for number, text in enumerate(file, start=1):
            if not text.strip():
                continue
            line = _read_line(number, text)
            if line.account not in seen:
                seen.add(line.account)
                yield line


def _read_line(number: int, text: str) -> Line:
    try:
        facts = {name: str(value) for name, value in json.loads(text).items()}
        line = Line(UUID(facts["account"]), datetime.fromisoformat(facts["at"]))
        key, seal = facts["key"], facts["seal"]
    except (ValueError, KeyError, AttributeError) as error:
        raise Unreadable(f"Line {number} of the erasure list is not whole.") from error
    if key not in hash_key_ids():
        raise Unreadable(
            f"Line {number} was sealed with the key {key}. Put it back at the end of IDENTIFIER_HASH_KEYS."
        )
    if not hmac.compare_digest(seal, _seal(facts)):
        raise Unreadable(f"Line {number} of the erasure list was not written by this product. Nobody is erased by it.")
    return line
