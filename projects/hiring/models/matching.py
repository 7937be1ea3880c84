"""What counts how much when experts are ranked for a project: data, in versions that never change."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from projects.hiring.figures import WEIGHT_MAX, Weights

PARTS = ("required", "nice", "vetted", "languages", "hours", "country", "accepted", "on_time")


class MatchWeightsQuerySet(models.QuerySet["MatchWeights"]):
    def newest_first(self) -> models.QuerySet[MatchWeights]:
        return self.order_by("-version")


class MatchWeights(models.Model):
    """
    One version of the weights: the most points that each part of a match can give. The newest one counts.

    A trigger refuses every change, so that a rank which names its version can be worked out again.
    """

    version = models.PositiveIntegerField(unique=True, editable=False)
    required = models.PositiveSmallIntegerField(help_text="Required credentials and vetting, at the step asked for")
    nice = models.PositiveSmallIntegerField(help_text="Credentials and vetting that are good to have")
    vetted = models.PositiveSmallIntegerField(help_text="Vetted by us in a field of the project")
    languages = models.PositiveSmallIntegerField(help_text="Languages that the listing asks for")
    hours = models.PositiveSmallIntegerField(help_text="Free hours a week against the least that is asked")
    country = models.PositiveSmallIntegerField(help_text="The country is one of those the listing allows")
    accepted = models.PositiveSmallIntegerField(help_text="Share of reviewed work that was accepted, over all labs")
    on_time = models.PositiveSmallIntegerField(help_text="Share of taken tasks that were handed in on time")
    newcomer_percent = models.PositiveSmallIntegerField(
        help_text="The share of the points for a record that people without one get"
    )
    reason = models.CharField(max_length=300, help_text="Why these weights, in a sentence that labs and experts read")
    published_at = models.DateTimeField(editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    objects: ClassVar[Any] = MatchWeightsQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "match weights"
        constraints = [
            models.CheckConstraint(
                condition=Q(**{f"{part}__lte": WEIGHT_MAX for part in PARTS}), name="match_weight_is_at_most_100_points"
            ),
            models.CheckConstraint(condition=Q(newcomer_percent__lte=100), name="newcomers_get_at_most_all_the_points"),
            models.CheckConstraint(
                condition=Q(required__gte=F("accepted")), name="match_record_never_outweighs_what_is_required"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="match_weights_say_why"),
        ]

    def __str__(self) -> str:
        return f"weights {self.version}"

    @property
    def values(self) -> Weights:
        """The version as plain numbers."""
        return Weights(**{part: getattr(self, part) for part in PARTS}, newcomer_percent=self.newcomer_percent)
