"""From an application through an offer to a contract with immutable versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor
from marketplace.kernel.ids import new_public_id
from projects.hiring.enums import (
    LIVE_APPLICATION_STATES,
    WAITING_APPLICATION_STATES,
    ApplicationState,
    ContractState,
    DeclineCode,
    OfferState,
    PayKind,
)
from projects.labs.models import ApiKey, Lab
from projects.listings.models import Project, Terms


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, actor: Actor) -> Self:
        """The expert it belongs to, and the lab's members once it was submitted."""
        if isinstance(actor, ApiKey):
            return self.filter(project__lab_id=actor.lab_id, submitted_at__isnull=False)
        if isinstance(actor, User):
            labs = Lab.objects.visible_to(actor).values("pk")
            theirs = Q(project__lab__in=labs, submitted_at__isnull=False)
            return self.filter(Q(expert__user=actor) | theirs)
        return self.none()

    def of_expert(self, user: User) -> Self:
        return self.filter(expert__user=user)

    def of_lab(self, lab: Lab) -> Self:
        """What a lab sees: everything that was submitted. A draft that was withdrawn was never theirs to read."""
        return self.filter(project__lab=lab, submitted_at__isnull=False)

    def with_people(self) -> Self:
        return self.select_related("expert__user", "project__lab", "decided_by")

    def overdue(self, now: datetime) -> Self:
        """Submitted or shortlisted, and the lab's clock has run out."""
        return self.filter(state__in=WAITING_APPLICATION_STATES, due_at__lte=now).order_by("due_at", "pk")


class Application(models.Model):
    """One expert's application to one project. Contact data stays hidden from the lab until hired."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    expert = models.ForeignKey(Expert, on_delete=models.PROTECT, related_name="applications")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="applications")
    state = models.CharField(max_length=12, choices=ApplicationState, default=ApplicationState.STARTED)
    note = models.TextField(max_length=3000, blank=True, default="")
    answers = models.JSONField(default=list)  # [{question, answer}] in the order of the listing
    work_authorised_at = models.DateTimeField(null=True, blank=True)
    conflicts_declared_at = models.DateTimeField(null=True, blank=True)
    conflicts = models.TextField(max_length=1000, blank=True, default="")
    version = models.PositiveIntegerField(default=0)  # of the autosaved draft
    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decline_code = models.CharField(max_length=24, choices=DeclineCode, blank=True, default="")
    decline_reason = models.TextField(max_length=2000, blank=True, default="")

    objects: ClassVar[Any] = ApplicationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["expert", "project"],
                condition=Q(state__in=sorted(LIVE_APPLICATION_STATES)),
                name="expert_has_one_live_application_per_project",
            ),
            models.CheckConstraint(
                condition=~Q(state=ApplicationState.DECLINED) | ~Q(decline_code="") & ~Q(decline_reason=""),
                name="declined_application_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["STARTED", "WITHDRAWN"]) | Q(submitted_at__isnull=False),
                name="application_beyond_started_was_submitted",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(WAITING_APPLICATION_STATES)) | Q(due_at__isnull=False),
                name="application_that_waits_has_a_clock",
            ),
        ]
        indexes = [models.Index(fields=["project", "state"], name="application_pipeline")]

    def __str__(self) -> str:
        return f"{self.expert} to {self.project}"


class OfferQuerySet(models.QuerySet["Offer"]):
    def visible_to(self, actor: Actor) -> Self:
        if isinstance(actor, ApiKey):
            return self.filter(application__project__lab_id=actor.lab_id)
        if isinstance(actor, User):
            labs = Lab.objects.visible_to(actor).values("pk")
            return self.filter(Q(application__expert__user=actor) | Q(application__project__lab__in=labs))
        return self.none()

    def of_expert(self, user: User) -> Self:
        return self.filter(application__expert__user=user)

    def with_people(self) -> Self:
        return self.select_related("application__expert__user", "application__project__lab", "terms", "sent_by")

    def overdue(self, now: datetime) -> Self:
        return self.filter(state=OfferState.SENT, expires_at__lte=now).order_by("expires_at", "pk")


class Offer(models.Model):
    """What a lab offers an applicant: a rate, a weekly cap, terms to sign, and a day by which to answer."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="offers")
    state = models.CharField(max_length=10, choices=OfferState, default=OfferState.SENT)
    pay_kind = models.CharField(max_length=8, choices=PayKind, default=PayKind.HOURLY)
    rate_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    weekly_cap_minutes = models.PositiveIntegerField()
    fee_bps = models.PositiveIntegerField()
    starts_on = models.DateField()
    message = models.TextField(max_length=2000, blank=True, default="")
    terms = models.ForeignKey(Terms, on_delete=models.PROTECT, related_name="offers")
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = OfferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application"], condition=Q(state="SENT"), name="application_has_one_open_offer"
            ),
            models.CheckConstraint(condition=Q(rate_minor__gt=0), name="offer_rate_is_positive"),
            models.CheckConstraint(
                condition=Q(weekly_cap_minutes__gte=60, weekly_cap_minutes__lte=3600),
                name="offer_week_has_between_1_and_60_hours",
            ),
        ]

    def __str__(self) -> str:
        return f"offer {self.public_id}"


class TermsSignature(models.Model):
    """An electronic signature: the name as typed, when, from where, and the hash of the very text."""

    offer = models.OneToOneField(Offer, on_delete=models.PROTECT, related_name="signature")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    typed_name = models.CharField(max_length=120)
    text_sha256 = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    address = models.CharField(max_length=45, blank=True, default="")

    def __str__(self) -> str:
        return f"signed by {self.typed_name}"


class ContractQuerySet(models.QuerySet["Contract"]):
    def visible_to(self, actor: Actor) -> Self:
        if isinstance(actor, ApiKey):
            return self.filter(lab_id=actor.lab_id)
        if isinstance(actor, User):
            labs = Lab.objects.visible_to(actor).values("pk")
            return self.filter(Q(expert__user=actor) | Q(lab__in=labs))
        return self.none()

    def of_expert(self, user: User) -> Self:
        return self.filter(expert__user=user)

    def active(self) -> Self:
        return self.filter(state=ContractState.ACTIVE)

    def with_people(self) -> Self:
        return self.select_related("expert__user", "project__lab", "current_version")


class Contract(models.Model):
    """An agreement between a lab and an expert. `alias` ("E-7") is how others in the lab's files see the expert."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    offer = models.OneToOneField(Offer, on_delete=models.PROTECT, related_name="contract")
    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, related_name="contracts")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="contracts")
    expert = models.ForeignKey(Expert, on_delete=models.PROTECT, related_name="contracts")
    alias = models.CharField(max_length=12)
    state = models.CharField(max_length=8, choices=ContractState, default=ContractState.ACTIVE)
    currency = models.CharField(max_length=3)
    current_version = models.ForeignKey(
        "ContractVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.TextField(max_length=2000, blank=True, default="")

    objects: ClassVar[Any] = ContractQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "expert"],
                condition=~Q(state="ENDED"),
                name="expert_has_one_running_contract_per_project",
            ),
            models.UniqueConstraint(fields=["project", "alias"], name="contract_alias_is_unique_in_its_project"),
            models.CheckConstraint(
                condition=Q(state="ENDED", ended_at__isnull=False) | ~Q(state="ENDED") & Q(ended_at__isnull=True),
                name="ended_contract_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project}, {self.alias}"


class ContractVersion(models.Model):
    """The terms of pay from a day on. Never changed; a new rate or cap is a new version."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    pay_kind = models.CharField(max_length=8, choices=PayKind, default=PayKind.HOURLY)
    rate_minor = models.BigIntegerField()
    weekly_cap_minutes = models.PositiveIntegerField()
    fee_bps = models.PositiveIntegerField()
    effective_from = models.DateTimeField()
    accepted_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract", "number"], name="contract_version_is_numbered_once"),
            models.CheckConstraint(condition=Q(rate_minor__gt=0), name="contract_rate_is_positive"),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"
