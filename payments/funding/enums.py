"""States of a deposit."""

from __future__ import annotations

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
        DepositState.FAILED: frozenset(),
        DepositState.EXPIRED: frozenset({DepositState.SETTLED}),
    },
)
DEPOSIT_MIN_MINOR = 100_00
DEPOSIT_MAX_MINOR = 1_000_000_00
