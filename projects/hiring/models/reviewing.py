"""What members of a lab write about a candidate among themselves: notes and scorecards."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor
from marketplace.kernel.ids import new_public_id
from projects.hiring.models.applications import Application
from projects.labs.models import Lab
from projects.listings.models import Project


class AboutCandidateQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Members of the lab, and never the person it is about."""
        if not isinstance(actor, User):
            return self.none()
        labs = Lab.objects.visible_to(actor).values("pk")
        return self.filter(application__project__lab__in=labs).exclude(application__expert__user=actor)


class CandidateNote(models.Model):
    """A note about a candidate, for the lab alone."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(max_length=2000)
    written_at = models.DateTimeField()

    objects: ClassVar[Any] = AboutCandidateQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="candidate_note_says_something")]

    def __str__(self) -> str:
        return f"note {self.pk}"


class Criteria(models.Model):
    """What candidates of a project are scored on. A scorecard keeps the words it was given on."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="criteria")
    texts = ArrayField(models.CharField(max_length=80))
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "criteria"

    def __str__(self) -> str:
        return ", ".join(self.texts)


class Scorecard(models.Model):
    """
    What one member of the lab thinks of a candidate. Given once, and blind: who has not given one sees no other.

    `about` repeats the candidate, so that the table itself refuses whoever would score themselves.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="scorecards")
    about = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    scorer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    words = models.TextField(max_length=2000, blank=True, default="")
    given_at = models.DateTimeField()

    objects: ClassVar[Any] = AboutCandidateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "scorer"], name="candidate_is_scored_once_by_each_member"),
            models.CheckConstraint(condition=~Q(scorer=F("about")), name="nobody_scores_their_own_application"),
        ]

    def __str__(self) -> str:
        return f"scorecard {self.pk}"

    @property
    def average(self) -> float:
        """The mean of its marks. Reads `marks`."""
        marks = [row.mark for row in self.marks.all()]
        return sum(marks) / len(marks) if marks else 0.0


class ScorecardMark(models.Model):
    """One mark, 1 to 4, on one criterion in the words it had."""

    scorecard = models.ForeignKey(Scorecard, on_delete=models.CASCADE, related_name="marks")
    position = models.PositiveSmallIntegerField()
    criterion = models.CharField(max_length=80)
    mark = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scorecard", "position"], name="scorecard_marks_a_criterion_once"),
            models.CheckConstraint(condition=Q(mark__gte=1, mark__lte=4), name="scorecard_mark_is_from_1_to_4"),
        ]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.mark}"
