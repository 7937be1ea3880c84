"""What the ledger refuses."""

from __future__ import annotations

from marketplace.kernel.errors import Refused


class InsufficientFunds(Refused):
    """An account with a floor would fall below zero; nothing was written."""

    status = 409
    code = "insufficient_funds"
    title = "Not enough funds"


class KeyUsedDifferently(Exception):
    """The same entry key came with other input: our own mistake, never a person's. Nothing was written."""
