"""Who did what, before and after: append-only, sealed into a hash chain by a sweeper each minute."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Case, OuterRef, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, NullIf

from marketplace.accounts.models import User
from marketplace.kernel.ids import new_public_id


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def about(self, kind: str, ref: object) -> Self:
        """What happened to one thing, the newest first, with the names of who did it."""
        return self.filter(about_kind=kind, about_ref=str(ref)).with_names().order_by("-pk")

    def with_names(self) -> Self:
        """With `name`: of a person as they are called now, of a key or the system as it was called then."""
        person = User.objects.filter(public_id=Cast(OuterRef("actor_ref"), models.UUIDField())).annotate(
            called=Coalesce(NullIf("full_name", Value("")), "email", output_field=models.CharField())
        )
        return self.annotate(
            name=Case(
                When(actor_kind="user", then=Coalesce(Subquery(person.values("called")[:1]), "actor_name")),
                default="actor_name",
                output_field=models.CharField(),
            )
        )

    def unsealed(self) -> Self:
        return self.filter(seal__isnull=True).order_by("pk")


class AuditEvent(models.Model):
    """
    One decision. A trigger refuses UPDATE, DELETE and TRUNCATE.

    A person stands here by an opaque id and is named by looking them up, so that erasing somebody needs no change of the
    trail; `actor_name` is for keys and the system.
    """

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

    name: str  # whoever did it, where the rows were read `with_names`

    objects: ClassVar[Any] = AuditEventQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["about_kind", "about_ref"], name="audit_event_about")]

    def __str__(self) -> str:
        return f"{self.what} by {getattr(self, 'name', '') or self.actor_name or self.actor_ref}"


class AuditSeal(models.Model):
    """The link of one event in the chain: SHA-256 over the previous link and the canonical event."""

    event = models.OneToOneField(AuditEvent, on_delete=models.PROTECT, related_name="seal")
    number = models.BigIntegerField(unique=True)
    previous_sha256 = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64, unique=True)
    sealed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"seal {self.number}"
