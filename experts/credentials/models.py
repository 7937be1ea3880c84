"""Credentials on their ladder, and the documents behind them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from experts.credentials.enums import (
    LADDER,
    PARTIAL_FOLDER,
    WARNING_DAYS,
    ComparisonOutcome,
    CredentialKind,
    DocumentKind,
    DocumentState,
    LadderStep,
    height,
)
from experts.profiles.models import Expert
from experts.registries.models import RegistryImport
from marketplace.accounts.models import User
from marketplace.kernel.crypto import EncryptedTextField
from marketplace.kernel.events import Event
from marketplace.kernel.ids import new_public_id
from marketplace.kernel.jobs import Job, JobQuerySet


class DocumentQuerySet(JobQuerySet):
    def visible_to(self, user: User) -> Self:
        """The owner, and vetting staff."""
        if user.is_vetting_staff or user.is_superuser:
            return self
        return self.filter(expert__user=user)

    def without_text(self) -> Self:
        """Without the text found in the files, which no list shows."""
        return self.defer("extracted_text")


class Document(Job):
    """
    An uploaded file. It stays in quarantine until a worker has checked it, and is served only through
    a permission check, as an attachment. The job columns belong to that check.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=10, choices=DocumentKind)
    state = models.CharField(max_length=12, choices=DocumentState, default=DocumentState.QUARANTINED)
    file = models.FileField(max_length=200)
    original_name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    refusal = models.TextField(blank=True, default="")
    extracted_text = models.TextField(blank=True, default="")  # pages apart by a form feed
    pages = models.PositiveSmallIntegerField(default=0)
    unreadable_pages = models.PositiveSmallIntegerField(default=0)  # without text that a program can read
    uploaded_at = models.DateTimeField()

    objects: ClassVar[Any] = DocumentQuerySet.as_manager()

    class Meta(Job.Meta):
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=DocumentState.REFUSED) | ~Q(refusal=""), name="refused_document_says_why"
            ),
            models.CheckConstraint(
                condition=Q(unreadable_pages__lte=models.F("pages")), name="document_has_the_pages_that_cannot_be_read"
            ),
        ]

    def __str__(self) -> str:
        return self.original_name

    @property
    def is_scan(self) -> bool:
        """Whether no page of it holds text that a program can read."""
        return self.pages > 0 and self.unreadable_pages == self.pages


class FileEvent(Event):
    """What this room tells the rooms above it of files: "resume_accepted"."""

    objects: ClassVar[Any] = JobQuerySet.as_manager()


class PartialUploadQuerySet(models.QuerySet["PartialUpload"]):
    def visible_to(self, user: User) -> Self:
        """The owner and nobody else: nobody has looked into it yet."""
        return self.filter(expert__user=user)

    def open_at(self, now: datetime) -> Self:
        """Those that may still be gone on with, the newest first."""
        return self.filter(expires_at__gt=now).order_by("-pk")


class PartialUpload(models.Model):
    """
    A file on its way to us in pieces. It is known by what it holds, so that whoever chooses the same file again goes on
    where it stopped. Complete, it becomes a document and this row ends.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="partial_uploads")
    kind = models.CharField(max_length=10, choices=DocumentKind)
    credential = models.ForeignKey("Credential", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=200)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    received_bytes = models.PositiveBigIntegerField(default=0)
    pieces = ArrayField(models.CharField(max_length=200), default=list, blank=True)  # stored files, in order
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    objects: ClassVar[Any] = PartialUploadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["expert", "kind", "credential", "sha256"], nulls_distinct=False,
                name="expert_sends_a_file_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(received_bytes__lte=models.F("size_bytes")), name="upload_receives_at_most_its_size"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def folder(self) -> str:
        """Where its pieces are stored."""
        return f"{PARTIAL_FOLDER}/{self.public_id.hex}"

    @property
    def is_complete(self) -> bool:
        return self.received_bytes == self.size_bytes

    @property
    def percent(self) -> int:
        return 100 * self.received_bytes // self.size_bytes


class CredentialQuerySet(models.QuerySet["Credential"]):
    def visible_to(self, user: User) -> Self:
        if user.is_vetting_staff or user.is_superuser:
            return self
        return self.filter(expert__user=user)

    def of_expert(self, user: User) -> Self:
        return self.filter(expert__user=user)

    def standing(self) -> Self:
        """Not withdrawn by the expert."""
        return self.filter(withdrawn_at__isnull=True)

    def counting(self) -> Self:
        """Standing, and not lapsed: what may meet a requirement. An expired credential counts for nothing until renewed."""
        return self.standing().filter(lapsed_at__isnull=True)

    def at_least_at(self, step: str) -> Self:
        """At this step of the ladder or above it."""
        return self.filter(step__in=[higher for higher in LADDER if height(higher) >= height(step)])

    def in_force(self, on: date) -> Self:
        """Without an expiry, or expiring on this day or later."""
        return self.filter(Q(expires_on__isnull=True) | Q(expires_on__gte=on))

    def with_ladder(self) -> Self:
        """With the steps and the document that a page shows."""
        steps = models.Prefetch("steps", queryset=CredentialStep.objects.order_by("pk"))
        rows = self.select_related("document", "comparison__seen_in").defer("document__extracted_text")
        return rows.prefetch_related(steps).order_by("pk")


class Credential(models.Model):
    """One thing an expert can show, and how sure we are of it. The number is sealed; the last four stand apart."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="credentials")
    kind = models.CharField(max_length=24, choices=CredentialKind)
    title = models.CharField(max_length=160, blank=True, default="")
    issuer = models.CharField(max_length=160, blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    region = models.CharField(max_length=10, blank=True, default="")
    number = EncryptedTextField(blank=True, default="")
    number_hash = models.CharField(max_length=64, blank=True, default="", db_index=True)
    number_last4 = models.CharField(max_length=4, blank=True, default="")
    expires_on = models.DateField(null=True, blank=True)
    awarded_year = models.PositiveSmallIntegerField(null=True, blank=True)
    document = models.ForeignKey(Document, on_delete=models.SET_NULL, null=True, blank=True, related_name="credentials")
    step = models.CharField(max_length=16, choices=LadderStep, default=LadderStep.DECLARED)
    declared_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    lapsed_at = models.DateTimeField(null=True, blank=True)  # it expired and was not renewed since
    renewal_expires_on = models.DateField(null=True, blank=True)  # the expert's word, until somebody has looked
    confirmed_until = models.DateField(null=True, blank=True)  # the last day on which a staff confirmation counts

    objects: ClassVar[Any] = CredentialQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["expert", "kind", "number_hash"],
                condition=Q(withdrawn_at__isnull=True) & ~Q(number_hash=""),
                name="expert_declares_a_number_once",
            ),
            models.CheckConstraint(
                condition=Q(lapsed_at__isnull=True) | Q(step=LadderStep.DECLARED),
                name="lapsed_credential_counts_for_nothing",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_until__isnull=False, step=LadderStep.CONFIRMED)
                | Q(confirmed_until__isnull=True) & ~Q(step=LadderStep.CONFIRMED),
                name="confirmed_credential_says_until_when",
            ),
            models.CheckConstraint(
                condition=Q(renewal_expires_on__isnull=True) | Q(renewal_expires_on__gt=models.F("expires_on")),
                name="renewal_ends_after_what_it_renews",
            ),
        ]
        indexes = [
            models.Index(fields=["expert", "kind", "step"], name="credential_of_expert"),
            models.Index(fields=["expires_on"], name="credential_with_expiry", condition=Q(withdrawn_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """What people read: the title where there is one, else the kind, with the place."""
        place = "-".join(part for part in (self.country, self.region) if part)
        name = self.title or self.get_kind_display()
        return f"{name} ({place})" if place else name

    @property
    def number_hint(self) -> str:
        """The end of the number, the rest hidden."""
        return f"··{self.number_last4}" if self.number_last4 else ""

    def stands_at_least_at(self, step: str) -> bool:
        return height(self.step) >= height(step)


class Comparison(models.Model):
    """
    What the newest imported register says of a credential. One row each, written again with each import, or when the
    name of the account has changed.
    """

    credential = models.OneToOneField(Credential, on_delete=models.CASCADE, related_name="comparison")
    seen_in = models.ForeignKey(RegistryImport, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)  # of the account, as it was compared
    outcome = models.CharField(max_length=12, choices=ComparisonOutcome)
    explanation = models.TextField()
    evidence = models.JSONField(default=dict)
    compared_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(explanation=""), name="comparison_explains_itself")]

    def __str__(self) -> str:
        return f"{self.credential}: {self.get_outcome_display()}"


class ExpiryWarning(models.Model):
    """That the expert was told that a credential ends: once for each distance, and anew after a renewal."""

    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="warnings")
    expires_on = models.DateField()
    days = models.PositiveSmallIntegerField(choices=[(days, f"{days} days") for days in WARNING_DAYS])
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["credential", "expires_on", "days"], name="expert_is_warned_once_each")
        ]

    def __str__(self) -> str:
        return f"{self.credential}, {self.days} days"


class CredentialStep(models.Model):
    """
    One move on the ladder: from where to where, when, by whom, from which source, and why. `seen_on` is the day
    on which a person looked at the source.
    """

    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="steps")
    from_step = models.CharField(max_length=16, choices=LadderStep, blank=True, default="")
    to_step = models.CharField(max_length=16, choices=LadderStep)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=20)
    actor_ref = models.CharField(max_length=80)
    source = models.CharField(max_length=160, blank=True, default="")
    seen_on = models.DateField(null=True, blank=True)
    explanation = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(to_step=LadderStep.CONFIRMED) | ~Q(source="") & Q(seen_on__isnull=False),
                name="confirmation_names_its_source_and_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.from_step} to {self.to_step}"
