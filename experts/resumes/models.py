"""What a résumé says that its owner's profile has room for: suggestions, each with the line it stands in."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.dates import MONTHS_3

from experts.credentials.models import Document
from experts.profiles.models import Expert
from experts.resumes.enums import SECTIONS, ReadingOutcome, SuggestionKind, SuggestionState
from marketplace.accounts.models import User
from marketplace.kernel.ids import new_public_id
from marketplace.kernel.jobs import Job, JobQuerySet


class ReadingQuerySet(JobQuerySet):
    def visible_to(self, user: User) -> Self:
        """The owner and nobody else: what a program suggests is no evidence."""
        return self.filter(expert__user=user)


class Reading(Job):
    """One reading of one résumé, a durable job. It goes with the file: whoever deletes that deletes this too."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    document = models.OneToOneField(Document, on_delete=models.CASCADE, related_name="reading")
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="readings")
    state = models.CharField(max_length=8, choices=ReadingOutcome, default=ReadingOutcome.WAITING)

    objects: ClassVar[Any] = ReadingQuerySet.as_manager()

    class Meta(Job.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.document}: {self.get_state_display()}"


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    def visible_to(self, user: User) -> Self:
        """The owner and nobody else."""
        return self.filter(expert__user=user)

    def proposed(self) -> Self:
        return self.filter(state=SuggestionState.PROPOSED)

    def of_section(self, section: str) -> Self:
        return self.filter(kind__in=SECTIONS.get(section, ()))


class Suggestion(models.Model):
    """
    One fact that a résumé names, with page, line and words of its source. Nothing of it is in the profile until the
    expert accepts it. `key` tells equal facts, so that what was dismissed once is not suggested again.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    reading = models.ForeignKey(Reading, on_delete=models.CASCADE, related_name="suggestions")
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="suggestions")
    kind = models.CharField(max_length=12, choices=SuggestionKind)
    value = models.JSONField()
    key = models.CharField(max_length=300)
    page = models.PositiveSmallIntegerField()
    line = models.PositiveSmallIntegerField()
    quote = models.CharField(max_length=300)
    position = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=SuggestionState, default=SuggestionState.PROPOSED)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = SuggestionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reading", "kind", "key"], name="resume_suggests_a_fact_once"),
            models.CheckConstraint(
                condition=Q(state=SuggestionState.PROPOSED, decided_at__isnull=True)
                | ~Q(state=SuggestionState.PROPOSED) & Q(decided_at__isnull=False),
                name="decided_suggestion_says_when",
            ),
            models.CheckConstraint(condition=~Q(quote=""), name="suggestion_names_its_source"),
        ]
        indexes = [models.Index(fields=["expert", "state"], name="suggestion_of_expert")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, line {self.line}"

    @property
    def label(self) -> str:
        """A short name for it, by which it is told from the others."""
        names = ("text", "name", "title", "degree", "organisation", "school", "number")
        return ", ".join(str(self.value[name]) for name in names if self.value.get(name)) or self.get_kind_display()

    @property
    def begins(self) -> str:
        """The first month or year of a job or a course of study, in words."""
        return _in_words(self.value.get("begin", ""))

    @property
    def ends(self) -> str:
        """The last month or year, in words; empty when it goes on or is not told."""
        return _in_words(self.value.get("end", ""))

    @property
    def section(self) -> str:
        """The section of the profile it belongs to."""
        return next(section for section, kinds in SECTIONS.items() if self.kind in kinds)


def _in_words(month: str) -> str:
    """“2015-01” is Jan 2015, and “2015” stays what it is."""
    year, _dash, number = month.partition("-")
    return f"{MONTHS_3[int(number)].capitalize()} {year}" if number else year
