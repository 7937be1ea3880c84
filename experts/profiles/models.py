"""An expert's profile and the taxonomy of fields."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, IntegerRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Lower

from experts.profiles.enums import OPTIONAL_SECTIONS, LanguageLevel
from experts.profiles.iso import country_name, language_name
from experts.profiles.ranges import Range
from marketplace.accounts.models import User
from marketplace.kernel.events import Event
from marketplace.kernel.ids import new_public_id
from marketplace.kernel.jobs import JobQuerySet


class FieldQuerySet(models.QuerySet["Field"]):
    def top_level(self) -> Self:
        return self.filter(parent__isnull=True, retired_at__isnull=True).order_by("position", "name")

    def offered(self) -> Self:
        """What may be chosen anew. A retired field stays where it was chosen before."""
        return self.filter(retired_at__isnull=True)

    def in_reading_order(self) -> Self:
        """Parents before their specialties, each level by position and name."""
        return self.select_related("parent").order_by("tree_order")


class Field(models.Model):
    """
    A field of expertise such as Medicine or, below it, Cardiology. Staff edit the taxonomy.

    A retired field is offered to nobody any more and stays wherever it was chosen. A field that was merged into another
    is retired too, and everything that named it names the other.
    """

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    synonyms = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    position = models.PositiveIntegerField(default=0)
    tree_order = models.CharField(max_length=120, default="", db_index=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged")

    objects: ClassVar[Any] = FieldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(parent=models.F("id")), name="field_is_not_its_own_parent"),
            models.CheckConstraint(condition=~Q(merged_into=models.F("id")), name="field_is_not_merged_into_itself"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(retired_at__isnull=False),
                name="merged_field_is_retired",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ExpertQuerySet(models.QuerySet["Expert"]):
    def visible_to(self, user: User) -> Self:
        """Experts see themselves, vetting staff see all. Labs see experts through projects.hiring only."""
        if user.is_vetting_staff or user.is_superuser:
            return self
        return self.filter(user=user)

    def open_to_work(self) -> Self:
        """People who are looking. Whoever suggests experts to a lab, or gigs to experts, begins here."""
        return self.filter(open_to_work=True, user__is_active=True)

    def with_profile(self) -> Self:
        fields = ExpertField.objects.select_related("field__parent").order_by("field__tree_order")
        languages = ExpertLanguage.objects.order_by("pk")
        return self.select_related("user").prefetch_related(
            models.Prefetch("field_entries", queryset=fields), models.Prefetch("languages", queryset=languages)
        )

    def with_history(self) -> Self:
        """With work, education, free hours and conflicts, each in the order in which they are read."""
        private = models.Prefetch("conflicts", queryset=Conflict.objects.order_by(Lower("organisation")))
        return self.prefetch_related(*history_of(), private)


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
    skipped_sections = ArrayField(models.CharField(max_length=20), default=list, blank=True)
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
            models.CheckConstraint(
                condition=Q(skipped_sections__contained_by=sorted(OPTIONAL_SECTIONS)),
                name="expert_skips_only_what_is_optional",
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


class SpellQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """The person themselves and vetting staff. Labs see an applicant's through projects.hiring only."""
        if user.is_vetting_staff or user.is_superuser:
            return self
        return self.filter(expert__user=user)

    def latest_first(self) -> Self:
        """What goes on comes first, then what ended last."""
        return self.order_by(F("to_month").desc(nulls_first=True), "-from_month", "-pk")


def _months(noun: str) -> list[models.BaseConstraint]:
    """Return what holds of two months: each is written as its first day, and the last is not before the first."""
    return [
        models.CheckConstraint(
            condition=Q(from_month__isnull=True) | Q(from_month__day=1), name=f"{noun}_begins_with_a_month"
        ),
        models.CheckConstraint(
            condition=Q(to_month__isnull=True) | Q(to_month__day=1), name=f"{noun}_ends_with_a_month"
        ),
        models.CheckConstraint(
            condition=Q(to_month__isnull=True) | Q(from_month__isnull=True) | Q(to_month__gte=F("from_month")),
            name=f"{noun}_ends_after_it_begins",
        ),
    ]


def history_of(prefix: str = "") -> list[models.Prefetch[str]]:
    """Return what brings work, education and free hours, which a lab may see of an applicant, along with other rows."""
    return [
        models.Prefetch(f"{prefix}work", queryset=WorkEntry.objects.latest_first()),
        models.Prefetch(f"{prefix}education", queryset=EducationEntry.objects.latest_first()),
        models.Prefetch(f"{prefix}free_hours", queryset=FreeHours.objects.order_by("weekday", "from_hour")),
    ]


class WorkEntry(models.Model):
    """One job or practice in a person's work history. No last month means that it goes on; two may overlap."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="work")
    title = models.CharField(max_length=120)
    organisation = models.CharField(max_length=120)
    from_month = models.DateField()
    to_month = models.DateField(null=True, blank=True)
    summary = models.CharField(max_length=600, blank=True, default="")

    objects: ClassVar[Any] = SpellQuerySet.as_manager()

    class Meta:
        constraints = _months("work")

    def __str__(self) -> str:
        return f"{self.title}, {self.organisation}"


class EducationEntry(models.Model):
    """One course of study. No last month means that it goes on."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="education")
    school = models.CharField(max_length=120)
    degree = models.CharField(max_length=120, blank=True, default="")
    subject = models.CharField(max_length=120, blank=True, default="")
    from_month = models.DateField()
    to_month = models.DateField(null=True, blank=True)

    objects: ClassVar[Any] = SpellQuerySet.as_manager()

    class Meta:
        constraints = [
            *_months("education"),
            models.CheckConstraint(
                condition=~Q(degree="") | ~Q(subject=""), name="education_has_a_degree_or_a_subject"
            ),
        ]

    def __str__(self) -> str:
        return f"{', '.join(part for part in (self.degree, self.subject) if part)}, {self.school}"


class Conflict(models.Model):
    """An organisation whose data the person may not see, since when and until when, if that is known."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="conflicts")
    organisation = models.CharField(max_length=120)
    from_month = models.DateField(null=True, blank=True)
    to_month = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True, default="")

    objects: ClassVar[Any] = SpellQuerySet.as_manager()

    class Meta:
        constraints = [
            *_months("conflict"),
            models.UniqueConstraint("expert", Lower("organisation"), name="expert_names_a_conflict_once"),
        ]

    def __str__(self) -> str:
        return self.organisation


class FreeHours(models.Model):
    """
    Hours of a weekday in which a person can work, on the clock of their wall: Monday 18 to 22.

    No moment in UTC stands here, so that six in the evening stays six in the evening when clocks change. The zone is
    the person's own (`User.time_zone`).
    """

    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="free_hours")
    weekday = models.PositiveSmallIntegerField()  # ISO 8601: Monday is 1
    from_hour = models.PositiveSmallIntegerField()
    to_hour = models.PositiveSmallIntegerField()  # 24 is the end of the day

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(weekday__gte=1, weekday__lte=7), name="free_hours_are_of_a_weekday"),
            models.CheckConstraint(
                condition=Q(from_hour__lt=F("to_hour"), to_hour__lte=24), name="free_hours_end_after_they_begin"
            ),
            ExclusionConstraint(
                name="expert_names_a_free_hour_once",
                index_type="GIST",
                expressions=[
                    ("expert", RangeOperators.EQUAL),
                    ("weekday", RangeOperators.EQUAL),
                    (
                        Func("from_hour", "to_hour", function="int4range", output_field=IntegerRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday}, {self.from_hour} to {self.to_hour}"

    @property
    def range(self) -> Range:
        return Range(self.weekday, self.from_hour, self.to_hour)


class ProfileEvent(Event):
    """What profiles tell the rooms above them: "taxonomy_changed"."""

    objects: ClassVar[Any] = JobQuerySet.as_manager()
