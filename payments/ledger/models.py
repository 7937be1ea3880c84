"""
Double-entry accounting: accounts, entries, transfers. Append-only.

A transfer debits one account and credits another with the same amount, so an unbalanced entry cannot be
written down. Triggers (migration 0002) refuse UPDATE, DELETE and TRUNCATE, and transfers that join an entry
after its own transaction.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from marketplace.kernel.ids import new_public_id
from payments.ledger.enums import CHART, AccountCode, EntryKind

FLOOR_CODES = sorted(code for code, rule in CHART.items() if rule.floor)
HOT_CODES = sorted(code for code, rule in CHART.items() if not rule.keeps_balance)


class LedgerAccountQuerySet(models.QuerySet["LedgerAccount"]):
    def owned_by(self, kind: str, ref: UUID | None) -> Self:
        return self.filter(owner_kind=kind, owner_ref=ref)

    def locked(self) -> Self:
        """In account order, so that two postings never wait for each other in a circle."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class LedgerAccount(models.Model):
    """
    One sub-account of the chart. `balance_minor` is credits minus debits and exists only where the chart
    keeps a running balance; hot accounts hold NULL and are summed.
    """

    code = models.CharField(max_length=4, choices=AccountCode)
    owner_kind = models.CharField(max_length=12)
    owner_ref = models.UUIDField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    balance_minor = models.BigIntegerField(null=True, blank=True)

    objects: ClassVar[Any] = LedgerAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code", "owner_kind", "owner_ref", "currency"],
                nulls_distinct=False,
                name="ledger_account_exists_once",
            ),
            models.CheckConstraint(
                condition=~Q(code__in=FLOOR_CODES) | Q(balance_minor__gte=0),
                name="funds_reserve_held_and_in_transit_are_never_negative",
            ),
            models.CheckConstraint(
                condition=Q(code__in=HOT_CODES, balance_minor__isnull=True)
                | ~Q(code__in=HOT_CODES) & Q(balance_minor__isnull=False),
                name="only_hot_accounts_keep_no_running_balance",
            ),
        ]
        indexes = [models.Index(fields=["owner_kind", "owner_ref"], name="ledger_account_owner")]

    def __str__(self) -> str:
        return f"{self.code} {self.owner_kind} {self.owner_ref or ''} {self.currency}"


class Entry(models.Model):
    """One business fact, once. `key` names the fact; `input_sha256` is the hash of what was posted under it."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=20, choices=EntryKind)
    effective_on = models.DateField()
    posted_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=20)
    actor_ref = models.CharField(max_length=80)
    input_sha256 = models.CharField(max_length=64)
    memo = models.CharField(max_length=200, blank=True, default="")
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reverses=F("id")), name="entry_does_not_reverse_itself")]
        indexes = [models.Index(fields=["effective_on"], name="ledger_entry_effective")]

    def __str__(self) -> str:
        return self.key


class Transfer(models.Model):
    """One movement inside an entry: `debit` is debited and `credit` is credited with `amount_minor`."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="transfers")
    position = models.PositiveSmallIntegerField(default=0)
    debit = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="debits")
    credit = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="credits")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="transfer_amount_is_positive"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="transfer_has_two_different_accounts"),
            models.UniqueConstraint(fields=["entry", "position"], name="transfer_is_numbered_once_in_its_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.currency}"
