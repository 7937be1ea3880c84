"""Exports: accepted work as files that a lab downloads."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor
from marketplace.kernel.ids import new_public_id
from marketplace.kernel.jobs import Job, JobQuerySet
from projects.delivery.enums import ExportFormat, ExportState
from projects.labs.models import ApiKey, Lab
from projects.listings.enums import TaskKind
from projects.listings.models import Project


class ExportQuerySet(JobQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        if isinstance(actor, ApiKey):
            return self.filter(lab_id=actor.lab_id)
        if isinstance(actor, User):
            return self.filter(lab__memberships__user=actor)
        return self.none()

    def to_write(self) -> Self:
        """Exports whose file is still to be written."""
        return self.filter(state=ExportState.QUEUED)


class Export(Job):
    """A snapshot of accepted submissions up to `as_of`, written by a worker in constant memory."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, related_name="exports")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="exports")
    kind = models.CharField(max_length=20, choices=TaskKind)  # one kind a file, so that every row has the same columns
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

    class Meta(Job.Meta):
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=ExportState.READY) | ~Q(sha256="") & ~Q(file="") & Q(ready_at__isnull=False),
                name="ready_export_has_a_file_and_its_fingerprint",
            )
        ]

    def __str__(self) -> str:
        return f"export {self.public_id}"

    @property
    def file_name(self) -> str:
        """The name that the browser saves it under."""
        return f"{self.lab.slug}-{self.kind.lower().replace('_', '-')}-{self.as_of:%Y%m%d-%H%M%S}.jsonl"
