"""Payers and deposits for tests."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from marketplace.accounts.models import User
from marketplace.kernel.ids import new_public_id
from payments.funding import actions
from payments.funding.models import Deposit, FundingEvent
from payments.ledger import queries as books
from payments.ledger.enums import AccountCode
from payments.ledger.models import Entry

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
LAB = UUID("01900000-0000-7000-8000-00000000000a")
PROJECT = UUID("01900000-0000-7000-8000-00000000000b")
GROSS, FEE = 20_000_00, 580_30  # 2.9 % and 30 cents: Stripe's price of a US card
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


def now() -> datetime:
    """The stand-in lives in real time here."""
    return datetime.now(tz=UTC)


def start(payer: User, **facts: Any) -> Deposit:
    """Start a deposit of LAB for PROJECT at the stand-in; facts overrule single values."""
    values: dict[str, Any] = {
        "lab_ref": LAB,
        "lab_name": "Vireo Labs",
        "project_ref": PROJECT,
        "amount_minor": GROSS,
        "currency": "USD",
        "by": payer,
        "success_path": "/lab/vireo/projects/1/?deposit={deposit}",
        "cancel_path": "/lab/vireo/projects/1/",
        "now": now(),
    }
    return actions.start_deposit(**values | facts)


def fold(deposit: Deposit) -> Deposit:
    """Fetch the deposit's session from the stand-in and do what follows from it."""
    assert deposit.stripe_session_id
    actions.fold_checkout_session(session_id=deposit.stripe_session_id, now=now())
    deposit.refresh_from_db()
    return deposit


def require_uncredited() -> None:
    """Nothing has reached the books."""
    assert not Entry.objects.exists()
    assert not FundingEvent.objects.exists()
    assert books.balance_minor(AccountCode.LAB_FUNDS, LAB) == 0
