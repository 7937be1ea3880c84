"""Tasks, and the hold that an expert has on one of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor
from marketplace.kernel.ids import new_public_id
from projects.hiring.models import Contract
from projects.labs.enums import REVIEWING_ROLES
from projects.labs.models import ApiKey, Lab
from projects.listings.models import Project
from projects.work.enums import AssignmentState, EventKind, SkipReason, TaskState
from projects.work.models.batches import ROWS_PER_BATCH, Batch


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, actor: Actor) -> Self:
        """The lab's members and keys. An expert sees a task through an assignment only."""
        if isinstance(actor, ApiKey):
            return self.filter(project__lab_id=actor.lab_id)
        if isinstance(actor, User):
            return self.filter(project__lab__memberships__user=actor)
        return self.none()

    def in_order(self) -> Self:
        return self.order_by("position")


class Task(models.Model):
    """
    One piece of work. `open_slots` counts the hand-outs still free; a partial index finds them in order.

    The expert's browser gets `prompt` and never `metadata`, which holds the columns that are for the lab only.
    `position` is the batch's base plus the row, so reading a file twice gives each task the same place.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    # The constraints and indexes below begin with these two keys, so they need no index of their own.
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="tasks", db_index=False)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="tasks", db_index=False)
    external_id = models.CharField(max_length=200)
    content_sha256 = models.CharField(max_length=64)
    prompt = models.JSONField()
    metadata = models.JSONField(default=dict)
    duplicate_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="duplicates", db_index=False
    )
    state = models.CharField(max_length=10, choices=TaskState, default=TaskState.OPEN)
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
                fields=["batch", "position"],
                name="task_claimable",
                condition=Q(state="OPEN", open_slots__gt=0),
            ),
            # By id, not by position: a second index in the claim's order would tempt the planner to walk finished work.
            models.Index(fields=["batch", "id"], name="task_of_batch"),
            models.Index(fields=["project", "content_sha256"], name="task_of_content"),
            models.Index(fields=["duplicate_of"], name="task_duplicates", condition=Q(duplicate_of__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.external_id

    @property
    def row(self) -> int:
        """The number of the row in its file, or of the task in its upload."""
        return self.position % ROWS_PER_BATCH


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

    def corrections_overdue(self, now: datetime) -> Self:
        """Sent back, and the days to correct it are over."""
        return self.filter(state=AssignmentState.RETURNED, due_at__lte=now).order_by("due_at", "pk")

    def reviews_overdue(self, now: datetime) -> Self:
        """Nobody reviewed it in time, and nobody has it open right now."""
        return (
            self.awaiting_review()
            .filter(due_at__lte=now)
            .filter(Q(review_lease_until__isnull=True) | Q(review_lease_until__lte=now))
            .order_by("due_at", "pk")
        )

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
            models.Index(fields=["project", "id"], name="assignment_accepted", condition=Q(state="ACCEPTED")),
            models.Index(fields=["due_at"], name="assignment_due", condition=Q(state__in=["SUBMITTED", "RETURNED"])),
        ]

    def __str__(self) -> str:
        return f"{self.task}, {self.contract.alias}"

    def is_live(self, now: datetime) -> bool:
        """Whether the expert's lease runs."""
        return self.state == AssignmentState.WORKING and self.lease_until > now

    @property
    def is_writable(self) -> bool:
        """Whether the expert may still write the draft: also after the lease, so that nothing is lost."""
        return self.state in {AssignmentState.WORKING, AssignmentState.RELEASED, AssignmentState.RETURNED}


class TaskEvent(models.Model):
    """
    One thing that happened to a task: its history, written in the same transaction as the deed. Append-only.

    `actor_ref` is the public id of a person, or the name of a rule of the product ("silence").
    """

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="events")
    assignment = models.ForeignKey(
        Assignment, on_delete=models.CASCADE, related_name="events", null=True, blank=True, db_index=False
    )
    kind = models.CharField(max_length=12, choices=EventKind)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=20)
    actor_ref = models.CharField(max_length=80)
    words = models.CharField(max_length=300, blank=True, default="")

    def __str__(self) -> str:
        return self.get_kind_display()


class ExpertCursor(models.Model):
    """Where an expert's next claim starts in a batch, so that work already seen costs nothing to pass."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="cursors", db_index=False)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="cursors", db_index=False)
    position = models.BigIntegerField(default=-1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contract", "batch"], name="expert_has_one_cursor_in_a_batch")]

    def __str__(self) -> str:
        return f"cursor at {self.position}"
