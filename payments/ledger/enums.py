"""The chart of accounts (design 5.2, reference money B.2) and the kinds of entries."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.db import models


class AccountClass(StrEnum):
    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"


class AccountCode(models.TextChoices):
    """Codes of the chart. Liabilities grow by credits; so the balance we keep is credits minus debits."""

    STRIPE_CLEARING = "1010", "Stripe clearing"
    LAB_FUNDS = "2000", "Lab funds, not allocated"
    PROJECT_FUNDS = "2100", "Project funds"
    CONTRACT_RESERVE = "2110", "Contract reserve"
    EXPERT_PAYABLE = "2200", "Expert payable"
    EXPERT_HELD = "2210", "Expert held"
    PAYOUT_IN_TRANSIT = "2300", "Payout in transit"
    PLATFORM_FEE = "4000", "Platform fee"
    STRIPE_FEES = "5000", "Stripe fees"
    REFERRAL_REWARDS = "5210", "Referral rewards"


@dataclass(frozen=True, slots=True)
class AccountRule:
    """What is true of every account under a code."""

    account_class: AccountClass
    owner_kind: str  # who owns sub-accounts: "platform", "lab", "project", "contract", "user", "pay_item"
    keeps_balance: bool  # hot accounts keep no running balance and are summed
    floor: bool  # the balance may never fall below zero


CHART: dict[str, AccountRule] = {
    AccountCode.STRIPE_CLEARING: AccountRule(AccountClass.ASSET, "platform", keeps_balance=False, floor=False),
    AccountCode.LAB_FUNDS: AccountRule(AccountClass.LIABILITY, "lab", keeps_balance=True, floor=True),
    AccountCode.PROJECT_FUNDS: AccountRule(AccountClass.LIABILITY, "project", keeps_balance=True, floor=True),
    AccountCode.CONTRACT_RESERVE: AccountRule(AccountClass.LIABILITY, "contract", keeps_balance=True, floor=True),
    AccountCode.EXPERT_PAYABLE: AccountRule(AccountClass.LIABILITY, "user", keeps_balance=True, floor=False),
    AccountCode.EXPERT_HELD: AccountRule(AccountClass.LIABILITY, "user", keeps_balance=True, floor=True),
    AccountCode.PAYOUT_IN_TRANSIT: AccountRule(AccountClass.LIABILITY, "pay_item", keeps_balance=True, floor=True),
    AccountCode.PLATFORM_FEE: AccountRule(AccountClass.INCOME, "platform", keeps_balance=False, floor=False),
    AccountCode.STRIPE_FEES: AccountRule(AccountClass.EXPENSE, "platform", keeps_balance=False, floor=False),
    AccountCode.REFERRAL_REWARDS: AccountRule(AccountClass.EXPENSE, "platform", keeps_balance=False, floor=False),
}


class EntryKind(models.TextChoices):
    FUNDING = "FUNDING", "Funding confirmed"
    ALLOCATION = "ALLOCATION", "Allocated to a project"
    HOLD = "HOLD", "Reserved for a week"
    HOLD_RELEASE = "HOLD_RELEASE", "Rest of a reserve released"
    APPROVAL = "APPROVAL", "Hours approved"
    REFERRAL = "REFERRAL", "Referral reward"
    RUN_APPROVED = "RUN_APPROVED", "Pay run approved"
    TRANSFER = "TRANSFER", "Transfer made"
    TRANSFER_REVERSED = "TRANSFER_REVERSED", "Transfer taken back"
    ITEM_RELEASED = "ITEM_RELEASED", "Payout given back"
    REVERSAL = "REVERSAL", "Reversal of an entry"
