"""Listings: a project that a lab posts and experts apply to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar, Final, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from experts.credentials.enums import CredentialKind, LadderStep
from experts.profiles.models import Field
from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor
from marketplace.kernel.ids import new_public_id
from projects.labs.models import ApiKey, Lab
from projects.listings.enums import PUBLISHED_STATES, ProjectState, TaskKind, Visibility

ON_THE_BOARD: Final = Q(state=ProjectState.OPEN, visibility=Visibility.PUBLIC)
FAR: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""When a gig without a closing date closes, in the order of the board."""


class Terms(models.Model):
    """One version of the confidentiality and IP terms of a project. A trigger refuses every change of a version."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, related_name="terms")
    title = models.CharField(max_length=160)
    version = models.PositiveIntegerField()
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lab", "title", "version"], name="terms_version_is_numbered_once")
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, actor: Actor) -> Self:
        """Members of the lab and its API keys; the public board uses `on_the_board` instead."""
        if isinstance(actor, ApiKey):
            return self.filter(lab_id=actor.lab_id)
        if isinstance(actor, User):
            return self.filter(lab__memberships__user=actor)
        return self.none()

    def on_the_board(self) -> Self:
        """What any visitor may find on /gigs."""
        return self.filter(ON_THE_BOARD)

    def readable_by_anyone(self) -> Self:
        """What any visitor may open with its address: open or paused, public or by link."""
        return self.filter(state__in=sorted(PUBLISHED_STATES)).exclude(visibility=Visibility.INVITED)

    def taking_applications(self, now: datetime) -> Self:
        """Of those on the board: the deadline is not over and a place is left."""
        before_deadline = Q(closes_at__isnull=True) | Q(closes_at__gt=now)
        return self.on_the_board().filter(before_deadline, places_filled__lt=F("places_wanted"))

    def with_listing(self) -> Self:
        """With what a page shows of a listing, and without the columns that only the search reads."""
        related = self.select_related("lab", "terms").prefetch_related("fields", "requirements__field")
        return related.defer("search", "search_text")

    def locked(self) -> Self:
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")


class Project(models.Model):
    """A listing and the frame of its work: pay, places, requirements, terms. Its money is in the ledger."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, related_name="projects")
    title = models.CharField(max_length=140)
    summary = models.CharField(max_length=300, blank=True, default="")
    sections = models.JSONField(default=dict)
    fields = models.ManyToManyField(Field, related_name="projects", blank=True)
    kinds = ArrayField(models.CharField(max_length=20, choices=TaskKind), default=list, blank=True)
    currency = models.CharField(max_length=3, default="USD")
    rate_min_minor = models.BigIntegerField(null=True, blank=True)
    rate_max_minor = models.BigIntegerField(null=True, blank=True)
    weekly_hours_min = models.PositiveSmallIntegerField(null=True, blank=True)
    weekly_hours_cap = models.PositiveSmallIntegerField(default=40)
    expected_weeks = models.PositiveSmallIntegerField(null=True, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    places_wanted = models.PositiveIntegerField(default=1)
    places_filled = models.PositiveIntegerField(default=0)
    countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    languages = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    questions = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    terms = models.ForeignKey(Terms, on_delete=models.PROTECT, null=True, blank=True, related_name="projects")
    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.PUBLIC)
    manual_time_allowed = models.BooleanField(default=True)
    # Whose published assessment and interview an application asks for; their unpaid minutes count beside the questions.
    assessed_field = models.ForeignKey(Field, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    revision = models.PositiveIntegerField(default=1)  # of what is saved, so that two editors see each other
    state = models.CharField(max_length=12, choices=ProjectState, default=ProjectState.DRAFT)
    state_reason = models.TextField(blank=True, default="")
    expected_back_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    published_at = models.DateTimeField(null=True, blank=True)
    # What the search reads; written by projects.listings.actions.index whenever the listing changes.
    field_ids = ArrayField(models.BigIntegerField(), default=list, blank=True, editable=False)
    credential_kinds = ArrayField(models.CharField(max_length=24), default=list, blank=True, editable=False)
    search = SearchVectorField(null=True, editable=False)
    search_text = models.TextField(blank=True, default="", editable=False)

    objects: ClassVar[Any] = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(places_filled__lte=F("places_wanted")), name="project_places_are_never_overfilled"
            ),
            models.CheckConstraint(
                condition=Q(rate_min_minor__isnull=True)
                | Q(rate_max_minor__isnull=True)
                | Q(rate_min_minor__gt=0, rate_min_minor__lte=F("rate_max_minor")),
                name="project_rate_range_is_positive_and_ordered",
            ),
            models.CheckConstraint(
                condition=Q(weekly_hours_cap__gte=1, weekly_hours_cap__lte=60),
                name="project_week_has_between_1_and_60_hours",
            ),
            models.CheckConstraint(
                condition=Q(state=ProjectState.DRAFT)
                | Q(state=ProjectState.CLOSED)
                | Q(state=ProjectState.IN_REVIEW, rate_max_minor__isnull=False, terms__isnull=False)
                | Q(published_at__isnull=False, rate_max_minor__isnull=False, terms__isnull=False),
                name="published_project_has_a_date_a_rate_and_terms",
            ),
        ]
        indexes = [
            GinIndex(fields=["search"], name="project_search"),
            GinIndex(fields=["field_ids"], name="project_fields_and_above"),
            GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="project_search_trigram"),
            models.Index(fields=["-published_at", "-public_id"], name="project_board_newest", condition=ON_THE_BOARD),
            models.Index(
                fields=["-rate_max_minor", "-published_at", "-public_id"],
                name="project_board_most_pay",
                condition=ON_THE_BOARD,
            ),
            models.Index(
                Coalesce("closes_at", FAR),
                F("published_at").desc(),
                F("public_id").desc(),
                name="project_board_closing_soon",
                condition=ON_THE_BOARD,
            ),
            models.Index(fields=["lab", "state"], name="project_of_lab"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def places_left(self) -> int:
        return self.places_wanted - self.places_filled

    @property
    def rate_low_minor(self) -> int | None:
        """The lower end of the range; one rate is both ends."""
        return self.rate_min_minor or self.rate_max_minor

    @property
    def is_published(self) -> bool:
        """Whether experts may be reading it: open or paused."""
        return self.state in PUBLISHED_STATES

    @property
    def kind_labels(self) -> list[str]:
        return [str(TaskKind(kind).label) for kind in self.kinds]

    @property
    def hours_words(self) -> str:
        """ "10–20 h a week", "up to 20 h a week"."""
        if not self.weekly_hours_min:
            return _("up to %(cap)s h a week") % {"cap": self.weekly_hours_cap}
        if self.weekly_hours_min == self.weekly_hours_cap:
            return _("%(cap)s h a week") % {"cap": self.weekly_hours_cap}
        return _("%(least)s–%(cap)s h a week") % {"least": self.weekly_hours_min, "cap": self.weekly_hours_cap}


class Requirement(models.Model):
    """What an expert must show, or what is nice to have: a credential at a step, or vetting for a field."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="requirements")
    credential_kind = models.CharField(max_length=24, choices=CredentialKind, blank=True, default="")
    step = models.CharField(max_length=16, choices=LadderStep, default=LadderStep.DOCUMENT_SEEN)
    field = models.ForeignKey(Field, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    is_required = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(credential_kind="", field__isnull=False) | ~Q(credential_kind="") & Q(field__isnull=True),
                name="requirement_asks_for_a_credential_or_a_vetted_field",
            )
        ]

    def __str__(self) -> str:
        return f"requirement {self.pk}"


class RateBand(models.Model):
    """What experts based in one country are paid, where that is not the whole range. It lies within the range."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="bands")
    country = models.CharField(max_length=2)
    rate_min_minor = models.BigIntegerField()
    rate_max_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "country"], name="project_names_a_country_in_one_band"),
            models.CheckConstraint(
                condition=Q(rate_min_minor__gt=0, rate_min_minor__lte=F("rate_max_minor")),
                name="rate_band_is_positive_and_ordered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country}: {self.rate_min_minor} to {self.rate_max_minor}"
