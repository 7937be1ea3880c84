"""
Report 9: Stripe clearing against Stripe's own list of balance transactions.

Every entry that touches 1010 has the key `bt:{balance transaction}`, so matching is a join on a unique key (reference
money B.3). Stripe is asked when the report is made; the window is held in memory, so it is a month at most.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import islice
from typing import ClassVar, Final

from django.db.models import Case, F, Sum, When
from django.urls import reverse

from payments.gateway import client
from payments.gateway.shapes import Balance, BalanceTransaction
from payments.ledger import queries as books
from payments.ledger.enums import AccountCode
from payments.ledger.models import Transfer
from payments.reports.shapes import Column, Report, Row, Tie

MATCHED: Final = "matched"
STRIPE_ONLY: Final = "in Stripe only"
LEDGER_ONLY: Final = "in the ledger only"
DIFFERS: Final = "amount differs"
BY_HAND: Final = ("transfer", "transfer_refund")
LONGEST_WINDOW: Final = timedelta(days=31)
ORDER: Final = {DIFFERS: 0, LEDGER_ONLY: 1, STRIPE_ONLY: 2, MATCHED: 3}


@dataclass(frozen=True, slots=True)
class Line:
    """One balance transaction as Stripe and as the ledger have it; None where a side does not know it."""

    id: str
    on: date
    type: str
    stripe_minor: int | None
    ledger_minor: int | None

    @property
    def verdict(self) -> str:
        if self.ledger_minor is None:
            return STRIPE_ONLY
        if self.stripe_minor is None:
            return LEDGER_ONLY
        return MATCHED if self.stripe_minor == self.ledger_minor else DIFFERS

    @property
    def difference_minor(self) -> int:
        return (self.stripe_minor or 0) - (self.ledger_minor or 0)


@dataclass(frozen=True)
class Clearing(Report):
    """Balance transactions created from `since` to `until`, both days included, in UTC."""

    slug: ClassVar[str] = "stripe-clearing"
    title: ClassVar[str] = "Stripe clearing"
    answers: ClassVar[str] = "Does Stripe have what our books say it has, movement by movement."
    columns: ClassVar[tuple[Column, ...]] = (
        Column("balance_transaction", "Balance transaction", "mono"),
        Column("created_on", "Created", "day"),
        Column("type", "Type"),
        Column("stripe", "Net at Stripe", "money", total=True),
        Column("ledger", "Net on 1010", "money", total=True),
        Column("difference", "Difference", "money", total=True),
        Column("verdict", "Verdict"),
    )
    since: date
    until: date
    currency: str = "USD"

    def prepare(self) -> None:
        """Ask Stripe before the snapshot begins, because no call is made with a transaction open."""
        _ = (self._at_stripe, self.balance)

    @cached_property
    def balance(self) -> Balance:
        return client.retrieve_balance()

    @cached_property
    def _at_stripe(self) -> list[BalanceTransaction]:
        first = datetime.combine(self.since, time.min, tzinfo=UTC)
        after = datetime.combine(self.until + timedelta(days=1), time.min, tzinfo=UTC)
        found = client.list_balance_transactions(created_gte=first, created_lt=after)
        return [transaction for transaction in found if transaction.currency == self.currency]

    @cached_property
    def lines(self) -> list[Line]:
        """What needs a look first, then the newest first."""
        ours = self._on_clearing()
        lines = []
        for transaction in self._at_stripe:
            minor, _on, _kind = ours.pop(transaction.id, (None, None, ""))
            created = transaction.created_at.date()
            lines.append(Line(transaction.id, created, transaction.type, transaction.net_minor, minor))
        lines += [Line(key, on, kind, None, minor) for key, (minor, on, kind) in ours.items()]
        return sorted(lines, key=lambda line: (ORDER[line.verdict], -line.on.toordinal(), line.id))

    def _on_clearing(self) -> dict[str, tuple[int, date, str]]:
        """Return balance transaction -> (net on 1010, business date, kind) of our entries in the window and of Stripe's."""
        moved = Transfer.objects.filter(currency=self.currency)
        known = moved.filter(entry__key__in=[f"bt:{transaction.id}" for transaction in self._at_stripe])
        in_window = moved.filter(entry__effective_on__gte=self.since, entry__effective_on__lte=self.until)
        signed = Sum(
            Case(
                When(debit__code=AccountCode.STRIPE_CLEARING, then=F("amount_minor")),
                When(credit__code=AccountCode.STRIPE_CLEARING, then=-F("amount_minor")),
                default=0,
            )
        )
        found: dict[str, tuple[int, date, str]] = {}
        for transfers in (known, in_window):
            touching = transfers.filter(debit__code=AccountCode.STRIPE_CLEARING) | transfers.filter(
                credit__code=AccountCode.STRIPE_CLEARING
            )
            rows = touching.values_list("entry__key", "entry__effective_on", "entry__kind").annotate(minor=signed)
            found |= {key.removeprefix("bt:"): (minor, on, kind.lower()) for key, on, kind, minor in rows}
        return found

    def rows(self, start: int = 0, size: int | None = None) -> Iterator[Row]:
        for line in islice(self.lines, start, None if size is None else start + size):
            yield (
                line.id, line.on, line.type, line.stripe_minor, line.ledger_minor, line.difference_minor, line.verdict
            )  # fmt: skip

    def tone(self, row: Row) -> str:
        return "" if row[-1] == MATCHED else "danger"

    def way_out(self, row: Row) -> str:
        """A transfer, or what was taken back of one, is entered by two people."""
        if row[-1] != STRIPE_ONLY or row[2] not in BY_HAND:
            return ""
        return f"{reverse('payouts:corrections')}?movement={row[0]}#ask"

    def parameters(self) -> list[tuple[str, str]]:
        return [("Currency", self.currency), ("From", self.since.isoformat()), ("To", self.until.isoformat())]

    def as_of(self) -> str:
        return self.until.isoformat()

    def ties(self) -> list[Tie]:
        _count, sums = self.totals()
        clearing = books.balance_minor(AccountCode.STRIPE_CLEARING, None, self.currency)
        at_stripe = self.balance.total(self.currency)
        return [
            Tie("Movements at Stripe", sums["stripe"], "Movements on 1010", sums["ledger"], ("stripe", "ledger")),
            Tie("Balance at Stripe now", at_stripe, "1010 Stripe clearing now", clearing),
        ]

    @property
    def file_name(self) -> str:
        return f"{self.slug}-{self.currency}-{self.since.isoformat()}-{self.until.isoformat()}"
