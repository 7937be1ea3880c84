"""What people have that two of them should not share, as keyed hashes, and the questions that equal ones open."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length

from experts.duplicates.enums import WORDS_MIN_CHARS, IdentifierKind, Outcome, QuestionState
from marketplace.accounts.models import User
from marketplace.kernel.ids import new_public_id

models.TextField.register_lookup(Length)


class IdentifierQuerySet(models.QuerySet["Identifier"]):
    def twins_of(self, one: Identifier) -> Self:
        """The same thing in the accounts of other people."""
        return self.filter(kind=one.kind, hash=one.hash, key_id=one.key_id).exclude(user=one.user_id)


class Identifier(models.Model):
    """One thing that a person has, as a keyed hash: what it says stands nowhere here. `label` is what staff read."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="identifiers")
    kind = models.CharField(max_length=12, choices=IdentifierKind)
    hash = models.CharField(max_length=64)
    key_id = models.CharField(max_length=20)  # of the key it was hashed with
    label = models.CharField(max_length=200)
    source_ref = models.UUIDField(null=True, blank=True)  # public id of the credential or document
    first_seen_at = models.DateTimeField()

    objects: ClassVar[Any] = IdentifierQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "hash"], name="person_has_an_identifier_once"),
        ]
        indexes = [models.Index(fields=["kind", "hash"], name="identifier_twins")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.label}"


class QuestionQuerySet(models.QuerySet["Question"]):
    def visible_to(self, user: User) -> Self:
        """Vetting staff alone, and nobody sees a question about themselves."""
        rows = self.exclude(Q(first=user) | Q(second=user))
        return rows if user.is_vetting_staff or user.is_superuser else rows.none()

    def of_pair(self, one: int, other: int) -> Self:
        first, second = sorted((one, other))
        return self.filter(first=first, second=second)

    def about(self, user: User) -> Self:
        return self.filter(Q(first=user) | Q(second=user))

    def open(self) -> Self:
        return self.filter(state=QuestionState.OPEN)

    def with_both(self) -> Self:
        return self.select_related("first", "second", "answered_by").prefetch_related("matches")


class Question(models.Model):
    """
    Two accounts that have something in common. A person finds out why; nothing is held or closed by it.

    A pair has one question for ever, so nobody is asked twice. It opens again only when something of another kind turns up.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    first = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=QuestionState, default=QuestionState.OPEN)
    outcome = models.CharField(max_length=16, choices=Outcome, blank=True, default="")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[Any] = QuestionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="pair_of_accounts_is_asked_about_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="pair_of_accounts_stands_in_order"),
            models.CheckConstraint(
                condition=Q(state="OPEN", outcome="", answered_at__isnull=True, answered_by__isnull=True)
                | Q(state="ANSWERED", answered_at__isnull=False, answered_by__isnull=False) & ~Q(outcome=""),
                name="answered_question_names_outcome_and_person",
            ),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=F("first")) & ~Q(answered_by=F("second")),
                name="nobody_answers_a_question_about_themselves",
            ),
        ]
        indexes = [models.Index(fields=["opened_at"], name="questions_that_wait", condition=Q(state="OPEN"))]

    def __str__(self) -> str:
        return f"{self.first} and {self.second}"

    @property
    def kinds(self) -> list[str]:
        """What the two have in common, in words."""
        return sorted({str(match.get_kind_display()) for match in self.matches.all()})


class Match(models.Model):
    """One thing that two accounts have in common, and what each calls it."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="matches")
    kind = models.CharField(max_length=12, choices=IdentifierKind)
    first_label = models.CharField(max_length=200)
    second_label = models.CharField(max_length=200)
    found_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["question", "kind", "first_label", "second_label"], name="match_is_noted_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class Answer(models.Model):
    """What a person found out about two accounts, and how. Kept when the question opens again."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="answers")
    outcome = models.CharField(max_length=16, choices=Outcome)
    words = models.TextField(max_length=2000)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(words__length__gte=WORDS_MIN_CHARS), name="answer_about_two_accounts_says_how_it_was_found"
            )
        ]

    def __str__(self) -> str:
        return f"{self.question}: {self.get_outcome_display()}"
