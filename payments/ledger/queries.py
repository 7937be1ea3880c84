"""
Reading the books: balances, the trial balance, statements of accounts, and the nightly recount.

Balances are told on the account's normal side: what a liability or an income has by credits, what an asset or an expense
has by debits. So 1010 Stripe clearing is positive while Stripe holds money for us. The stored `balance_minor` of a row is
credits minus debits; only liabilities keep one, so there the two agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Case, F, Q, QuerySet, Sum, When

from payments.ledger.enums import CHART, AccountClass, AccountCode
from payments.ledger.models import Entry, LedgerAccount, Transfer

DEBIT_CLASSES: Final = frozenset({AccountClass.ASSET, AccountClass.EXPENSE})
GUARDS: Final = frozenset(
    {
        "account_is_not_deleted",
        "account_is_not_truncated",
        "account_keeps_its_name",
        "entry_is_append_only",
        "entry_is_not_truncated",
        "entry_moves_something",
        "entry_names_its_transaction",
        "transfer_fits_its_entry_and_accounts",
        "transfer_is_append_only",
        "transfer_is_not_truncated",
    }
)
CHUNK: Final = 2000


def balance_minor(code: AccountCode, owner_ref: UUID | None = None, currency: str = "USD") -> int:
    """Return the balance of one account in minor units, on its normal side; 0 if nothing was ever posted to it."""
    account = LedgerAccount.objects.filter(code=code, owner_ref=owner_ref, currency=currency).first()
    if account is None:
        return 0
    return signed(account.code, _credits_minus_debits(account))


def balances_minor(code: AccountCode, owner_refs: Iterable[UUID], currency: str = "USD") -> dict[UUID, int]:
    """Return the balances of many owners by one query; owners without an account have 0. Not for hot accounts."""
    if not CHART[code].keeps_balance:
        raise ValueError(f"Account {code} keeps no running balance and has no owners.")
    refs = list(owner_refs)
    rows = LedgerAccount.objects.filter(
        code=code, owner_kind=CHART[code].owner_kind, owner_ref__in=refs, currency=currency
    ).values_list("owner_ref", "balance_minor")
    return dict.fromkeys(refs, 0) | {ref: minor or 0 for ref, minor in rows if ref}


def total_minor(code: AccountCode, currency: str = "USD") -> int:
    """Return the balance of all accounts under a code together, on its normal side."""
    accounts = LedgerAccount.objects.filter(code=code, currency=currency)
    if CHART[code].keeps_balance:
        return int(accounts.aggregate(total=Sum("balance_minor"))["total"] or 0)
    return signed(code, sum(_credits_minus_debits(account) for account in accounts))


def signed(code: str, credits_minus_debits: int) -> int:
    """Turn credits minus debits into the balance on the account's normal side."""
    return -credits_minus_debits if CHART[code].account_class in DEBIT_CLASSES else credits_minus_debits


def _credits_minus_debits(account: LedgerAccount) -> int:
    if account.balance_minor is not None:
        return account.balance_minor
    return _sum(Transfer.objects.filter(credit=account)) - _sum(Transfer.objects.filter(debit=account))


def _sum(transfers: QuerySet[Transfer]) -> int:
    return int(transfers.aggregate(total=Sum("amount_minor"))["total"] or 0)


# ------------------------------------------------------------------------------------------------------ trial balance


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One code of the chart. `opening` and `closing` are debits minus credits, so each column sums to zero."""

    code: str
    name: str
    account_class: str
    opening_minor: int
    debit_minor: int
    credit_minor: int

    @property
    def closing_minor(self) -> int:
        return self.opening_minor + self.debit_minor - self.credit_minor

    @property
    def balance_minor(self) -> int:
        """The closing balance on the account's normal side."""
        return signed(self.code, -self.closing_minor)


TRIAL_BALANCE: Final = """
SELECT account.code,
       COALESCE(SUM(side.debit - side.credit) FILTER (WHERE entry.effective_on < %(since)s), 0)::bigint,
       COALESCE(SUM(side.debit) FILTER (WHERE entry.effective_on >= %(since)s), 0)::bigint,
       COALESCE(SUM(side.credit) FILTER (WHERE entry.effective_on >= %(since)s), 0)::bigint
FROM (
    SELECT entry_id, debit_id AS account_id, amount_minor AS debit, 0 AS credit FROM ledger_transfer
    WHERE currency = %(currency)s
    UNION ALL
    SELECT entry_id, credit_id, 0, amount_minor FROM ledger_transfer WHERE currency = %(currency)s
) AS side
JOIN ledger_entry AS entry ON entry.id = side.entry_id
JOIN ledger_ledgeraccount AS account ON account.id = side.account_id
WHERE entry.effective_on <= %(as_of)s
GROUP BY account.code
"""


def trial_balance(currency: str, as_of: date | None = None, *, since: date | None = None) -> list[TrialRow]:
    """
    Return every code of the chart with what was debited and credited in one currency.

    :param as_of: the last business date that counts; None counts everything.
    :param since: the first date of the movements; what was before is the opening. None: everything is movement.
    """
    values: dict[str, str | date] = {"currency": currency, "as_of": as_of or date.max, "since": since or date.min}
    with connection.cursor() as cursor:
        cursor.execute(TRIAL_BALANCE, values)
        sums = {code: numbers for code, *numbers in cursor.fetchall()}
    return [
        TrialRow(code.value, str(code.label), CHART[code].account_class, *sums.get(code.value, (0, 0, 0)))
        for code in AccountCode
    ]


def currencies() -> list[str]:
    """Return the currencies in which anything was ever posted, US dollars first; at least these."""
    used = set(LedgerAccount.objects.values_list("currency", flat=True).distinct()) | {"USD"}
    return sorted(used, key=lambda currency: (currency != "USD", currency))


# ---------------------------------------------------------------------------------------------------------- statements


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement of one account. `running_minor` is the balance after it, on the account's normal side."""

    transfer: Transfer
    debit_minor: int
    credit_minor: int
    running_minor: int

    @property
    def entry(self) -> Entry:
        return self.transfer.entry

    @property
    def contra(self) -> LedgerAccount:
        """The account on the other side."""
        return self.transfer.credit if self.debit_minor else self.transfer.debit


def transfers_of(account: LedgerAccount) -> QuerySet[Transfer]:
    """Return all transfers that touch the account, in the order of posting, with entry and accounts."""
    touching = Transfer.objects.filter(Q(debit=account) | Q(credit=account))
    return touching.select_related("entry", "debit", "credit").order_by("pk")


def statement(account: LedgerAccount) -> Iterator[StatementLine]:
    """Give the account's movements in the order of posting with the running balance, in constant memory."""
    running = 0
    for transfer in transfers_of(account).iterator(chunk_size=CHUNK):
        line = _line(account, transfer, running)
        running = line.running_minor
        yield line


def statement_page(account: LedgerAccount, *, before: int | None = None, size: int = 50) -> list[StatementLine]:
    """
    Return one page of the statement, the newest first.

    :param before: row id of the transfer where the page before ended; None begins with the newest.
    """
    transfers = transfers_of(account)
    if before is not None:
        transfers = transfers.filter(pk__lt=before)
    newest = list(transfers.order_by("-pk")[:size])
    if not newest:
        return []
    running = _balance_before(account, newest[-1].pk)
    lines: list[StatementLine] = []
    for transfer in reversed(newest):
        lines.append(_line(account, transfer, running))
        running = lines[-1].running_minor
    return lines[::-1]


def _line(account: LedgerAccount, transfer: Transfer, running: int) -> StatementLine:
    is_debit = transfer.debit_id == account.pk
    debit, credit = (transfer.amount_minor, 0) if is_debit else (0, transfer.amount_minor)
    return StatementLine(transfer, debit, credit, running + signed(account.code, credit - debit))


def _balance_before(account: LedgerAccount, transfer_id: int) -> int:
    moved = Case(When(credit=account, then=F("amount_minor")), default=-F("amount_minor"))
    touching = Transfer.objects.filter(Q(debit=account) | Q(credit=account), pk__lt=transfer_id)
    return signed(account.code, int(touching.aggregate(total=Sum(moved))["total"] or 0))


# ------------------------------------------------------------------------------------------------------------- proofs

WRONG_BALANCES: Final = """
SELECT account.code, account.owner_kind, account.owner_ref, account.currency, account.balance_minor,
       COALESCE(moved.minor, 0)::bigint
FROM ledger_ledgeraccount AS account
LEFT JOIN (
    SELECT account_id, SUM(minor) AS minor FROM (
        SELECT credit_id AS account_id, amount_minor AS minor FROM ledger_transfer
        UNION ALL
        SELECT debit_id, -amount_minor FROM ledger_transfer
    ) AS side GROUP BY account_id
) AS moved ON moved.account_id = account.id
WHERE account.balance_minor IS NOT NULL AND account.balance_minor <> COALESCE(moved.minor, 0)
ORDER BY account.id LIMIT 100
"""
ENABLED_GUARDS: Final = """
SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O' AND tgrelid IN
    ('ledger_entry'::regclass, 'ledger_transfer'::regclass, 'ledger_ledgeraccount'::regclass)
"""


def recount() -> list[str]:
    """Compare each stored balance with the sum of its transfers; one sentence for each that differs (I5)."""
    return [
        f"Account {code} of {kind} {owner or '(none)'} in {currency} says {stored} but its transfers sum to {moved}."
        for code, kind, owner, currency, stored, moved in _rows(WRONG_BALANCES)
    ]


def trial_balance_off() -> list[str]:
    """Sum the trial balance of each currency; one sentence for each that is not zero."""
    sums = {currency: sum(row.closing_minor for row in trial_balance(currency)) for currency in currencies()}
    return [f"The trial balance in {currency} is off by {total}." for currency, total in sums.items() if total]


def missing_guards() -> list[str]:
    """Look for triggers that somebody dropped or disabled; one sentence for each (reference money B.4)."""
    enabled = {name for (name,) in _rows(ENABLED_GUARDS)}
    return [f"The guard {name} of the ledger is missing or disabled." for name in sorted(GUARDS - enabled)]


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
