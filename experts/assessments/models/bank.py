"""What staff write: questions, assessments, interview guides. A draft is edited; a published version never changes."""

from __future__ import annotations

from typing import Any, ClassVar, Self, cast

from django.conf import settings
from django.db import models
from django.db.models import Q

from experts.assessments.enums import FULL_BPS, UNPAID_MINUTES, AuthoringState, QuestionKind
from experts.assessments.kinds import Kind, kind_of
from experts.profiles.models import Field
from marketplace.accounts.models import User
from marketplace.kernel.ids import new_public_id


class AuthoredQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """Vetting staff, and superusers to look. Experts meet versions through their attempts only."""
        return self if user.is_vetting_staff or user.is_superuser else self.none()

    def published(self) -> Self:
        return self.filter(state=AuthoringState.PUBLISHED)

    def for_field(self, field: Field) -> Self:
        """Of the field itself, and of the field above it: what is asked of physicians is asked of cardiologists."""
        return self.filter(field_id__in=[pk for pk in (field.pk, field.parent_id) if pk is not None])

    def in_reading_order(self) -> Self:
        return self.select_related("field__parent", "current", "changed_by").order_by("field__tree_order", "pk")


class Authored(models.Model):
    """Something staff write for a field: its draft, who changed it last, and which version is current."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    field = models.ForeignKey(Field, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=AuthoringState, default=AuthoringState.DRAFT)
    draft = models.JSONField(default=dict)
    draft_revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar[Any] = AuthoredQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def is_published(self) -> bool:
        return self.state == AuthoringState.PUBLISHED

    @property
    def has_changes(self) -> bool:
        """Whether the draft says something else than the version that counts."""
        current: Any = getattr(self, "current", None)
        return current is None or self.draft != current.as_draft


class Version(models.Model):
    """One published version. A trigger refuses to change or delete it."""

    number = models.PositiveIntegerField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True


class Question(Authored):
    """One question of the bank. Its kind never changes, because answers of one kind make no sense as another."""

    kind = models.CharField(max_length=8, choices=QuestionKind)
    current = models.ForeignKey("QuestionVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=AuthoringState.PUBLISHED) | Q(current__isnull=False),
                name="published_question_has_a_version",
            )
        ]
        indexes = [models.Index(fields=["field", "state"], name="assessments_question_pool")]

    def __str__(self) -> str:
        return f"Q-{self.pk}"

    @property
    def topic(self) -> str:
        return str(self.draft.get("topic", ""))

    @property
    def kind_rules(self) -> Kind:
        return kind_of(self.kind)

    @property
    def live(self) -> QuestionVersion:
        """The version that counts. Only what was published has one."""
        return cast(QuestionVersion, self.current)


class QuestionVersion(Version):
    """The words, the content and the points of a question, as experts get them."""

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="versions")
    kind = models.CharField(max_length=8, choices=QuestionKind)
    topic = models.CharField(max_length=60)
    prompt = models.TextField()
    content = models.JSONField()
    explanation = models.TextField(blank=True, default="")
    points = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["question", "number"], name="question_version_has_its_own_number"),
            models.CheckConstraint(condition=Q(points__gte=1, points__lte=10), name="question_gives_1_to_10_points"),
        ]

    def __str__(self) -> str:
        return f"{self.question} v{self.number}"

    @property
    def as_draft(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("topic", "prompt", "content", "explanation", "points")}

    @property
    def kind_rules(self) -> Kind:
        return kind_of(self.kind)


class Assessment(Authored):
    """A timed paper for a field, drawn from the bank for each attempt."""

    current = models.ForeignKey("AssessmentVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=AuthoringState.PUBLISHED) | Q(current__isnull=False),
                name="published_assessment_has_a_version",
            )
        ]

    def __str__(self) -> str:
        return str(self.draft.get("title") or "Assessment")

    @property
    def live(self) -> AssessmentVersion:
        """The version that counts. Only what was published has one."""
        return cast(AssessmentVersion, self.current)


class AssessmentVersion(Version):
    """The rules of an assessment: what is drawn, how long it takes, what passes, how often it may be tried."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="versions")
    title = models.CharField(max_length=80)
    intro = models.TextField(blank=True, default="")
    minutes = models.PositiveSmallIntegerField()
    is_paid = models.BooleanField(default=False)
    pass_bps = models.PositiveIntegerField()
    attempts = models.PositiveSmallIntegerField()
    cooling_off_days = models.PositiveSmallIntegerField()
    sections = models.JSONField()  # [{"topic": "Pharmacology", "draw": 3}]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "number"], name="assessment_version_has_its_own_number"),
            models.CheckConstraint(
                condition=Q(minutes__gte=1) & (Q(is_paid=True, minutes__lte=240) | Q(minutes__lte=UNPAID_MINUTES)),
                name="unpaid_assessment_takes_at_most_30_minutes",
            ),
            models.CheckConstraint(
                condition=Q(pass_bps__gte=1, pass_bps__lte=FULL_BPS), name="pass_mark_is_a_share_of_all_points"
            ),
            models.CheckConstraint(
                condition=Q(attempts__gte=1, attempts__lte=10), name="assessment_can_be_tried_1_to_10_times"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.number}"

    @property
    def as_draft(self) -> dict[str, Any]:
        names = ("title", "intro", "minutes", "is_paid", "pass_bps", "attempts", "cooling_off_days", "sections")
        return {name: getattr(self, name) for name in names}

    @property
    def questions_drawn(self) -> int:
        return sum(int(section["draw"]) for section in self.sections)


class Guide(Authored):
    """The structured interview of a field: the same questions for everybody, with words from the profile in them."""

    current = models.ForeignKey("GuideVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=AuthoringState.PUBLISHED) | Q(current__isnull=False),
                name="published_guide_has_a_version",
            ),
            models.UniqueConstraint(
                fields=["field"],
                condition=Q(state=AuthoringState.PUBLISHED),
                name="field_has_one_published_interview_guide",
            ),
        ]

    def __str__(self) -> str:
        return str(self.draft.get("title") or "Interview")

    @property
    def live(self) -> GuideVersion:
        """The version that counts. Only what was published has one."""
        return cast(GuideVersion, self.current)


class GuideVersion(Version):
    """Five to eight questions with placeholders, and the criteria on which every answer is scored."""

    guide = models.ForeignKey(Guide, on_delete=models.PROTECT, related_name="versions")
    title = models.CharField(max_length=80)
    intro = models.TextField(blank=True, default="")
    minutes = models.PositiveSmallIntegerField()
    is_paid = models.BooleanField(default=False)
    is_spoken = models.BooleanField(default=False)
    questions = models.JSONField()  # ["In your {years} years in {field}, ..."]
    criteria = models.JSONField()  # [{"key": "a", "text": "..."}]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["guide", "number"], name="guide_version_has_its_own_number"),
            models.CheckConstraint(
                condition=Q(minutes__gte=1) & (Q(is_paid=True, minutes__lte=240) | Q(minutes__lte=UNPAID_MINUTES)),
                name="unpaid_interview_takes_at_most_30_minutes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.number}"

    @property
    def as_draft(self) -> dict[str, Any]:
        names = ("title", "intro", "minutes", "is_paid", "is_spoken", "questions", "criteria")
        return {name: getattr(self, name) for name in names}
