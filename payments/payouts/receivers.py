"""What payouts does when the gateway has news. Connected in AppConfig.ready."""

from __future__ import annotations

from datetime import datetime

from payments.payouts.actions import credit_reversals, refresh_account


def fetch_changed_account(*, account_id: str, now: datetime, **_from_newer_senders: object) -> None:
    """Fetch the account as it is now; events of accounts that are not ours are left alone."""
    refresh_account(stripe_account_id=account_id, now=now)


def credit_reversed_transfer(*, transfer_id: str, now: datetime, **_from_newer_senders: object) -> None:
    """Owe the payee again what was taken back."""
    credit_reversals(transfer_id=transfer_id, now=now)
