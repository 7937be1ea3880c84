"""Pay runs, their items, and the attempts to send them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from marketplace.accounts.models import User
from marketplace.kernel.clock import period_label
from payments.payouts.enums import OPEN_ITEM_STATES, AttemptState, ExcludedReason, HoldReason, ItemState, RunState


class PayRunQuerySet(models.QuerySet["PayRun"]):
    def visible_to(self, user: User) -> Self:
        """Finance staff only."""
        return self if user.is_finance_staff or user.is_superuser else self.none()

    def newest_first(self) -> Self:
        return self.order_by("-period", "currency")

    def locked(self) -> Self:
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class PayRun(models.Model):
    """One week's payout in one currency. What was approved is what was computed: the hashes must agree."""

    public_id = models.UUIDField(unique=True, editable=False)  # uuid5 of (period, currency)
    edition = models.PositiveSmallIntegerField(default=0)  # how often it was cancelled and drafted anew
    period = models.DateField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=16, choices=RunState, default=RunState.DRAFT)
    is_paused = models.BooleanField(default=False)
    pause_words = models.CharField(max_length=300, blank=True, default="")
    cutoff_at = models.DateTimeField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    screened_at = models.DateTimeField(null=True, blank=True)
    compute_asked_at = models.DateTimeField(null=True, blank=True)
    compute_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    computed_at = models.DateTimeField(null=True, blank=True)
    computed_sha256 = models.CharField(max_length=64, blank=True, default="")
    items_count = models.PositiveIntegerField(default=0)
    total_minor = models.BigIntegerField(default=0)  # of the items that will be sent
    payable_minor = models.BigIntegerField(default=0)  # account 2200 as a whole, when the run was computed
    available_minor = models.BigIntegerField(null=True, blank=True)  # at Stripe, in all source types, when asked last
    available_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_sha256 = models.CharField(max_length=64, blank=True, default="")
    approval_comment = models.CharField(max_length=500, blank=True, default="")
    executing_at = models.DateTimeField(null=True, blank=True)
    looked_up_at = models.DateTimeField(null=True, blank=True)  # of the whole group, before the first send
    settled_at = models.DateTimeField(null=True, blank=True)
    reconciled_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = PayRunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["period", "currency"], condition=~Q(state="CANCELLED"), name="one_pay_run_a_week_and_currency"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("created_by")),
                name="who_prepares_a_run_never_approves_it",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | Q(compute_asked_by__isnull=True)
                | ~Q(approved_by=F("compute_asked_by")),
                name="who_has_a_run_computed_never_approves_it",
            ),
            models.CheckConstraint(
                condition=Q(approved_sha256="") | Q(approved_sha256=F("computed_sha256")),
                name="what_is_approved_is_what_was_computed",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["DRAFT", "COMPUTED", "CANCELLED"])
                | Q(approved_by__isnull=False, approved_at__isnull=False) & ~Q(approved_sha256=""),
                name="run_beyond_computed_was_approved",
            ),
            models.CheckConstraint(condition=Q(period__iso_week_day=1), name="run_period_is_a_monday"),
        ]

    def __str__(self) -> str:
        return f"{period_label(self.period)} {self.currency}"

    @property
    def transfer_group(self) -> str:
        """What Stripe lists our transfers of this run under."""
        return f"run_{self.public_id}"


class PayItemQuerySet(models.QuerySet["PayItem"]):
    def visible_to(self, user: User) -> Self:
        """Finance staff see all; a payee sees their own once approved."""
        if user.is_finance_staff or user.is_superuser:
            return self
        return self.filter(payee=user).exclude(run__state__in=[RunState.DRAFT, RunState.COMPUTED, RunState.CANCELLED])

    def in_transit(self) -> Self:
        return self.filter(state__in=OPEN_ITEM_STATES)

    def sendable(self, now: datetime) -> Self:
        """Queued, given up by a worker whose lease ran out, or unknown and looked up since; the oldest first."""
        return self.filter(
            Q(state__in=[ItemState.QUEUED, ItemState.UNKNOWN], not_before__lte=now)
            | Q(state=ItemState.SENDING, lease_until__lt=now),
            run__state=RunState.EXECUTING,
            run__is_paused=False,
        ).order_by("not_before", "pk")

    def with_people(self) -> Self:
        return self.select_related("payee", "run")

    def locked(self) -> Self:
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class PayItem(models.Model):
    """What one payee gets in one run. `public_id` is uuid5(period, currency, payee): the same after a restore."""

    public_id = models.UUIDField(unique=True, editable=False)
    run = models.ForeignKey(PayRun, on_delete=models.PROTECT, related_name="items")
    payee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="pay_items")
    state = models.CharField(max_length=10, choices=ItemState)
    held_reason = models.CharField(max_length=24, choices=HoldReason, blank=True, default="")
    excluded_reason = models.CharField(max_length=24, choices=ExcludedReason, blank=True, default="")
    gross_minor = models.BigIntegerField()
    withheld_minor = models.BigIntegerField(default=0)
    net_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    country = models.CharField(max_length=2, blank=True, default="")
    stripe_account_id = models.CharField(max_length=255, blank=True, default="")
    destination_label = models.CharField(max_length=80, blank=True, default="")
    source_type = models.CharField(max_length=20, blank=True, default="")  # part of our Stripe balance it draws on
    not_before = models.DateTimeField(null=True, blank=True)  # of an unknown item: empty until a look-up allows a send
    lease_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)
    releases = models.PositiveIntegerField(default=0)
    stripe_transfer_id = models.CharField(max_length=255, unique=True, null=True, blank=True)
    balance_transaction = models.CharField(max_length=255, unique=True, null=True, blank=True)
    failure_code = models.CharField(max_length=80, blank=True, default="")
    failure_message = models.CharField(max_length=300, blank=True, default="")
    unknown_since = models.DateTimeField(null=True, blank=True)
    looked_up_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = PayItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["payee", "currency"],
                condition=Q(state__in=sorted(OPEN_ITEM_STATES)),
                name="payee_has_one_open_item_over_all_runs",
            ),
            models.UniqueConstraint(fields=["run", "payee"], name="payee_stands_once_in_a_run"),
            models.CheckConstraint(
                condition=Q(net_minor=F("gross_minor") - F("withheld_minor")), name="net_is_gross_less_withheld"
            ),
            models.CheckConstraint(
                condition=Q(state="SENT", stripe_transfer_id__isnull=False, sent_at__isnull=False)
                | ~Q(state="SENT") & Q(stripe_transfer_id__isnull=True),
                name="sent_item_is_dated_and_named_by_stripe",
            ),
            models.CheckConstraint(condition=~Q(state="HELD") | ~Q(held_reason=""), name="held_item_says_why"),
            models.CheckConstraint(
                condition=~Q(state="EXCLUDED") | ~Q(excluded_reason=""), name="excluded_item_says_why"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["HELD", "EXCLUDED"]) | Q(net_minor__gt=0), name="item_to_be_sent_is_positive"
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before"], name="pay_item_sendable", condition=Q(state__in=["QUEUED", "SENDING", "UNKNOWN"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.run}: {self.payee}"

    @property
    def short(self) -> str:
        """The first four characters of the id, as people call an item."""
        return str(self.public_id)[:4].upper()


class Attempt(models.Model):
    """One idempotency key and what became of it. Written and committed before the call (rule 2)."""

    item = models.ForeignKey(PayItem, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveIntegerField()
    key = models.CharField(max_length=120, unique=True)  # "po-{item}-{number}"
    request_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=14, choices=AttemptState, default=AttemptState.OPEN)
    first_sent_at = models.DateTimeField()
    last_sent_at = models.DateTimeField()
    sends = models.PositiveIntegerField(default=1)
    outcome = models.CharField(max_length=300, blank=True, default="")
    last_status = models.PositiveSmallIntegerField(default=0)  # HTTP status of the last answer; 0 when none came
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="attempt_is_numbered_once_in_its_item"),
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(state__in=[AttemptState.OPEN, AttemptState.UNKNOWN]),
                name="item_has_one_live_attempt",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class RunLookUp(models.Model):
    """
    One look-up of a run's whole transfer group before sending (rule 7).

    `boot` names the start of the worker and of the database server, so that a restart of either looks up again.
    """

    run = models.ForeignKey(PayRun, on_delete=models.PROTECT, related_name="look_ups")
    boot = models.CharField(max_length=120)
    at = models.DateTimeField()
    transfers_found = models.PositiveIntegerField()
    items_adopted = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["run", "boot", "-at"], name="look_up_of_run")]

    def __str__(self) -> str:
        return f"{self.run}: {self.transfers_found} found"


class SendSlot(models.Model):
    """When the last transfer was allowed to go, in real time: one row, so that all workers keep one pace."""

    name = models.CharField(max_length=20, primary_key=True)
    taken_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
