"""What funding holds of a person: who began a deposit, as a member of a lab."""

from __future__ import annotations

from marketplace.kernel.personal import Room

ROOM = Room(name="funding", label="Deposits", acts=("funding.Deposit",))
