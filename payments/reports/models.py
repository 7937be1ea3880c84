"""What the proofs of the books said when they were last run."""

from __future__ import annotations

from django.db import models


class InvariantCheck(models.Model):
    """The last result of one registered invariant; `violations` is empty when it is green."""

    name = models.CharField(max_length=120, unique=True)
    checked_at = models.DateTimeField()
    took_ms = models.PositiveIntegerField(default=0)
    violations = models.JSONField(default=list)  # sentences

    def __str__(self) -> str:
        return f"{self.name}: {'red' if self.violations else 'green'}"

    @property
    def is_green(self) -> bool:
        return not self.violations
