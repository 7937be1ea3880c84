"""Questions about payouts that other rooms ask."""

from __future__ import annotations

from marketplace.accounts.models import User
from payments.payouts.enums import PayoutAccountState
from payments.payouts.models import PayoutAccount


def account_of(user: User) -> PayoutAccount | None:
    """Return where this person is paid, or None before they have begun to set it up."""
    return PayoutAccount.objects.filter(user=user).first()


def payout_account_ready(user: User) -> bool:
    """Whether money can be sent to this person: Stripe's capability is active."""
    return PayoutAccount.objects.filter(user=user, state=PayoutAccountState.READY).exists()
