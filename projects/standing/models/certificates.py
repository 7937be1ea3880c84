"""Signed certificates and what took them back. Rows of all three tables never change; triggers see to it."""

from __future__ import annotations

import json
import uuid
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from experts.credentials.enums import LadderStep
from experts.profiles.models import Expert, Field
from marketplace.accounts.models import User
from marketplace.kernel.ids import new_public_id
from projects.standing.enums import LIST_PLACES, NAMED_STEPS, NameShown, RevocationReason


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def visible_to(self, user: User) -> Self:
        """Their own, and all of them for vetting staff. A visitor needs the address of the one they were shown."""
        if user.is_vetting_staff or user.is_superuser:
            return self
        return self.filter(expert__user=user)

    def of_expert(self, expert: Expert) -> Self:
        return self.filter(expert=expert)

    def standing(self) -> Self:
        """Neither revoked nor followed by a newer one."""
        newer = Certificate.objects.filter(supersedes=OuterRef("pk"))
        return self.filter(~Exists(newer), revocation__isnull=True)

    def with_ends(self) -> Self:
        """With what took it back and what followed it, for a page."""
        return self.select_related("revocation", "successor", "field", "expert__user")


class Certificate(models.Model):
    """
    One signed document. `document` is the canonical JSON with its proof, exactly as it was signed; only erasure may empty
    it. Its address is random, not ordered by time: who has seen one cannot guess another.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    expert = models.ForeignKey(Expert, on_delete=models.PROTECT, related_name="certificates")
    field = models.ForeignKey(Field, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    name_shown = models.CharField(max_length=8, choices=NameShown)
    as_of = models.DateTimeField()
    document = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64)
    key_id = models.CharField(max_length=60)
    list_number = models.PositiveIntegerField()
    list_index = models.PositiveIntegerField()
    supersedes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="successor")

    objects: ClassVar[Any] = CertificateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["list_number", "list_index"], name="certificate_has_a_place_of_its_own"),
            models.CheckConstraint(
                condition=Q(list_index__lt=LIST_PLACES), name="certificate_stands_inside_its_revocation_list"
            ),
            models.CheckConstraint(
                condition=~Q(supersedes=models.F("id")), name="certificate_does_not_supersede_itself"
            ),
        ]
        indexes = [models.Index(fields=["expert", "-as_of"], name="certificate_of_expert")]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """What it is about: one field, or all work."""
        return self.field.name if self.field else "All work"

    @property
    def content(self) -> dict[str, Any]:
        """The document as a value; empty once it was erased."""
        found: dict[str, Any] = json.loads(self.document) if self.document else {}
        return found

    @property
    def ended(self) -> Revocation | None:
        """What took it back, if anything did."""
        return getattr(self, "revocation", None)

    @property
    def newer(self) -> Certificate | None:
        """The one that was issued after it for the same work."""
        return getattr(self, "successor", None)


class CertificateCredential(models.Model):
    """
    That a certificate names a credential, and on which step. Kept by its public id, so that the record outlives the
    credential.
    """

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="named")
    credential_ref = models.UUIDField(db_index=True)
    step = models.CharField(max_length=16, choices=LadderStep)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["certificate", "credential_ref"], name="certificate_names_a_credential_once"
            ),
            models.CheckConstraint(
                condition=Q(step__in=sorted(NAMED_STEPS)), name="named_credential_was_seen_by_somebody_else"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.credential_ref} at {self.step}"


class RevocationQuerySet(models.QuerySet["Revocation"]):
    def places_in(self, list_number: int) -> list[int]:
        """Return the places of a revocation list that are taken back."""
        rows = self.filter(certificate__list_number=list_number).order_by("certificate__list_index")
        return list(rows.values_list("certificate__list_index", flat=True))


class Revocation(models.Model):
    """That a certificate does not count any more. The reason is public, the words are for its holder and staff."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    certificate = models.OneToOneField(Certificate, on_delete=models.PROTECT, related_name="revocation")
    reason = models.CharField(max_length=16, choices=RevocationReason)
    words = models.TextField(max_length=1000, blank=True, default="")
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # empty: a rule of the product

    objects: ClassVar[Any] = RevocationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(by__isnull=False)
                | Q(reason__in=[RevocationReason.CREDENTIAL_FELL, RevocationReason.ERASED]),
                name="only_a_person_revokes_for_other_reasons",
            )
        ]

    def __str__(self) -> str:
        return self.get_reason_display()
