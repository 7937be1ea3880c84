"""Who did what, before and after: append-only, sealed into a hash chain by a sweeper each minute."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models

from marketplace.kernel.ids import new_public_id


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def about(self, kind: str, ref: object) -> Self:
        """What happened to one thing, the newest first."""
        return self.filter(about_kind=kind, about_ref=str(ref)).order_by("-pk")

    def unsealed(self) -> Self:
        return self.filter(seal__isnull=True).order_by("pk")


class AuditEvent(models.Model):
    """One decision. A trigger refuses UPDATE, DELETE and TRUNCATE."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    at = models.DateTimeField()
    what = models.CharField(max_length=80)
    actor_kind = models.CharField(max_length=20)
    actor_ref = models.CharField(max_length=80)
    actor_name = models.CharField(max_length=160, blank=True, default="")
    about_kind = models.CharField(max_length=40)
    about_ref = models.CharField(max_length=80)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True, default="")
    address = models.CharField(max_length=45, blank=True, default="")

    objects: ClassVar[Any] = AuditEventQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["about_kind", "about_ref"], name="audit_event_about")]

    def __str__(self) -> str:
        return f"{self.what} by {self.actor_name or self.actor_ref}"


class AuditSeal(models.Model):
    """The link of one event in the chain: SHA-256 over the previous link and the canonical event."""

    event = models.OneToOneField(AuditEvent, on_delete=models.PROTECT, related_name="seal")
    number = models.BigIntegerField(unique=True)
    previous_sha256 = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64, unique=True)
    sealed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"seal {self.number}"
