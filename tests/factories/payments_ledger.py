"""Accounts, moves and postings for tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from threading import Barrier, Thread
from uuid import UUID

from django.db import connections, transaction

from marketplace.kernel.actors import System
from marketplace.kernel.ids import new_public_id
from payments.ledger.actions import AccountRef, Move, post
from payments.ledger.enums import AccountCode, EntryKind
from payments.ledger.models import Entry

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
TODAY = date(2026, 11, 18)
BY = System("tests")


def clearing(currency: str = "USD") -> AccountRef:
    return AccountRef(AccountCode.STRIPE_CLEARING, None, currency)


def lab(ref: UUID | None = None, currency: str = "USD") -> AccountRef:
    return AccountRef(AccountCode.LAB_FUNDS, ref or new_public_id(), currency)


def project(ref: UUID | None = None, currency: str = "USD") -> AccountRef:
    return AccountRef(AccountCode.PROJECT_FUNDS, ref or new_public_id(), currency)


def payable(ref: UUID | None = None, currency: str = "USD") -> AccountRef:
    return AccountRef(AccountCode.EXPERT_PAYABLE, ref or new_public_id(), currency)


def fund(funds: AccountRef, amount_minor: int, *, key: str = "", effective_on: date = TODAY) -> Entry:
    """Put money into an account from Stripe, in a transaction of its own."""
    with transaction.atomic():
        return post(
            key=key or f"bt:txn_{new_public_id()}",
            kind=EntryKind.FUNDING,
            moves=[Move(debit=clearing(funds.currency), credit=funds, amount_minor=amount_minor)],
            effective_on=effective_on,
            by=BY,
            now=NOW,
        )


def move(debit: AccountRef, credit: AccountRef, amount_minor: int, *, key: str = "") -> Entry:
    """Move money between two accounts, in a transaction of its own."""
    with transaction.atomic():
        return post(
            key=key or f"alloc:{new_public_id()}",
            kind=EntryKind.ALLOCATION,
            moves=[Move(debit=debit, credit=credit, amount_minor=amount_minor)],
            effective_on=TODAY,
            by=BY,
            now=NOW,
        )


def at_once(*works: Callable[[], object]) -> list[object]:
    """Run the works in threads that start together; return what each returned or raised, in their order."""
    barrier = Barrier(len(works))
    results: list[object] = [None] * len(works)

    def run(index: int, work: Callable[[], object]) -> None:
        try:
            barrier.wait(timeout=10)
            results[index] = work()
        except Exception as error:  # noqa: BLE001 -- the test looks at what was raised
            results[index] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results
