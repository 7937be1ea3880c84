"""Vetting: a case made of checks, decided by a person."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Length
from django.utils.translation import gettext

from experts.credentials.models import Credential
from experts.profiles.models import Expert, Field
from experts.registries.models import RegistryImport, SanctionEntry
from experts.vetting.enums import (
    ANSWER_DAYS,
    BLOCKING_HITS,
    DECISION_DAYS,
    DECLINE_REASON_MIN_CHARS,
    HIT_REASON_MIN_CHARS,
    OPEN_CASE_STATES,
    RESULT_TONES,
    WAITING_HITS,
    CaseState,
    CheckKind,
    CheckResult,
    HitState,
    Outcome,
    ReasonCode,
    Verdict,
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

    def decided(self) -> Self:
        return self.filter(state__in=[CaseState.APPROVED, CaseState.DECLINED])

    def approved(self) -> Self:
        return self.filter(state=CaseState.APPROVED)

    def overdue(self, now: datetime) -> Self:
        """Waiting for a decision, and the promised day has passed."""
        return self.filter(state=CaseState.AWAITING_DECISION, due_at__lte=now).order_by("due_at", "pk")

    def unanswered(self, now: datetime) -> Self:
        """More was asked, and the days to answer have passed."""
        return self.filter(state=CaseState.MORE_ASKED, due_at__lte=now).order_by("due_at", "pk")

    def checked(self) -> Self:
        """Still in the state of being checked although every check of its round is in."""
        pending = Check.objects.filter(case=OuterRef("pk"), round=OuterRef("round"), result=CheckResult.PENDING)
        return self.filter(~Exists(pending), state=CaseState.CHECKING).order_by("pk")

    def with_people(self) -> Self:
        return self.select_related("expert__user", "field__parent", "claimed_by")


class Case(models.Model):
    """One request of an expert to be vetted for a field. `due_at` is the clock both sides see."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    number = models.BigIntegerField(unique=True)  # what people say: V-1182
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="cases")
    field = models.ForeignKey(Field, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=CaseState, default=CaseState.CHECKING)
    round = models.PositiveSmallIntegerField(default=1)  # a new one begins with each answer of the expert
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

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_CASE_STATES

    @property
    def clock_since(self) -> datetime:
        """When the wait began whose end `due_at` is."""
        days = ANSWER_DAYS if self.state == CaseState.MORE_ASKED else DECISION_DAYS
        return self.due_at - timedelta(days=days)

    @property
    def clock_then(self) -> str:
        """What happens at zero, in words."""
        if self.state == CaseState.MORE_ASKED:
            return gettext("then it closes without a decision")
        return gettext("then another person takes it")


class CheckQuerySet(JobQuerySet):
    def unfinished(self) -> Self:
        return self.filter(result=CheckResult.PENDING)


class Check(Job):
    """One check of a case: a durable job with its evidence, its result, and an explanation people can read."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="checks")
    round = models.PositiveSmallIntegerField(default=1)
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
                fields=["case", "round", "kind", "credential"],
                nulls_distinct=False,
                name="case_runs_a_check_once_a_round",
            ),
            models.CheckConstraint(
                condition=Q(result=CheckResult.PENDING) | Q(checked_at__isnull=False) & ~Q(explanation=""),
                name="finished_check_explains_itself",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case}: {self.get_kind_display()}"

    @property
    def label(self) -> str:
        """What people read: the credential where it is about one, else the kind."""
        if self.credential is None:
            return str(self.get_kind_display())
        if self.kind == CheckKind.REGISTRY:
            return gettext("%s: registry match") % self.credential.label
        return self.credential.label

    @property
    def source(self) -> str:
        """Where the finding comes from, in words."""
        if self.kind == CheckKind.RESUME:
            numbers = ", ".join(str(row["line"]) for row in self.evidence.get("lines", []))
            return gettext("Résumé, lines %s") % numbers if numbers else gettext("Résumé")
        if self.kind == CheckKind.CREDENTIAL:
            return str(self.evidence.get("source") or gettext("Declared"))
        if self.kind in (CheckKind.REGISTRY, CheckKind.SANCTIONS):
            return str(self.evidence.get("list") or gettext("No list yet"))
        named = {
            CheckKind.DUPLICATE: gettext("Keyed hashes"),
            CheckKind.ASSESSMENT: gettext("Attempts"),
            CheckKind.INTERVIEW: gettext("Two scorers"),
        }
        return named.get(CheckKind(self.kind), gettext("Profile"))

    @property
    def tone(self) -> str:
        return RESULT_TONES[CheckResult(self.result)]


class Decision(models.Model):
    """What a person decided on a case, with reason and evidence. Never by the expert it is about."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="decisions")
    outcome = models.CharField(max_length=12, choices=Outcome)
    reason_code = models.CharField(max_length=24, choices=ReasonCode)
    reason = models.TextField(max_length=4000, blank=True, default="")
    evidence_checks = ArrayField(models.BigIntegerField(), default=list, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    about = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.DECLINE) | Q(reason__length__gte=DECLINE_REASON_MIN_CHARS),
                name="decline_gives_a_reason_of_100_characters",
            ),
            models.CheckConstraint(condition=~Q(decided_by=models.F("about")), name="nobody_decides_on_their_own_case"),
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.ASK_FOR_MORE) | ~Q(reason=""), name="asking_for_more_says_what"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case}: {self.get_outcome_display()}"


class Answer(models.Model):
    """What an expert said when more was asked; it begins the next round of checks."""

    decision = models.OneToOneField(Decision, on_delete=models.CASCADE, related_name="answer")
    text = models.TextField(max_length=4000)
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="answer_says_something")]

    def __str__(self) -> str:
        return f"answer to {self.decision}"


# ---------------------------------------------------------------------------------------------------------- sanctions


class Screening(models.Model):
    """
    One comparison of a person's name with one list: which list, under which name and threshold, and the best score.

    Written for every person and list, also where nothing was found; together with the hits it is the proof of screening.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="screenings")
    seen_in = models.ForeignKey(RegistryImport, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    threshold = models.PositiveSmallIntegerField()
    best_score = models.PositiveSmallIntegerField()
    hit_count = models.PositiveSmallIntegerField()
    is_readable = models.BooleanField()  # one word only, or letters that are not Latin: a program cannot tell
    screened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["expert", "seen_in", "name", "threshold"], name="person_is_screened_once_for_each_list"
            ),
            models.CheckConstraint(
                condition=Q(best_score__lte=100, threshold__lte=100), name="scores_end_at_one_hundred"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.best_score}"


class HitQuerySet(models.QuerySet["Hit"]):
    def visible_to(self, user: User) -> Self:
        """Vetting staff alone, and nobody sees a hit about themselves."""
        rows = self.exclude(expert__user=user)
        return rows if user.is_vetting_staff or user.is_superuser else rows.none()

    def waiting(self) -> Self:
        return self.filter(state__in=WAITING_HITS)

    def blocking(self) -> Self:
        return self.filter(state__in=BLOCKING_HITS)

    def with_both(self) -> Self:
        return self.select_related("expert__user", "entry", "last_screening__seen_in", "said_by")


class Hit(models.Model):
    """
    A person whose name is like that of an entry. A person decides; that it is the same one needs a second person.

    `decided_facts` is the hash of what the entry said when it was decided: an entry that changes opens the hit again.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="sanction_hits")
    entry = models.ForeignKey(SanctionEntry, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=HitState, default=HitState.OPEN)
    score = models.PositiveSmallIntegerField()
    matched_name = models.CharField(max_length=350)
    own_name = models.CharField(max_length=120)
    technique = models.CharField(max_length=40)
    last_screening = models.ForeignKey(Screening, on_delete=models.PROTECT, related_name="hits")
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_facts = models.CharField(max_length=64, blank=True, default="")
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[Any] = HitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["expert", "entry"], name="person_meets_an_entry_once"),
            models.CheckConstraint(
                condition=~Q(state=HitState.CONFIRMED)
                | Q(said_by__isnull=False, confirmed_by__isnull=False) & ~Q(said_by=models.F("confirmed_by")),
                name="two_people_confirm_a_sanctions_match",
            ),
        ]
        indexes = [
            models.Index(fields=["opened_at"], name="hits_that_wait", condition=Q(state__in=sorted(WAITING_HITS))),
        ]

    def __str__(self) -> str:
        return f"{self.own_name} and {self.matched_name}"


class HitDecision(models.Model):
    """What a member of staff said about a hit, on which list and score, and why. Never about themselves."""

    hit = models.ForeignKey(Hit, on_delete=models.CASCADE, related_name="decisions")
    verdict = models.CharField(max_length=12, choices=Verdict)
    reason = models.TextField(max_length=2000)
    score = models.PositiveSmallIntegerField()
    list_on = models.DateField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    about = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(decided_by=models.F("about")), name="nobody_decides_on_their_own_sanctions_hit"
            ),
            models.CheckConstraint(
                condition=Q(reason__length__gte=HIT_REASON_MIN_CHARS), name="sanctions_verdict_gives_its_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hit}: {self.get_verdict_display()}"
