"""States of a copy of one's data and of a request to be erased, with their tables of moves."""

from __future__ import annotations

from datetime import timedelta

from django.db import models

from marketplace.kernel.states import register_moves


class CopyState(models.TextChoices):
    """A copy of everything that we hold of a person."""

    QUEUED = "QUEUED", "Being put together"
    READY = "READY", "Ready"
    FAILED = "FAILED", "Failed"
    EXPIRED = "EXPIRED", "Deleted again"


COPY_MOVES = register_moves(
    "copy of one's data",
    {
        CopyState.QUEUED: frozenset({CopyState.READY, CopyState.FAILED}),
        CopyState.READY: frozenset({CopyState.EXPIRED}),
        CopyState.FAILED: frozenset({CopyState.QUEUED}),
        CopyState.EXPIRED: frozenset(),
    },
)
COPY_LIFETIME = timedelta(days=7)


class ErasureState(models.TextChoices):
    """A request to be erased. From ERASING on there is no way back."""

    COOLING = "COOLING", "Waiting, can be taken back"
    BLOCKED = "BLOCKED", "Something must happen first"
    ERASING = "ERASING", "Being erased"
    DONE = "DONE", "Erased"
    CANCELLED = "CANCELLED", "Taken back"


ERASURE_MOVES = register_moves(
    "request to be erased",
    {
        ErasureState.COOLING: frozenset({ErasureState.ERASING, ErasureState.BLOCKED, ErasureState.CANCELLED}),
        ErasureState.BLOCKED: frozenset({ErasureState.ERASING, ErasureState.CANCELLED}),
        ErasureState.ERASING: frozenset({ErasureState.DONE}),
        ErasureState.DONE: frozenset({ErasureState.ERASING}),
        ErasureState.CANCELLED: frozenset(),
    },
)
OPEN_ERASURE_STATES = frozenset({ErasureState.COOLING, ErasureState.BLOCKED, ErasureState.ERASING})
TAKEN_BACK_FROM = frozenset({ErasureState.COOLING, ErasureState.BLOCKED})
LOOK_AGAIN_AFTER = timedelta(days=1)
"""When a blocked request looks again whether what must happen first has happened."""
