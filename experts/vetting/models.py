"""Vetting: a case made of checks, decided by a person."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length

from experts.credentials.models import Credential
from experts.profiles.models import Expert, Field
from experts.vetting.enums import (
    DECLINE_REASON_MIN_CHARS,
    OPEN_CASE_STATES,
    CaseState,
    CheckKind,
    CheckResult,
    Outcome,
    ReasonCode,
)
from marketplace.accounts.models import User
from marketplace.kernel.ids import new_public_id
from marketplace.kernel.jobs import Job, JobQuerySet

models.TextField.register_lookup(Length)


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: User) -> Self:
        """The expert it is about, and vetting staff; nobody works on a case about themselves."""
        if user.is_vetting_staff or user.is_superuser:
            return self
        return self.filter(expert__user=user)

    def open(self) -> Self:
        return self.filter(state__in=OPEN_CASE_STATES)

    def awaiting_decision(self) -> Self:
        return self.filter(state=CaseState.AWAITING_DECISION)

    def with_people(self) -> Self:
        return self.select_related("expert__user", "field__parent", "claimed_by")


class Case(models.Model):
    """One request of an expert to be vetted for a field. `due_at` is the clock both sides see."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    number = models.BigIntegerField(unique=True)  # what people say: V-1182
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="cases")
    field = models.ForeignKey(Field, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=CaseState, default=CaseState.CHECKING)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="claimed_cases"
    )
    claimed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["expert", "field"],
                condition=Q(state__in=sorted(OPEN_CASE_STATES)),
                name="expert_has_one_open_case_per_field",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["APPROVED", "DECLINED"], decided_at__isnull=False)
                | ~Q(state__in=["APPROVED", "DECLINED"]) & Q(decided_at__isnull=True),
                name="decided_case_says_when",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="vetting_case_queue")]

    def __str__(self) -> str:
        return f"V-{self.number}"


class CheckQuerySet(JobQuerySet):
    def unfinished(self) -> Self:
        return self.filter(result=CheckResult.PENDING)


class Check(Job):
    """One check of a case: a durable job with its evidence, its result, and an explanation people can read."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="checks")
    kind = models.CharField(max_length=12, choices=CheckKind)
    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, null=True, blank=True, related_name="checks")
    result = models.CharField(max_length=12, choices=CheckResult, default=CheckResult.PENDING)
    evidence = models.JSONField(default=dict)
    explanation = models.TextField(blank=True, default="")
    checked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = CheckQuerySet.as_manager()

    class Meta(Job.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind", "credential"], nulls_distinct=False, name="case_runs_a_check_once"
            ),
            models.CheckConstraint(
                condition=Q(result=CheckResult.PENDING) | Q(checked_at__isnull=False) & ~Q(explanation=""),
                name="finished_check_explains_itself",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case}: {self.get_kind_display()}"


class Decision(models.Model):
    """What a person decided on a case, with reason and evidence. Never by the expert it is about."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="decisions")
    outcome = models.CharField(max_length=12, choices=Outcome)
    reason_code = models.CharField(max_length=24, choices=ReasonCode)
    reason = models.TextField(max_length=4000, blank=True, default="")
    evidence_checks = ArrayField(models.BigIntegerField(), default=list, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.DECLINE) | Q(reason__length__gte=DECLINE_REASON_MIN_CHARS),
                name="decline_gives_a_reason_of_100_characters",
            ),
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.ASK_FOR_MORE) | ~Q(reason=""), name="asking_for_more_says_what"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case}: {self.get_outcome_display()}"
