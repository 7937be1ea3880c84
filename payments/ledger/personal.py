"""What the ledger holds of a person: balances under an opaque id, and never a name."""

from __future__ import annotations

from marketplace.kernel.personal import Keep, Personal, Room

ROOM = Room(
    name="ledger",
    label="Balances",
    tables=(
        Personal(
            "ledger.LedgerAccount",
            Keep("Books are kept as the law says, and name people by an opaque id."),
            ref="owner_ref",
            title="Balances",
            columns=("code", "currency", "balance_minor"),
        ),
    ),
)
