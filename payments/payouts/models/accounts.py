"""Where people are paid."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from marketplace.kernel.ids import new_public_id
from marketplace.kernel.jobs import JobState
from payments.ledger.enums import AccountCode
from payments.ledger.models import LedgerAccount
from payments.payouts.enums import DAILY, PayoutAccountState

UNDER_WAY = (JobState.QUEUED, JobState.RUNNING)


class PayoutAccountQuerySet(models.QuerySet["PayoutAccount"]):
    def to_refresh(self, now: datetime) -> Self:
        """
        Accounts of people whom we owe money that nobody has fetched for a day or is about to; the longest first.

        A webhook tells of a change at once; this is for the webhook that was lost (reference C.4).
        """
        owed = LedgerAccount.objects.filter(
            code=AccountCode.EXPERT_PAYABLE, owner_kind="user", balance_minor__gt=0
        ).values("owner_ref")
        old = Q(checked_at__isnull=True) | Q(checked_at__lte=now - DAILY)
        return (
            self.filter(old, stripe_account_id__isnull=False, user__public_id__in=owed)
            .exclude(Q(refresh__queued_at__gt=now - DAILY) | Q(refresh__job_state__in=UNDER_WAY))
            .order_by(F("checked_at").asc(nulls_first=True), "pk")
        )


class PayoutAccount(models.Model):
    """Where a person is paid: a Stripe recipient account. Bank details live at Stripe, never here."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="payout_account")
    stripe_account_id = models.CharField(max_length=255, unique=True, null=True, blank=True)
    country = models.CharField(max_length=2)
    state = models.CharField(max_length=10, choices=PayoutAccountState, default=PayoutAccountState.STARTED)
    transfers_status = models.CharField(max_length=20, blank=True, default="")  # of the capability, as Stripe says it
    currently_due = models.JSONField(default=list)  # what Stripe still asks for, in its words
    destination_label = models.CharField(max_length=80, blank=True, default="")  # "First Harbor ··4417"
    destination_hash = models.CharField(max_length=64, blank=True, default="")  # keyed, of Stripe's fingerprint
    destination_hash_key = models.CharField(max_length=20, blank=True, default="")
    destination_changed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = PayoutAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="READY") | Q(stripe_account_id__isnull=False),
                name="ready_payout_account_is_named_by_stripe",
            )
        ]

    def __str__(self) -> str:
        return f"payout account of {self.user}"
