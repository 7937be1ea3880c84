"""Blind double scoring: a script has no name on it, and each scorer a sheet of their own."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from experts.assessments.enums import FULL_BPS, ScriptState
from experts.assessments.models.attempts import Attempt
from experts.assessments.models.interviews import Interview
from experts.profiles.models import Field
from marketplace.accounts.models import User
from marketplace.kernel.ids import new_public_id


class ScriptQuerySet(models.QuerySet["Script"]):
    def visible_to(self, user: User) -> Self:
        """Vetting staff, except what they wrote themselves: nobody scores, or watches, their own script."""
        return self.exclude(about=user) if user.is_vetting_staff else self.none()

    def waiting(self) -> Self:
        return self.exclude(state=ScriptState.SETTLED)

    def overdue(self, now: datetime) -> Self:
        """Promised for a day that has passed."""
        return self.waiting().filter(due_at__lte=now).order_by("due_at", "pk")

    def settled(self) -> Self:
        return self.filter(state=ScriptState.SETTLED)

    def not_scored_by(self, user: User) -> Self:
        mine = Sheet.objects.filter(script=OuterRef("pk"), scorer=user, scored_at__isnull=False)
        return self.filter(~Exists(mine))


class Script(models.Model):
    """What two people score without seeing each other or the name: the texts of an attempt, or an interview."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    attempt = models.OneToOneField(Attempt, on_delete=models.CASCADE, null=True, blank=True, related_name="script")
    interview = models.OneToOneField(Interview, on_delete=models.CASCADE, null=True, blank=True, related_name="script")
    field = models.ForeignKey(Field, on_delete=models.PROTECT, related_name="+")
    about = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=ScriptState, default=ScriptState.WAITING)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    score_bps = models.PositiveIntegerField(null=True, blank=True)

    objects: ClassVar[Any] = ScriptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(attempt__isnull=False, interview__isnull=True)
                | Q(attempt__isnull=True, interview__isnull=False),
                name="script_is_of_an_attempt_or_an_interview",
            ),
            models.CheckConstraint(
                condition=Q(state=ScriptState.SETTLED, settled_at__isnull=False, score_bps__isnull=False)
                | ~Q(state=ScriptState.SETTLED) & Q(settled_at__isnull=True, score_bps__isnull=True),
                name="only_a_settled_script_has_a_score",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="assessments_script_queue", condition=~Q(state=ScriptState.SETTLED))
        ]

    def __str__(self) -> str:
        return f"S-{self.pk}"


class SheetQuerySet(models.QuerySet["Sheet"]):
    def scored(self) -> Self:
        return self.filter(scored_at__isnull=False)

    def standing(self, now: datetime) -> Self:
        """Scored, or held by somebody whose time has not run out."""
        return self.filter(Q(scored_at__isnull=False) | Q(held_until__gt=now))


class Sheet(models.Model):
    """The marks of one person: {item: {criterion: 0 to 3}}. Held first, so that no third person works in vain."""

    script = models.ForeignKey(Script, on_delete=models.CASCADE, related_name="sheets")
    scorer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    about = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    held_until = models.DateTimeField()
    marks = models.JSONField(default=dict)
    comment = models.TextField(blank=True, default="")
    score_bps = models.PositiveIntegerField(null=True, blank=True)
    scored_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = SheetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["script", "scorer"], name="nobody_scores_a_script_twice"),
            models.CheckConstraint(condition=~Q(scorer=F("about")), name="nobody_scores_what_they_wrote"),
            models.CheckConstraint(
                condition=Q(scored_at__isnull=True, score_bps__isnull=True)
                | Q(scored_at__isnull=False, score_bps__lte=FULL_BPS),
                name="scored_sheet_has_a_score",
            ),
        ]

    def __str__(self) -> str:
        return f"sheet of {self.script}"
