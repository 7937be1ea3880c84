"""Reasons not to pay somebody for now."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from marketplace.accounts.models import User
from marketplace.kernel.ids import new_public_id
from payments.payouts.enums import HoldReason


class HoldQuerySet(models.QuerySet["Hold"]):
    def visible_to(self, user: User) -> Self:
        """Finance staff see all; a payee sees their own."""
        return self if user.is_finance_staff or user.is_superuser else self.filter(payee=user)

    def live(self, now: datetime) -> Self:
        return self.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now), released_at__isnull=True)

    def newest_first(self) -> Self:
        return self.order_by("-pk")

    def with_people(self) -> Self:
        return self.select_related("payee", "released_by")


class Hold(models.Model):
    """A reason not to pay a person for now, with its end. Runs look at the live ones when they are computed."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    payee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="payout_holds")
    reason = models.CharField(max_length=24, choices=HoldReason)
    words = models.CharField(max_length=300)
    placed_at = models.DateTimeField()
    placed_by_kind = models.CharField(max_length=20)
    placed_by_ref = models.CharField(max_length=80)
    expires_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(  # empty where the rule that placed the hold took it back
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    release_words = models.CharField(max_length=300, blank=True, default="")

    objects: ClassVar[Any] = HoldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("placed_at")), name="hold_ends_after_it_began"
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, released_by__isnull=True, release_words="")
                | Q(released_at__isnull=False) & ~Q(release_words=""),
                name="released_hold_says_why_it_was_released",
            ),
        ]
        indexes = [models.Index(fields=["payee"], name="hold_of_payee", condition=Q(released_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.payee}: {self.get_reason_display()}"
