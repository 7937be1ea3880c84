"""What experts hand in and what reviewers decide. Rows of both are never changed; triggers see to it."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from marketplace.accounts.models import User
from marketplace.kernel.ids import new_public_id
from projects.work.enums import RejectCode, ReviewDecision
from projects.work.models.tasks import Assignment


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def of_expert(self, user: User) -> Self:
        return self.filter(assignment__contract__expert__user=user)


class Submission(models.Model):
    """One immutable revision of an answer. `key` is the browser's idempotency key of the submit."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="submissions")
    revision = models.PositiveSmallIntegerField()
    answer = models.JSONField()
    active_seconds = models.PositiveIntegerField(default=0)
    key = models.UUIDField(unique=True)
    submitted_at = models.DateTimeField()

    objects: ClassVar[Any] = SubmissionQuerySet.as_manager()

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
    reject_code = models.CharField(max_length=12, choices=RejectCode, blank=True, default="")
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
            models.CheckConstraint(
                condition=Q(decision=ReviewDecision.REJECT) & ~Q(reject_code="")
                | ~Q(decision=ReviewDecision.REJECT) & Q(reject_code=""),
                name="review_that_rejects_has_a_code",
            ),
        ]

    def __str__(self) -> str:
        return self.get_decision_display()
