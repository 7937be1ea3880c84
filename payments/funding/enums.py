"""States of a deposit."""

from __future__ import annotations

from datetime import timedelta

from django.db import models

from marketplace.kernel.states import register_moves


class DepositState(models.TextChoices):
    STARTED = "STARTED", "Checkout open"
    PROCESSING = "PROCESSING", "Bank payment on its way"
    SETTLED = "SETTLED", "Received"
    FAILED = "FAILED", "Failed"
    EXPIRED = "EXPIRED", "Expired"


DEPOSIT_MOVES = register_moves(
    "deposit",
    {
        DepositState.STARTED: frozenset(
            {DepositState.PROCESSING, DepositState.SETTLED, DepositState.FAILED, DepositState.EXPIRED}
        ),
        DepositState.PROCESSING: frozenset({DepositState.SETTLED, DepositState.FAILED}),
        DepositState.SETTLED: frozenset(),
        # Money that came in after all is credited, whatever we believed before.
        DepositState.FAILED: frozenset({DepositState.SETTLED}),
        DepositState.EXPIRED: frozenset({DepositState.SETTLED}),
    },
)
OPEN_DEPOSIT_STATES = frozenset({DepositState.STARTED, DepositState.PROCESSING})
DEPOSIT_MIN_MINOR = 100_00
DEPOSIT_MAX_MINOR = 999_999_99
"""What one Checkout Session can take (docs.stripe.com/currencies, minimum and maximum charge amounts)."""
CHECK_AFTER = timedelta(minutes=5)
"""An open deposit is fetched from Stripe again this often, so that nothing depends on a webhook."""
SESSION_LIFETIME = timedelta(hours=24)
