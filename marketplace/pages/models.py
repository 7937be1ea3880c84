"""What the health page remembers: when each sweep last ran."""

from __future__ import annotations

from django.db import models


class SweepRecord(models.Model):
    """The last run of one sweep. `/readyz` turns red when the newest is older than three minutes."""

    name = models.CharField(max_length=80, unique=True)
    last_run_at = models.DateTimeField()
    touched = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return self.name
