"""States and formats of an export."""

from __future__ import annotations

from django.db import models

from marketplace.kernel.states import register_moves


class ExportFormat(models.TextChoices):
    JSONL = "JSONL", "JSON Lines, one object per accepted submission"


class ExportState(models.TextChoices):
    QUEUED = "QUEUED", "Queued"
    READY = "READY", "Ready"
    FAILED = "FAILED", "Failed"


EXPORT_MOVES = register_moves(
    "export",
    {
        ExportState.QUEUED: frozenset({ExportState.READY, ExportState.FAILED}),
        ExportState.READY: frozenset(),
        ExportState.FAILED: frozenset({ExportState.QUEUED}),  # tried again by us after the cause was repaired
    },
)
