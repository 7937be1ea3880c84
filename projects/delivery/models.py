"""Exports: accepted work as files that a lab downloads."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models

from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor
from marketplace.kernel.ids import new_public_id
from marketplace.kernel.jobs import Job, JobQuerySet
from projects.delivery.enums import ExportFormat, ExportState
from projects.labs.models import ApiKey, Lab
from projects.listings.models import Project


class ExportQuerySet(JobQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        if isinstance(actor, ApiKey):
            return self.filter(lab_id=actor.lab_id)
        if isinstance(actor, User):
            return self.filter(lab__memberships__user=actor)
        return self.none()


class Export(Job):
    """A snapshot of accepted submissions up to `as_of`, written by a worker in constant memory."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, related_name="exports")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="exports")
    format = models.CharField(max_length=12, choices=ExportFormat, default=ExportFormat.JSONL)
    state = models.CharField(max_length=8, choices=ExportState, default=ExportState.QUEUED)
    as_of = models.DateTimeField()
    file = models.FileField(max_length=200, blank=True)
    rows_total = models.PositiveIntegerField(default=0)
    rows_written = models.PositiveIntegerField(default=0)
    size_bytes = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    asked_by_kind = models.CharField(max_length=20)
    asked_by_ref = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = ExportQuerySet.as_manager()

    def __str__(self) -> str:
        return f"export {self.public_id}"
