"""What the board searches and counts with, beside the rows themselves."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from pgvector.django import HalfVectorField, HnswIndex

from marketplace.kernel.jobs import Job
from marketplace.kernel.meaning import DIMENSIONS
from projects.listings.models.projects import Project


class Meaning(Job):
    """
    What a listing means, as a durable job that makes it: `text` is what it should be of, `made_of` tells of what it is.

    A table of its own, so that a change of places or state does not touch the index of nearest neighbours.
    """

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="meaning")
    text = models.TextField()
    made_of = models.CharField(max_length=64, blank=True, default="")
    vector = HalfVectorField(dimensions=DIMENSIONS, null=True, editable=False)

    class Meta(Job.Meta):
        indexes = [
            *Job.Meta.indexes,
            HnswIndex(fields=["vector"], name="meaning_nearest", opclasses=["halfvec_cosine_ops"]),
        ]

    def __str__(self) -> str:
        return f"meaning of {self.project}"


class BoardGroup(models.Model):
    """
    Gigs of a large board that are alike in everything the filters ask, as one row with their number; made anew by a sweep.

    Pay is rounded down and hours are rounded up to the board's steps, which no filter can tell from the real ones.
    """

    field_ids = ArrayField(models.BigIntegerField())
    kinds = ArrayField(models.CharField(max_length=20))
    countries = ArrayField(models.CharField(max_length=2))
    languages = ArrayField(models.CharField(max_length=2))
    credential_kinds = ArrayField(models.CharField(max_length=24))
    rate_max_minor = models.BigIntegerField()
    weekly_hours_min = models.PositiveSmallIntegerField()
    age_step = models.PositiveSmallIntegerField()  # how many of the steps of POSTED_DAYS it is older than
    number = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.number} alike"


class BoardSummary(models.Model):
    """What the groups were made of and when, and the counts of a board without any filter. One row, or none."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    made_at = models.DateTimeField()
    total = models.PositiveIntegerField()
    counts = models.JSONField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="board_has_one_summary")]

    def __str__(self) -> str:
        return f"{self.total} gigs at {self.made_at}"
