"""An expert's profile and the taxonomy of fields."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from experts.profiles.enums import LanguageLevel
from experts.profiles.iso import country_name, language_name
from marketplace.accounts.models import User
from marketplace.kernel.ids import new_public_id


class FieldQuerySet(models.QuerySet["Field"]):
    def top_level(self) -> Self:
        return self.filter(parent__isnull=True).order_by("position", "name")

    def in_reading_order(self) -> Self:
        """Parents before their specialties, each level by position and name."""
        return self.select_related("parent").order_by("tree_order")


class Field(models.Model):
    """A field of expertise such as Medicine or, below it, Cardiology. Staff may edit the taxonomy."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    synonyms = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    position = models.PositiveIntegerField(default=0)
    tree_order = models.CharField(max_length=120, default="", db_index=True)

    objects: ClassVar[Any] = FieldQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(parent=models.F("id")), name="field_is_not_its_own_parent")]

    def __str__(self) -> str:
        return self.name


class ExpertQuerySet(models.QuerySet["Expert"]):
    def visible_to(self, user: User) -> Self:
        """Experts see themselves, vetting staff see all. Labs see experts through projects.hiring only."""
        if user.is_vetting_staff or user.is_superuser:
            return self
        return self.filter(user=user)

    def with_profile(self) -> Self:
        fields = ExpertField.objects.select_related("field__parent").order_by("field__tree_order")
        languages = ExpertLanguage.objects.order_by("pk")
        return self.select_related("user").prefetch_related(
            models.Prefetch("field_entries", queryset=fields), models.Prefetch("languages", queryset=languages)
        )


class Expert(models.Model):
    """A person who offers expertise. The desired rate is private to the person and the matching."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="expert")
    headline = models.CharField(max_length=120, blank=True, default="")
    about = models.TextField(max_length=5000, blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    years_experience = models.PositiveSmallIntegerField(null=True, blank=True)
    rate_desired_minor = models.BigIntegerField(null=True, blank=True)
    rate_minimum_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, default="USD")
    weekly_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    open_to_work = models.BooleanField(default=True)
    conflicts = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects: ClassVar[Any] = ExpertQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(weekly_hours__isnull=True) | Q(weekly_hours__lte=80),
                name="expert_offers_at_most_80_hours_a_week",
            ),
            models.CheckConstraint(
                condition=Q(rate_minimum_minor__isnull=True)
                | Q(rate_desired_minor__isnull=True)
                | Q(rate_minimum_minor__lte=models.F("rate_desired_minor")),
                name="expert_minimum_rate_is_at_most_the_desired_one",
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def country_name(self) -> str:
        return country_name(self.country)

    @property
    def missing_for_vetting(self) -> list[str]:
        """What a person still has to fill in before a vetting case can be opened, in words."""
        wanted = {
            "headline": self.headline,
            "about you": self.about,
            "country": self.country,
            "years of experience": self.years_experience is not None,
        }
        return [words for words, given in wanted.items() if not given]


class ExpertField(models.Model):
    """A field that the expert claims, with years in it."""

    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="field_entries")
    field = models.ForeignKey(Field, on_delete=models.PROTECT, related_name="+")
    years = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["expert", "field"], name="expert_names_a_field_once")]

    def __str__(self) -> str:
        return f"{self.field} ({self.years} years)"


class ExpertLanguage(models.Model):
    """A language with its CEFR level; `code` is ISO 639-1."""

    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="languages")
    code = models.CharField(max_length=2)
    level = models.CharField(max_length=6, choices=LanguageLevel)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["expert", "code"], name="expert_names_a_language_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.level}"

    @property
    def name(self) -> str:
        return language_name(self.code)
