"""Offers, and the signature under their terms."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor
from marketplace.kernel.ids import new_public_id
from projects.hiring.enums import (
    OfferState,
    PayKind,
)
from projects.hiring.models.applications import Application
from projects.labs.models import ApiKey, Lab
from projects.listings.models import Terms


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
    ends_on = models.DateField(null=True, blank=True)  # the last day; without one the contract is open-ended
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
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="offer_ends_on_or_after_its_first_day",
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
