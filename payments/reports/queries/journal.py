"""Report 11: every entry with its debits and credits, in the order of posting; and the statement of one account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import islice
from typing import ClassVar
from uuid import UUID

from django.db.models import QuerySet, Sum

from payments.ledger import queries as books
from payments.ledger.enums import AccountCode
from payments.ledger.models import LedgerAccount, Transfer
from payments.ledger.queries import StatementLine
from payments.reports.queries.owners import actors_of, named
from payments.reports.shapes import CHUNK, Column, Report, Row, Tie


@dataclass(frozen=True)
class Journal(Report):
    """Each movement as two lines, its debit and its credit. `kind` is an EntryKind or empty for all."""

    slug: ClassVar[str] = "journal"
    title: ClassVar[str] = "Journal"
    answers: ClassVar[str] = "What was entered, when, by whom, and under which key."
    columns: ClassVar[tuple[Column, ...]] = (
        Column("entry", "Entry", "ref", link="reports:entry"),
        Column("effective_on", "Effective", "day"),
        Column("account", "Account", "mono"),
        Column("account_name", "Name"),
        Column("owner", "Owner"),
        Column("owner_kind", "Owner is a", on_screen=False),
        Column("owner_id", "Owner id", on_screen=False),
        Column("debit", "Debit", "money", total=True),
        Column("credit", "Credit", "money", total=True),
        Column("kind", "Kind"),
        Column("key", "Key", "mono"),
        Column("actor", "By"),
        Column("actor_id", "By id", on_screen=False),
        Column("posted_at", "Posted", "moment"),
        Column("memo", "Memo", "words", on_screen=False),
        Column("reverses", "Reverses", "mono", on_screen=False),
        Column("reversed_by", "Reversed by", "mono", on_screen=False),
    )
    currency: str = "USD"
    since: date | None = None
    until: date | None = None
    kind: str = ""

    def _transfers(self) -> QuerySet[Transfer]:
        found = Transfer.objects.filter(currency=self.currency)
        if self.since:
            found = found.filter(entry__effective_on__gte=self.since)
        if self.until:
            found = found.filter(entry__effective_on__lte=self.until)
        return found.filter(entry__kind=self.kind) if self.kind else found

    def rows(self, start: int = 0, size: int | None = None) -> Iterator[Row]:
        # Two lines a transfer, so a page of lines is half as many transfers; pages begin at even lines.
        window = slice(start // 2, None if size is None else (start + size + 1) // 2)
        transfers = self._transfers().select_related(
            "entry", "entry__reverses", "entry__reversed_by", "debit", "credit"
        )
        ordered = transfers.order_by("entry_id", "position")[window]
        yield from named(_lines(ordered), at=4)

    def totals(self) -> tuple[int, dict[str, int]]:
        sums = self._sum
        return 2 * self._transfers().count(), {"debit": sums, "credit": sums}

    @cached_property
    def _sum(self) -> int:
        return int(self._transfers().aggregate(total=Sum("amount_minor"))["total"] or 0)

    def parameters(self) -> list[tuple[str, str]]:
        return [
            ("Currency", self.currency),
            ("From", self.since.isoformat() if self.since else "the first entry"),
            ("To", self.until.isoformat() if self.until else "the last entry"),
            ("Kind", self.kind or "all"),
        ]

    def as_of(self) -> str:
        return self.until.isoformat() if self.until else "the last entry"

    def ties(self) -> list[Tie]:
        if self.kind:
            return []
        rows = books.trial_balance(self.currency, self.until, since=self.since)
        debited, credited = sum(row.debit_minor for row in rows), sum(row.credit_minor for row in rows)
        return [
            Tie("Debits of the journal", self._sum, "Debits of the trial balance", debited, ("debit",)),
            Tie("Credits of the journal", self._sum, "Credits of the trial balance", credited, ("credit",)),
        ]


def _lines(transfers: QuerySet[Transfer]) -> Iterator[Row]:
    """Give both lines of each transfer; the owner's name is filled in later."""
    found = transfers.iterator(chunk_size=CHUNK)
    while chunk := list(islice(found, CHUNK)):
        actors = actors_of((transfer.entry.actor_kind, transfer.entry.actor_ref) for transfer in chunk)
        for transfer in chunk:
            actor = actors[transfer.entry.actor_kind, transfer.entry.actor_ref]
            yield _line(transfer, transfer.debit, actor, debit=transfer.amount_minor)
            yield _line(transfer, transfer.credit, actor, credit=transfer.amount_minor)


def _line(
    transfer: Transfer, account: LedgerAccount, actor: str, *, debit: int | None = None, credit: int | None = None
) -> Row:
    entry, reversed_by = transfer.entry, getattr(transfer.entry, "reversed_by", None)
    return (
        entry.public_id, entry.effective_on, account.code, account.get_code_display(), None, account.owner_kind,
        account.owner_ref, debit, credit, entry.get_kind_display(), entry.key, actor,
        f"{entry.actor_kind}:{entry.actor_ref}", entry.posted_at, entry.memo,
        entry.reverses.public_id if entry.reverses else None, reversed_by.public_id if reversed_by else None,
    )  # fmt: skip


@dataclass(frozen=True)
class AccountStatement(Report):
    """The general ledger of one account: each movement with the running balance."""

    slug: ClassVar[str] = "account-statement"
    title: ClassVar[str] = "Account statement"
    answers: ClassVar[str] = "How one account came to its balance."
    columns: ClassVar[tuple[Column, ...]] = (
        Column("posted_at", "Posted", "moment"),
        Column("effective_on", "Effective", "day"),
        Column("entry", "Entry", "ref", link="reports:entry"),
        Column("kind", "Kind"),
        Column("key", "Key", "mono"),
        Column("contra", "Other side", "mono"),
        Column("owner", "Owner"),
        Column("owner_kind", "Owner is a", on_screen=False),
        Column("owner_id", "Owner id", on_screen=False),
        Column("debit", "Debit", "money", total=True),
        Column("credit", "Credit", "money", total=True),
        Column("running", "Balance", "money"),
        Column("memo", "Memo", "words"),
    )
    code: str = AccountCode.STRIPE_CLEARING
    owner_ref: UUID | None = None
    currency: str = "USD"

    @cached_property
    def account(self) -> LedgerAccount:
        account: LedgerAccount = LedgerAccount.objects.get(
            code=self.code, owner_ref=self.owner_ref, currency=self.currency
        )
        return account

    def rows(self, start: int = 0, size: int | None = None) -> Iterator[Row]:
        lines = islice(books.statement(self.account), start, None if size is None else start + size)
        yield from named((_statement_row(line) for line in lines), at=6)

    def parameters(self) -> list[tuple[str, str]]:
        return [
            ("Account", f"{self.code} {AccountCode(self.code).label}"),
            ("Owner", f"{self.account.owner_kind} {self.owner_ref or ''}".strip()),
            ("Currency", self.currency),
        ]

    def as_of(self) -> str:
        return "the last entry"

    def ties(self) -> list[Tie]:
        _count, sums = self.totals()
        moved = books.signed(self.code, sums["credit"] - sums["debit"])
        stored = books.balance_minor(AccountCode(self.code), self.owner_ref, self.currency)
        return [Tie("Sum of the movements", moved, "Balance of the account", stored)]

    @property
    def file_name(self) -> str:
        return "-".join(filter(None, ["account", self.code, str(self.owner_ref or ""), self.currency]))


def _statement_row(line: StatementLine) -> Row:
    entry, contra = line.entry, line.contra
    return (
        entry.posted_at, entry.effective_on, entry.public_id, entry.get_kind_display(), entry.key, contra.code, None,
        contra.owner_kind, contra.owner_ref, line.debit_minor or None, line.credit_minor or None, line.running_minor,
        entry.memo,
    )  # fmt: skip
