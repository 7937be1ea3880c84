"""The offset of the business clock of a development stack: one row."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class BusinessClock(models.Model):
    """How far the business clock stands from the real one. Read only with DEBUG on."""

    offset_seconds = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="there_is_one_business_clock")]

    def __str__(self) -> str:
        return f"{self.offset_seconds} s"


class WorldStage(models.Model):
    """A part of the demonstration world that was begun, and when it was whole."""

    name = models.CharField(max_length=40, unique=True)
    begun_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name
