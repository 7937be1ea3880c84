"""What is asked of an expert, and their attempts with the answers in them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from experts.assessments.enums import (
    EXTRA_TIME,
    FULL_BPS,
    GRACE,
    LONGEST_PAUSE,
    OPEN_ATTEMPT_STATES,
    UNPAID_MINUTES,
    AttemptState,
    ClosedBy,
)
from experts.assessments.models.bank import Assessment, AssessmentVersion, QuestionVersion
from experts.profiles.models import Expert, Field
from marketplace.accounts.models import User
from marketplace.kernel.ids import new_public_id


class OwnedQuerySet(models.QuerySet[Any]):
    """Rows of one expert."""

    def visible_to(self, user: User) -> Self:
        """The expert themselves. Staff meet answers through blind scripts, and results through cases."""
        return self.filter(expert__user=user)


class AskQuerySet(OwnedQuerySet):
    def open(self) -> Self:
        return self.filter(closed_at__isnull=True)


class Ask(models.Model):
    """
    What one case or application asks of an expert, with the unpaid minutes counted.

    Who asks is a pair of kind and public id, because cases and applications live in rooms above this one.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="asks")
    field = models.ForeignKey(Field, on_delete=models.PROTECT, related_name="+")
    purpose_kind = models.CharField(max_length=12)
    purpose_ref = models.UUIDField()
    unpaid_minutes = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = AskQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purpose_kind", "purpose_ref"], name="a_case_asks_in_one_place"),
            models.CheckConstraint(
                condition=Q(unpaid_minutes__lte=UNPAID_MINUTES), name="one_case_asks_at_most_30_unpaid_minutes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose_kind} {self.purpose_ref}"


class AttemptQuerySet(OwnedQuerySet):
    def open(self) -> Self:
        return self.filter(state__in=sorted(OPEN_ATTEMPT_STATES))

    def scored(self) -> Self:
        return self.filter(state=AttemptState.SCORED)

    def overdue(self, now: datetime) -> Self:
        """Whose time and grace are over, or whose pause was too long."""
        running = Q(state=AttemptState.RUNNING, deadline_at__lt=now - GRACE)
        paused = Q(state=AttemptState.PAUSED, paused_at__lt=now - LONGEST_PAUSE)
        return self.filter(running | paused).order_by("pk")


class Attempt(models.Model):
    """
    One try at an assessment. The deadline is set by the server when it begins, and nothing a browser says moves it.

    While it is paused the clock stands: `left_seconds` is what was left when the pause began.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="attempts")
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="attempts")
    version = models.ForeignKey(AssessmentVersion, on_delete=models.PROTECT, related_name="+")
    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=AttemptState, default=AttemptState.RUNNING)
    seed = models.BigIntegerField()
    counted_minutes = models.PositiveSmallIntegerField(default=0)  # of the unpaid minutes of the ask
    extra_time = models.PositiveSmallIntegerField(default=0)  # percent, granted before it began
    may_pause = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True, blank=True)
    left_seconds = models.PositiveIntegerField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=6, choices=ClosedBy, blank=True, default="")
    scored_at = models.DateTimeField(null=True, blank=True)
    score_bps = models.PositiveIntegerField(null=True, blank=True)
    has_passed = models.BooleanField(null=True, blank=True)

    objects: ClassVar[Any] = AttemptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["expert", "assessment"],
                condition=Q(state__in=sorted(OPEN_ATTEMPT_STATES)),
                name="expert_has_one_open_attempt_per_assessment",
            ),
            models.UniqueConstraint(
                fields=["expert", "assessment", "number"], name="attempt_at_an_assessment_has_its_own_number"
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(OPEN_ATTEMPT_STATES), closed_at__isnull=True)
                | Q(state__in=["SCORING", "SCORED"], closed_at__isnull=False) & ~Q(closed_by=""),
                name="closed_attempt_says_when_and_why",
            ),
            models.CheckConstraint(
                condition=Q(state=AttemptState.SCORED, score_bps__isnull=False, has_passed__isnull=False)
                | ~Q(state=AttemptState.SCORED) & Q(score_bps__isnull=True, has_passed__isnull=True),
                name="only_a_scored_attempt_has_a_score",
            ),
            models.CheckConstraint(
                condition=Q(score_bps__isnull=True) | Q(score_bps__lte=FULL_BPS), name="score_is_a_share_of_all_points"
            ),
            models.CheckConstraint(
                condition=Q(state=AttemptState.PAUSED, paused_at__isnull=False, left_seconds__isnull=False)
                | ~Q(state=AttemptState.PAUSED),
                name="paused_attempt_knows_what_is_left",
            ),
            models.CheckConstraint(condition=Q(deadline_at__gt=F("started_at")), name="attempt_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(extra_time__in=EXTRA_TIME), name="extra_time_is_one_that_can_be_granted"
            ),
        ]
        indexes = [
            models.Index(
                fields=["deadline_at"], name="assessments_attempt_due", condition=Q(state__in=["RUNNING", "PAUSED"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.version.title}, attempt {self.number}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_ATTEMPT_STATES

    def left(self, now: datetime) -> int:
        """Return the whole seconds that are left, never below zero; while it is paused, what stood on the clock."""
        if self.state == AttemptState.PAUSED:
            return self.left_seconds or 0
        return max(0, int((self.deadline_at - now).total_seconds()))

    def is_over(self, now: datetime) -> bool:
        """Whether an answer that arrives now is too late, grace included."""
        return self.state == AttemptState.RUNNING and now > self.deadline_at + GRACE

    @property
    def pause_ends_at(self) -> datetime | None:
        return self.paused_at + LONGEST_PAUSE if self.paused_at else None

    @property
    def limit(self) -> timedelta:
        """The time for the whole attempt, extra time included."""
        return timedelta(seconds=self.version.minutes * 60 * (100 + self.extra_time) // 100)


class AttemptQuestion(models.Model):
    """One drawn question of an attempt: in which order its options stand, the saved answer, and what it earned."""

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    version = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="asked")
    option_order = models.JSONField(default=list)
    answer = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(null=True, blank=True)
    credit_bps = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attempt", "position"], name="attempt_has_one_question_per_place"),
            models.UniqueConstraint(fields=["attempt", "version"], name="attempt_draws_a_question_once"),
            models.CheckConstraint(
                condition=Q(credit_bps__isnull=True) | Q(credit_bps__lte=FULL_BPS),
                name="credit_is_a_share_of_its_points",
            ),
        ]

    def __str__(self) -> str:
        return f"question {self.position}"

    @property
    def said(self) -> list[str]:
        return self.version.kind_rules.said(self.version.content, self.answer)
