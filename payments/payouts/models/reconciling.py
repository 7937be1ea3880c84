"""Our books beside Stripe: comparisons, and what two people enter by hand."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from marketplace.accounts.models import User
from marketplace.kernel.ids import new_public_id
from payments.payouts.enums import CorrectionKind, CorrectionState
from payments.payouts.models.runs import PayRun


class Reconciliation(models.Model):
    """One comparison of our books with Stripe's list; `differences` is empty when they agree."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    run = models.ForeignKey(PayRun, on_delete=models.PROTECT, null=True, blank=True, related_name="reconciliations")
    at = models.DateTimeField()
    transfers_at_stripe = models.PositiveIntegerField(default=0)
    total_at_stripe_minor = models.BigIntegerField(default=0)
    items_sent = models.PositiveIntegerField(default=0)
    total_sent_minor = models.BigIntegerField(default=0)
    clearing_minor = models.BigIntegerField(default=0)
    stripe_balance_minor = models.BigIntegerField(default=0)
    differences = models.JSONField(default=list)  # sentences
    currency = models.CharField(max_length=3, default="USD")

    def __str__(self) -> str:
        return f"reconciliation at {self.at}"


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def visible_to(self, user: User) -> Self:
        """Finance staff only."""
        return self if user.is_finance_staff or user.is_superuser else self.none()

    def waiting(self) -> Self:
        return self.filter(state=CorrectionState.ASKED)

    def newest_first(self) -> Self:
        return self.order_by("-pk")

    def with_people(self) -> Self:
        return self.select_related("payee", "asked_by", "decided_by")

    def locked(self) -> Self:
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class Correction(models.Model):
    """
    A movement at Stripe that our books do not know, to be entered by two people: a transfer that nobody here ordered,
    or one that was taken back. `payee` is whose payable it takes from or goes to.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    state = models.CharField(max_length=8, choices=CorrectionState, default=CorrectionState.ASKED)
    kind = models.CharField(max_length=8, choices=CorrectionKind)
    balance_transaction = models.CharField(max_length=255)
    stripe_transfer_id = models.CharField(max_length=255)
    payee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="payout_corrections")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    moved_at = models.DateTimeField()  # at Stripe
    reason = models.CharField(max_length=300)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[Any] = CorrectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["balance_transaction"], condition=~Q(state="DECLINED"), name="movement_is_corrected_once"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="correction_amount_is_positive"),
            models.CheckConstraint(
                condition=Q(state="ASKED", decided_at__isnull=True, decided_by__isnull=True)
                | ~Q(state="ASKED") & Q(decided_at__isnull=False, decided_by__isnull=False),
                name="decided_correction_names_who_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state="POSTED") | ~Q(decided_by=F("asked_by")),
                name="who_asks_for_a_correction_never_posts_it",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.balance_transaction}"
