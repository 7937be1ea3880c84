"""Deposits: money that a lab pays in through Checkout."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q

from marketplace.accounts.models import User
from marketplace.kernel.events import Event
from marketplace.kernel.ids import new_public_id
from marketplace.kernel.jobs import JobQuerySet
from payments.funding.enums import CHECK_AFTER, OPEN_DEPOSIT_STATES, DepositState


class DepositQuerySet(models.QuerySet["Deposit"]):
    def visible_to(self, user: User) -> Self:
        """Finance staff. What a lab may see of its own deposits is decided by the rooms that know labs."""
        return self if user.is_finance_staff or user.is_superuser else self.none()

    def of_lab(self, lab_ref: UUID) -> Self:
        return self.filter(lab_ref=lab_ref)

    def of_project(self, project_ref: UUID) -> Self:
        return self.filter(project_ref=project_ref)

    def newest_first(self) -> Self:
        return self.order_by("-started_at", "-pk")

    def open(self) -> Self:
        """Neither received nor given up."""
        return self.filter(state__in=sorted(OPEN_DEPOSIT_STATES))

    def unchecked(self, now: datetime) -> Self:
        """Open ones that Stripe was not asked about for a while."""
        stale = Q(checked_at__isnull=True) | Q(checked_at__lt=now - CHECK_AFTER)
        return self.open().filter(stale, started_at__lt=now - CHECK_AFTER).order_by("started_at", "pk")


class Deposit(models.Model):
    """
    One payment of a lab. `lab_ref` and `project_ref` are public ids of rooms above, which this room does not
    know. It counts only when Stripe says that it is paid.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    lab_ref = models.UUIDField(db_index=True)
    project_ref = models.UUIDField(null=True, blank=True, db_index=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=DepositState, default=DepositState.STARTED)
    stripe_session_id = models.CharField(max_length=255, unique=True, null=True, blank=True)
    checkout_url = models.TextField(blank=True, default="")
    return_path = models.CharField(max_length=300, blank=True, default="")  # the page that asked for it
    balance_transaction = models.CharField(max_length=255, unique=True, null=True, blank=True)
    stripe_fee_minor = models.BigIntegerField(null=True, blank=True)
    failure = models.CharField(max_length=300, blank=True, default="")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True, blank=True)  # when Stripe was last asked
    settled_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = DepositQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="deposit_is_positive"),
            models.CheckConstraint(
                condition=Q(state="SETTLED", settled_at__isnull=False, balance_transaction__isnull=False)
                | ~Q(state="SETTLED") & Q(settled_at__isnull=True),
                name="settled_deposit_is_dated_and_named_by_stripe",
            ),
        ]
        indexes = [
            models.Index(fields=["started_at"], name="deposit_open", condition=Q(state__in=sorted(OPEN_DEPOSIT_STATES)))
        ]

    def __str__(self) -> str:
        return f"deposit {self.public_id}"


class FundingEvent(Event):
    """What funding tells the rooms above it: "deposit_settled"."""

    objects: ClassVar[Any] = JobQuerySet.as_manager()
