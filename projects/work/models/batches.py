"""Batches of tasks, and the immutable template version that each one pins."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor
from marketplace.kernel.ids import new_public_id
from marketplace.kernel.jobs import Job, JobQuerySet, JobState
from projects.labs.models import ApiKey, Lab
from projects.listings.enums import TaskKind
from projects.listings.models import Project
from projects.work.enums import BatchState

ROWS_PER_BATCH = 2**32
"""Positions of batch n in its project lie between n and n + 1 times this."""


class TaskTemplate(models.Model):
    """One immutable version of how a kind of task looks in a project: instructions and options."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="task_templates")
    kind = models.CharField(max_length=20, choices=TaskKind)
    version = models.PositiveIntegerField()
    instructions = models.TextField(max_length=20000, blank=True, default="")
    options = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "kind", "version"], name="task_template_version_is_numbered_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, version {self.version}"


class BatchQuerySet(JobQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        if isinstance(actor, ApiKey):
            return self.filter(lab_id=actor.lab_id)
        if isinstance(actor, User):
            return self.filter(lab__memberships__user=actor)
        return self.none()

    def with_file_work(self) -> Self:
        """Batches whose file a worker reads, or whose staged tasks it clears after a cancellation."""
        return self.filter(
            Q(state=BatchState.STAGED) | Q(state=BatchState.CANCELLED, live_at__isnull=True),
            job_state__in=[JobState.QUEUED, JobState.RUNNING],
        )

    def live(self) -> Self:
        return self.filter(state=BatchState.LIVE)

    def with_template(self) -> Self:
        return self.select_related("lab", "project", "template")


class Batch(Job):
    """
    Tasks that came together. The job columns belong to reading the file: a dry run counts and stages rows,
    `finalize_batch` makes them live. A batch pins its template version.

    `mapping` says what each column of the file becomes: a part of the prompt, a fact that the expert sees, or
    metadata for the lab only. `rows_read` and `bytes_read` are the checkpoint from which reading goes on.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, related_name="batches")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="batches")
    number = models.PositiveIntegerField()  # B-17 within the project
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=TaskKind)
    template = models.ForeignKey(TaskTemplate, on_delete=models.PROTECT, related_name="batches")
    state = models.CharField(max_length=10, choices=BatchState, default=BatchState.DRAFT)
    file = models.FileField(max_length=200, blank=True)
    file_format = models.CharField(max_length=8, blank=True, default="")  # "csv", "jsonl"; empty: filled by the API
    original_name = models.CharField(max_length=200, blank=True, default="")
    mapping = models.JSONField(default=dict, blank=True)
    overlap = models.PositiveSmallIntegerField(default=1)
    priority = models.SmallIntegerField(default=0)
    minutes_expected = models.PositiveIntegerField(default=15)
    rows_read = models.PositiveIntegerField(default=0)
    rows_staged = models.PositiveIntegerField(default=0)
    rows_refused = models.PositiveIntegerField(default=0)
    rows_known = models.PositiveIntegerField(default=0)  # external_id already in the project: left untouched
    rows_changed = models.PositiveIntegerField(default=0)  # known, and the file has another content than we do
    rows_duplicate = models.PositiveIntegerField(default=0)  # new external_id, same content: set aside
    read_problem = models.CharField(max_length=300, blank=True, default="")  # why reading stopped early
    bytes_read = models.PositiveBigIntegerField(default=0)
    bytes_total = models.PositiveBigIntegerField(default=0)
    created_by_kind = models.CharField(max_length=20)
    created_by_ref = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    live_at = models.DateTimeField(null=True, blank=True)
    tasks_total = models.PositiveIntegerField(default=0)
    tasks_done = models.PositiveIntegerField(default=0)
    tasks_blocked = models.PositiveIntegerField(default=0)
    tasks_cancelled = models.PositiveIntegerField(default=0)

    objects: ClassVar[Any] = BatchQuerySet.as_manager()

    class Meta(Job.Meta):
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="batch_is_numbered_once_in_its_project"),
            models.CheckConstraint(
                condition=Q(tasks_total__gte=F("tasks_done") + F("tasks_blocked") + F("tasks_cancelled")),
                name="batch_counts_no_task_twice",
            ),
            models.CheckConstraint(condition=Q(overlap__gte=1, overlap__lte=9), name="batch_overlap_is_1_to_9"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def code(self) -> str:
        """How people call the batch: "B-17"."""
        return f"B-{self.number}"

    @property
    def position_base(self) -> int:
        """What the row number is added to for a task's position."""
        return self.number * ROWS_PER_BATCH

    @property
    def tasks_left(self) -> int:
        return self.tasks_total - self.tasks_done - self.tasks_cancelled


class BatchRowError(models.Model):
    """A row of the file that was refused, with its number and a sentence. The first thousand are kept."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="row_errors")
    row = models.PositiveIntegerField()
    message = models.CharField(max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "row"], name="batch_row_is_refused_once")]

    def __str__(self) -> str:
        return f"row {self.row}: {self.message}"
