"""What the ledger refuses."""

from __future__ import annotations

from marketplace.kernel.errors import Refused, WrongState


class InsufficientFunds(Refused):
    """
    An account with a floor would fall below zero; nothing was written.

    `facts` hold the account's `code` and `owner_ref`, `available_minor`, `needed_minor` and `currency`.
    """

    status = 409
    code = "insufficient_funds"
    title = "Not enough funds"


class AlreadyReversed(WrongState):
    """The entry was reversed before, under another key. An entry is reversed once."""

    code = "already_reversed"


class KeyUsedDifferently(Exception):
    """The same entry key came with other input: our own mistake, never a person's. Nothing was written."""
