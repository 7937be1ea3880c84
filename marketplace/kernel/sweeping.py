"""One round of a sweep over many rows: a row that fails is logged and does not stop the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

Key = TypeVar("Key")
logger = logging.getLogger(__name__)


def each(keys: Iterable[Key], act: Callable[[Key], bool], *, sweep: str) -> int:
    """
    Call `act` with each key, in a transaction of its own; return how many times it did something.

    :raises Exception: the first error, once every key had its turn, so that /readyz tells of it.
    """
    done = 0
    first: Exception | None = None
    for key in keys:
        try:
            done += bool(act(key))
        except Exception as problem:
            logger.exception("sweep.row_failed", extra={"sweep": sweep, "key": str(key)})
            first = first or problem
    if first is not None:
        raise first
    return done
