"""A case made of checks, decided by a person, with the rows that a decision rests on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Length
from django.utils.translation import gettext

from experts.credentials.models import Credential, Document
from experts.profiles.models import Expert, Field
from experts.vetting.enums import (
    ANSWER_DAYS,
    APPEAL_DAYS,
    DECISION_DAYS,
    DECLINE_REASON_MIN_CHARS,
    JUDGE_DAYS,
    NEEDS_TWO,
    OPEN_CASE_STATES,
    REASON_SENTENCES,
    RESULT_TONES,
    WAITING_FOR_STAFF,
    AppealOutcome,
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

    def waiting_for_staff(self) -> Self:
        """A person of vetting has the next word: a decision, or an appeal against one."""
        return self.filter(state__in=WAITING_FOR_STAFF)

    def free(self, now: datetime) -> Self:
        """Claimed by nobody, or by somebody whose claim ran out."""
        return self.filter(Q(claimed_by__isnull=True) | Q(claimed_until__lte=now))

    def workable_by(self, user: User) -> Self:
        """
        Cases that this person may work on: not about themselves, and no appeal in which they have taken a side. Who declined is
        not asked about it again, not after it was reopened either; nor is who gave the second opinion.
        """
        sides = Q(appeals__outcome="") & (Q(appeals__against=user) | Q(appeals__second=user))
        sides |= Q(appeals__outcome=AppealOutcome.REOPENED, appeals__against=user)
        spoke = Q(state=CaseState.APPEALED, opinions__round=F("round"), opinions__given_by=user)
        taken = [Case.objects.filter(one).values("pk") for one in (sides, spoke)]
        return self.exclude(expert__user=user).exclude(pk__in=taken[0]).exclude(pk__in=taken[1])

    def decided(self) -> Self:
        return self.filter(state__in=[CaseState.APPROVED, CaseState.DECLINED])

    def approved(self) -> Self:
        return self.filter(state=CaseState.APPROVED)

    def overdue(self, now: datetime) -> Self:
        """Waiting for a decision or for an appeal to be judged, and the promised day has passed."""
        return self.waiting_for_staff().filter(due_at__lte=now).order_by("due_at", "pk")

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
    claimed_until = models.DateTimeField(null=True, blank=True)  # renewed by work; then whoever is free may take it

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
            models.CheckConstraint(
                condition=Q(claimed_by__isnull=True) | Q(claimed_until__isnull=False), name="claim_of_a_case_has_an_end"
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
        days = {CaseState.MORE_ASKED: ANSWER_DAYS, CaseState.APPEALED: JUDGE_DAYS}
        return self.due_at - timedelta(days=days.get(CaseState(self.state), DECISION_DAYS))

    @property
    def clock_then(self) -> str:
        """What happens at zero, in words."""
        if self.state == CaseState.MORE_ASKED:
            return gettext("then it closes without a decision")
        if self.state == CaseState.APPEALED:
            return gettext("then it goes to the head of the queue")
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
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    second_by = models.ForeignKey(  # who gave the second opinion that stood beside it
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    about = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.DECLINE) | Q(reason__length__gte=DECLINE_REASON_MIN_CHARS),
                name="decline_gives_a_reason_of_100_characters",
            ),
            models.CheckConstraint(condition=~Q(decided_by=F("about")), name="nobody_decides_on_their_own_case"),
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.ASK_FOR_MORE) | ~Q(reason=""), name="asking_for_more_says_what"
            ),
            models.CheckConstraint(
                condition=Q(second_by__isnull=True) | ~Q(second_by=F("decided_by")) & ~Q(second_by=F("about")),
                name="second_opinion_is_of_another_person",
            ),
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.DECLINE, reason_code__in=sorted(NEEDS_TWO)) | Q(second_by__isnull=False),
                name="two_people_accuse_an_expert_never_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case}: {self.get_outcome_display()}"

    @property
    def sentence(self) -> str:
        """What the code says to the expert."""
        return REASON_SENTENCES[ReasonCode(self.reason_code)]

    @property
    def appeal_until(self) -> datetime:
        """Until when the expert may appeal against a decline."""
        return self.decided_at + timedelta(days=APPEAL_DAYS)


class Evidence(models.Model):
    """
    One thing that a decision rests on: a check or a document. Its name is kept, because the expert may delete a file later and
    nothing of the record may become unreadable by it.
    """

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="evidence")
    check_row = models.ForeignKey(Check, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    label = models.CharField(max_length=200)

    class Meta:
        verbose_name_plural = "evidence"
        constraints = [
            models.UniqueConstraint(fields=["decision", "check_row"], name="decision_rests_on_a_check_once"),
            models.UniqueConstraint(fields=["decision", "document"], name="decision_rests_on_a_document_once"),
            models.CheckConstraint(condition=~Q(label=""), name="evidence_has_a_name"),
            models.CheckConstraint(
                condition=Q(check_row__isnull=True) | Q(document__isnull=True), name="evidence_is_one_thing_only"
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Answer(models.Model):
    """What an expert said when more was asked; it begins the next round of checks."""

    decision = models.OneToOneField(Decision, on_delete=models.CASCADE, related_name="answer")
    text = models.TextField(max_length=4000)
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="answer_says_something")]

    def __str__(self) -> str:
        return f"answer to {self.decision}"
