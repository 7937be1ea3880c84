"""Structured interviews: the questions as they were asked, the answers, and recordings in quarantine."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from experts.assessments.enums import FULL_BPS, INTERVIEW_DAYS, InterviewState, RecordingState
from experts.assessments.models.attempts import Ask, OwnedQuerySet
from experts.assessments.models.bank import Guide, GuideVersion
from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.kernel.ids import new_public_id
from marketplace.kernel.jobs import Job, JobQuerySet


class InterviewQuerySet(OwnedQuerySet):
    def open(self) -> Self:
        return self.filter(state=InterviewState.OPEN)

    def scored(self) -> Self:
        return self.filter(state=InterviewState.SCORED)

    def overdue(self, now: datetime) -> Self:
        return self.filter(state=InterviewState.OPEN, due_at__lte=now).order_by("pk")


class Interview(models.Model):
    """One interview of one expert. It has no time limit, only a day by which it is handed in."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="interviews")
    guide = models.ForeignKey(Guide, on_delete=models.PROTECT, related_name="interviews")
    version = models.ForeignKey(GuideVersion, on_delete=models.PROTECT, related_name="+")
    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="interviews")
    state = models.CharField(max_length=8, choices=InterviewState, default=InterviewState.OPEN)
    counted_minutes = models.PositiveSmallIntegerField(default=0)
    must_speak = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    scored_at = models.DateTimeField(null=True, blank=True)
    score_bps = models.PositiveIntegerField(null=True, blank=True)

    objects: ClassVar[Any] = InterviewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["expert", "guide"],
                condition=~Q(state=InterviewState.LAPSED),
                name="expert_has_one_interview_per_guide",
            ),
            models.CheckConstraint(
                condition=Q(state=InterviewState.SCORED, score_bps__isnull=False)
                | ~Q(state=InterviewState.SCORED) & Q(score_bps__isnull=True),
                name="only_a_scored_interview_has_a_score",
            ),
            models.CheckConstraint(
                condition=Q(state=InterviewState.OPEN, closed_at__isnull=True)
                | ~Q(state=InterviewState.OPEN) & Q(closed_at__isnull=False),
                name="closed_interview_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="assessments_interview_due", condition=Q(state=InterviewState.OPEN))
        ]

    def __str__(self) -> str:
        return str(self.version.title)

    @property
    def is_open(self) -> bool:
        return self.state == InterviewState.OPEN

    @property
    def days(self) -> int:
        return INTERVIEW_DAYS


class InterviewAnswer(models.Model):
    """One question as this expert was asked it, and the answer in words or as a recording."""

    interview = models.ForeignKey(Interview, on_delete=models.CASCADE, related_name="answers")
    position = models.PositiveSmallIntegerField()
    question = models.TextField()
    text = models.TextField(blank=True, default="")
    revision = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(null=True, blank=True)
    credit_bps = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["interview", "position"], name="interview_has_one_question_per_place"),
            models.CheckConstraint(
                condition=Q(credit_bps__isnull=True) | Q(credit_bps__lte=FULL_BPS),
                name="interview_credit_is_a_share_of_its_points",
            ),
        ]

    def __str__(self) -> str:
        return f"answer {self.position}"

    @property
    def recording(self) -> Recording | None:
        """The recording that counts: the newest that was not refused."""
        kept = [one for one in self.recordings.all() if one.state != RecordingState.REFUSED]
        return max(kept, key=lambda one: one.pk, default=None)

    @property
    def refused(self) -> Recording | None:
        """The refusal of the newest recording, as long as nothing better came after it."""
        newest = max(self.recordings.all(), key=lambda one: one.pk, default=None)
        return newest if newest is not None and newest.state == RecordingState.REFUSED else None


class RecordingQuerySet(JobQuerySet):
    def visible_to(self, user: User) -> Self:
        """Its speaker, and whoever has the script to score, for as long as the script is theirs."""
        mine = Q(answer__interview__expert__user=user)
        if not user.is_vetting_staff:
            return self.filter(mine)
        return self.filter(mine | Q(answer__interview__script__sheets__scorer=user)).distinct()

    def unchecked(self) -> Self:
        return self.filter(state=RecordingState.QUARANTINED)


class Recording(Job):
    """An uploaded voice. In quarantine until a worker has looked into it; the job columns belong to that look."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    answer = models.ForeignKey(InterviewAnswer, on_delete=models.CASCADE, related_name="recordings")
    state = models.CharField(max_length=12, choices=RecordingState, default=RecordingState.QUARANTINED)
    file = models.FileField(max_length=200)
    extension = models.CharField(max_length=5)
    media_type = models.CharField(max_length=100)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    refusal = models.TextField(blank=True, default="")
    uploaded_at = models.DateTimeField()

    objects: ClassVar[Any] = RecordingQuerySet.as_manager()

    class Meta(Job.Meta):
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=RecordingState.REFUSED) | ~Q(refusal=""), name="refused_recording_says_why"
            )
        ]

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        """A name that tells nothing of the speaker: the name of the file on their device is not kept."""
        return f"answer-{self.answer.position}.{self.extension}"
