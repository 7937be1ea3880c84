"""Payout accounts, pay runs with their items and attempts, holds, reconciliations and corrections; a file per noun."""

from payments.payouts.models.accounts import PayoutAccount, PayoutAccountQuerySet
from payments.payouts.models.holds import Hold, HoldQuerySet
from payments.payouts.models.jobs import PayoutEvent, PayoutJob
from payments.payouts.models.reconciling import Correction, CorrectionQuerySet, Reconciliation
from payments.payouts.models.runs import Attempt, PayItem, PayItemQuerySet, PayRun, PayRunQuerySet, RunLookUp, SendSlot

__all__ = [
    "Attempt",
    "Correction",
    "CorrectionQuerySet",
    "Hold",
    "HoldQuerySet",
    "PayItem",
    "PayItemQuerySet",
    "PayRun",
    "PayRunQuerySet",
    "PayoutAccount",
    "PayoutAccountQuerySet",
    "PayoutEvent",
    "PayoutJob",
    "Reconciliation",
    "RunLookUp",
    "SendSlot",
]
