"""Payers and deposits for tests."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

from marketplace.accounts.models import User
from marketplace.kernel.ids import new_public_id
from payments.funding.models import Deposit

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def make_payer(name: str = "Ines Duarte") -> User:
    """Make a person who pays for a lab."""
    return User.objects.create_user(f"payer{next(_numbers)}@labs.example", "correct horse battery", full_name=name)


def make_deposit(**facts: Any) -> Deposit:
    """Make a deposit whose page stands open; facts overrule single columns."""
    number = next(_numbers)
    values = {
        "lab_ref": new_public_id(),
        "amount_minor": 20_000_00,
        "currency": "USD",
        "stripe_session_id": f"cs_test_{number}",
        "checkout_url": f"https://checkout.stripe.com/c/pay/cs_test_{number}",
        "started_at": NOW,
    } | facts
    if "started_by" not in values:
        values["started_by"] = make_payer()
    deposit: Deposit = Deposit.objects.create(**values)
    return deposit
