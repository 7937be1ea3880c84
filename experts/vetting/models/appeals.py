"""What other people say about a case: a second opinion before the decision, and an appeal after it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from experts.vetting.enums import (
    APPEAL_MIN_CHARS,
    JUDGED_MIN_CHARS,
    OPINION_DAYS,
    OPINION_MIN_CHARS,
    AppealOutcome,
    Outcome,
)
from experts.vetting.models.cases import Case, Decision
from marketplace.accounts.models import User
from marketplace.kernel.ids import new_public_id


class OpinionQuerySet(models.QuerySet["Opinion"]):
    def open(self) -> Self:
        return self.filter(given_at__isnull=True, withdrawn_at__isnull=True)

    def given(self) -> Self:
        return self.filter(given_at__isnull=False)

    def asked_of(self, user: User) -> Self:
        """Open, and asked of this person, or of whoever is free and did not ask themselves."""
        return self.open().filter(Q(of=user) | Q(of__isnull=True)).exclude(asked_by=user)

    def overdue(self, now: datetime) -> Self:
        return self.open().filter(due_at__lte=now).order_by("due_at", "pk")


class Opinion(models.Model):
    """
    A second opinion: what a colleague would do with a case, written down without knowing what the first one would.

    `own_leaning` is what the one who asks would do. It is written down first and shown to nobody before the other has spoken.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="opinions")
    round = models.PositiveSmallIntegerField()
    about = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    of = models.ForeignKey(  # nobody: whoever is free
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    own_leaning = models.CharField(max_length=12, choices=Outcome)
    question = models.CharField(max_length=500, blank=True, default="")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    given_at = models.DateTimeField(null=True, blank=True)
    leaning = models.CharField(max_length=12, choices=Outcome, blank=True, default="")
    words = models.TextField(max_length=4000, blank=True, default="")

    objects: ClassVar[Any] = OpinionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(given_at__isnull=True, withdrawn_at__isnull=True),
                name="case_asks_for_one_opinion_at_a_time",
            ),
            models.CheckConstraint(
                condition=(Q(of__isnull=True) | ~Q(of=F("asked_by")) & ~Q(of=F("about")))
                & (Q(given_by__isnull=True) | ~Q(given_by=F("asked_by")) & ~Q(given_by=F("about"))),
                name="opinion_comes_from_another_person",
            ),
            models.CheckConstraint(
                condition=Q(given_at__isnull=True, given_by__isnull=True, leaning="", words="")
                | Q(given_at__isnull=False, given_by__isnull=False, words__length__gte=OPINION_MIN_CHARS) & ~Q(leaning=""),
                name="given_opinion_says_who_when_and_why",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["due_at"], name="opinions_that_wait",
                condition=Q(given_at__isnull=True, withdrawn_at__isnull=True),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"second opinion on {self.case}"

    @property
    def clock_since(self) -> datetime:
        return self.due_at - timedelta(days=OPINION_DAYS)

    @property
    def agrees(self) -> bool:
        """Whether both would do the same."""
        return bool(self.leaning) and self.leaning == self.own_leaning


class Appeal(models.Model):
    """
    An expert's appeal against a decline, judged by another person than who declined or agreed to it; its outcome is final.

    `about`, `against` and `second` repeat the case and the decision so that the table itself refuses the wrong judge.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="appeals")
    decision = models.OneToOneField(Decision, on_delete=models.CASCADE, related_name="appeal")
    about = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    against = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    text = models.TextField(max_length=4000)
    filed_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=AppealOutcome, blank=True, default="")
    reason = models.TextField(max_length=4000, blank=True, default="")
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    judged_at = models.DateTimeField(null=True, blank=True)
    promised_for = models.DateTimeField()  # the first due day; the case's clock may be passed on

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(judged_by__isnull=True)
                | ~Q(judged_by=F("against")) & ~Q(judged_by=F("about"))
                & (Q(second__isnull=True) | ~Q(judged_by=F("second"))),
                name="appeal_is_judged_by_another_person",
            ),
            models.CheckConstraint(condition=Q(text__length__gte=APPEAL_MIN_CHARS), name="appeal_says_why"),
            models.CheckConstraint(
                condition=Q(outcome="", judged_by__isnull=True, judged_at__isnull=True)
                | ~Q(outcome="") & Q(judged_by__isnull=False, judged_at__isnull=False)
                & Q(reason__length__gte=JUDGED_MIN_CHARS),
                name="judged_appeal_says_who_when_and_why",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"appeal in {self.case}"

    @property
    def is_overturned(self) -> bool:
        return self.outcome in (AppealOutcome.APPROVED, AppealOutcome.REOPENED)
