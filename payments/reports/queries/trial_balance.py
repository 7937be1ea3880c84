"""Report 10: every code of the chart with what was debited and credited; the closing balances sum to zero."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import ClassVar

from payments.ledger import queries as books
from payments.ledger.queries import TrialRow
from payments.reports.shapes import Column, Report, Row, Tie


@dataclass(frozen=True)
class TrialBalance(Report):
    """The books in one currency between two business dates; None leaves that end open."""

    slug: ClassVar[str] = "trial-balance"
    title: ClassVar[str] = "Trial balance"
    answers: ClassVar[str] = "What stands on each account, and do debits and credits agree."
    columns: ClassVar[tuple[Column, ...]] = (
        Column("account", "Account", "ref", link="reports:accounts"),
        Column("name", "Name"),
        Column("class", "Class"),
        Column("opening", "Opening", "money", total=True),
        Column("debit", "Debit", "money", total=True),
        Column("credit", "Credit", "money", total=True),
        Column("closing", "Closing", "money", total=True),
    )
    currency: str = "USD"
    since: date | None = None
    until: date | None = None

    @cached_property
    def _balances(self) -> list[TrialRow]:
        return books.trial_balance(self.currency, self.until, since=self.since)

    def rows(self, start: int = 0, size: int | None = None) -> Iterator[Row]:
        for row in self._balances[start : None if size is None else start + size]:
            yield (
                row.code, row.name, row.account_class, row.opening_minor, row.debit_minor, row.credit_minor,
                row.closing_minor,
            )  # fmt: skip

    def parameters(self) -> list[tuple[str, str]]:
        return [
            ("Currency", self.currency),
            ("From", self.since.isoformat() if self.since else "the first entry"),
            ("To", self.until.isoformat() if self.until else "the last entry"),
        ]

    def as_of(self) -> str:
        return self.until.isoformat() if self.until else "the last entry"

    def ties(self) -> list[Tie]:
        debited = sum(row.debit_minor for row in self._balances)
        credited = sum(row.credit_minor for row in self._balances)
        closing = sum(row.closing_minor for row in self._balances)
        return [
            Tie("All debits", debited, "All credits", credited, ("debit", "credit")),
            Tie("All closing balances", closing, "Zero", 0, ("closing",)),
        ]

    @property
    def file_name(self) -> str:
        return f"{self.slug}-{self.currency}-{self.until.isoformat() if self.until else 'all'}"
