"""Batches, tasks, assignments, submissions and reviews."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor
from marketplace.kernel.ids import new_public_id
from marketplace.kernel.jobs import Job, JobQuerySet
from projects.hiring.models import Contract
from projects.labs.enums import REVIEWING_ROLES
from projects.labs.models import ApiKey, Lab
from projects.listings.enums import TaskKind
from projects.listings.models import Project
from projects.work.enums import (
    AssignmentState,
    BatchState,
    ReviewDecision,
    SkipReason,
    TaskState,
)


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


class Batch(Job):
    """
    Tasks that came together. The job columns belong to reading the file: a dry run counts and stages rows,
    `finalize_batch` makes them live. A batch pins its template version.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, related_name="batches")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="batches")
    number = models.PositiveIntegerField()  # B-17 within the project
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=TaskKind)
    template = models.ForeignKey(TaskTemplate, on_delete=models.PROTECT, related_name="batches")
    state = models.CharField(max_length=10, choices=BatchState, default=BatchState.STAGED)
    file = models.FileField(max_length=200, blank=True)
    original_name = models.CharField(max_length=200, blank=True, default="")
    overlap = models.PositiveSmallIntegerField(default=1)
    priority = models.SmallIntegerField(default=0)
    minutes_expected = models.PositiveIntegerField(default=15)
    rows_read = models.PositiveIntegerField(default=0)
    rows_staged = models.PositiveIntegerField(default=0)
    rows_refused = models.PositiveIntegerField(default=0)
    rows_known = models.PositiveIntegerField(default=0)  # external_id already in the project: left untouched
    bytes_read = models.PositiveBigIntegerField(default=0)
    bytes_total = models.PositiveBigIntegerField(default=0)
    created_by_kind = models.CharField(max_length=20)
    created_by_ref = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    live_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = BatchQuerySet.as_manager()

    class Meta(Job.Meta):
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="batch_is_numbered_once_in_its_project"),
            models.CheckConstraint(condition=Q(overlap__gte=1, overlap__lte=9), name="batch_overlap_is_1_to_9"),
        ]

    def __str__(self) -> str:
        return f"B-{self.number} {self.name}"


class BatchRowError(models.Model):
    """A row of the file that was refused, with its number and a sentence. The first thousand are kept."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="row_errors")
    row = models.PositiveIntegerField()
    message = models.CharField(max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "row"], name="batch_row_is_refused_once")]

    def __str__(self) -> str:
        return f"row {self.row}: {self.message}"


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, actor: Actor) -> Self:
        """The lab's members and keys. An expert sees a task through an assignment only."""
        if isinstance(actor, ApiKey):
            return self.filter(project__lab_id=actor.lab_id)
        if isinstance(actor, User):
            return self.filter(project__lab__memberships__user=actor)
        return self.none()


class Task(models.Model):
    """One piece of work. `open_slots` counts the hand-outs still free; a partial index finds them in order."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="tasks")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="tasks")
    external_id = models.CharField(max_length=200)
    content_sha256 = models.CharField(max_length=64)
    prompt = models.JSONField()
    state = models.CharField(max_length=10, choices=TaskState, default=TaskState.STAGED)
    priority = models.SmallIntegerField(default=0)
    position = models.BigIntegerField()
    overlap = models.PositiveSmallIntegerField(default=1)
    open_slots = models.PositiveSmallIntegerField(default=1)
    accepted_count = models.PositiveSmallIntegerField(default=0)
    bad_reports = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()

    objects: ClassVar[Any] = TaskQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "external_id"], name="external_id_is_unique_in_its_project"),
            models.CheckConstraint(condition=Q(open_slots__lte=F("overlap")), name="task_is_never_overfilled"),
        ]
        indexes = [
            models.Index(
                fields=["project", "-priority", "position"],
                name="task_claimable",
                condition=Q(state="OPEN", open_slots__gt=0),
            ),
            models.Index(fields=["batch", "position"], name="task_of_batch"),
        ]

    def __str__(self) -> str:
        return self.external_id


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def visible_to(self, actor: Actor) -> Self:
        """The expert who works on it, and the lab's members once something was submitted."""
        if isinstance(actor, ApiKey):
            return self.filter(task__project__lab_id=actor.lab_id, submitted_at__isnull=False)
        if isinstance(actor, User):
            labs = Lab.objects.visible_to(actor).values("pk")
            return self.filter(
                Q(contract__expert__user=actor) | Q(task__project__lab__in=labs, submitted_at__isnull=False)
            )
        return self.none()

    def of_expert(self, user: User) -> Self:
        return self.filter(contract__expert__user=user)

    def leased_out(self, now: datetime) -> Self:
        """Still marked as being worked on, but the lease has run out."""
        return self.filter(state=AssignmentState.WORKING, lease_until__lte=now).order_by("lease_until", "pk")

    def awaiting_review(self) -> Self:
        return self.filter(state=AssignmentState.SUBMITTED)

    def reviewable_by(self, user: User) -> Self:
        """Submitted work of the labs where this person reviews, never their own."""
        return (
            self.awaiting_review()
            .filter(
                task__project__lab__memberships__user=user,
                task__project__lab__memberships__role__in=sorted(REVIEWING_ROLES),
            )
            .exclude(contract__expert__user=user)
        )

    def with_task(self) -> Self:
        return self.select_related("task__batch__template", "task__project__lab", "contract__expert__user")


class Assignment(models.Model):
    """One expert's hold on one task: the lease, the draft, the time, and how it ended."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="assignments")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="assignments")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="assignments")
    state = models.CharField(max_length=10, choices=AssignmentState, default=AssignmentState.WORKING)
    holds_slot = models.BooleanField(default=True)
    is_late = models.BooleanField(default=False)  # parked: submitted after the slot had gone to somebody else
    claimed_at = models.DateTimeField()
    lease_until = models.DateTimeField()
    heartbeat_at = models.DateTimeField()
    active_seconds = models.PositiveIntegerField(default=0)
    draft = models.JSONField(default=dict)
    draft_version = models.PositiveIntegerField(default=0)
    draft_saved_at = models.DateTimeField(null=True, blank=True)
    rounds = models.PositiveSmallIntegerField(default=0)
    submitted_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)  # of the review, or of the correction
    decided_at = models.DateTimeField(null=True, blank=True)
    skip_reason = models.CharField(max_length=20, choices=SkipReason, blank=True, default="")
    skip_note = models.TextField(max_length=1000, blank=True, default="")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="review_leases"
    )
    review_lease_until = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = AssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "contract"], name="task_goes_to_an_expert_once"),
            models.UniqueConstraint(
                fields=["contract"], condition=Q(state="WORKING"), name="expert_holds_one_live_lease_per_project"
            ),
            models.CheckConstraint(
                condition=~Q(state=AssignmentState.SKIPPED) | ~Q(skip_reason=""), name="skipped_task_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["lease_until"], name="assignment_lease", condition=Q(state="WORKING")),
            models.Index(fields=["project", "due_at"], name="assignment_in_review", condition=Q(state="SUBMITTED")),
        ]

    def __str__(self) -> str:
        return f"{self.task}, {self.contract.alias}"


class Submission(models.Model):
    """One immutable revision of an answer. `key` is the browser's idempotency key of the submit."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="submissions")
    revision = models.PositiveSmallIntegerField()
    answer = models.JSONField()
    active_seconds = models.PositiveIntegerField(default=0)
    key = models.UUIDField(unique=True)
    submitted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assignment", "revision"], name="submission_revision_is_numbered_once")
        ]

    def __str__(self) -> str:
        return f"revision {self.revision}"


class Review(models.Model):
    """What a reviewer decided on one submission. Without a reviewer it is the rule "silence accepts"."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="review")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decision = models.CharField(max_length=10, choices=ReviewDecision)
    comment = models.TextField(max_length=4000, blank=True, default="")
    field_comments = models.JSONField(default=list)  # [{"field": "verdict", "text": "..."}]
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decision=ReviewDecision.ACCEPT) | ~Q(comment=""), name="review_that_is_no_yes_says_why"
            ),
            models.CheckConstraint(
                condition=Q(decision=ReviewDecision.ACCEPT) | Q(reviewer__isnull=False),
                name="only_a_person_sends_back_or_rejects",
            ),
        ]

    def __str__(self) -> str:
        return self.get_decision_display()


class ExpertCursor(models.Model):
    """Where an expert's next claim starts in a project's queue, so that finished work costs nothing to pass."""

    contract = models.OneToOneField(Contract, on_delete=models.CASCADE, related_name="cursor", primary_key=True)
    priority = models.SmallIntegerField(default=32767)
    position = models.BigIntegerField(default=-1)

    def __str__(self) -> str:
        return f"cursor at {self.position}"
