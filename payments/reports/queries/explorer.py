"""The ledger explorer: accounts of a code, one account, one entry."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse

from payments.ledger import queries as books
from payments.ledger.enums import CHART, AccountCode
from payments.ledger.models import Entry, LedgerAccount, Transfer
from payments.ledger.queries import StatementLine
from payments.reports.queries.owners import names_of

PAGE = 50


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account with its owner's name and its balance on the normal side."""

    account: LedgerAccount
    owner: str
    balance_minor: int

    @property
    def url(self) -> str:
        return page_of(self.account)


def page_of(account: LedgerAccount) -> str:
    """Return the address of an account's statement: accounts are known by what they are, not by a number."""
    parts = [account.code, account.currency, *([account.owner_ref] if account.owner_ref else [])]
    return reverse("reports:account", args=parts)


def code_or_404(code: str) -> AccountCode:
    """
    Return the code of the chart.

    :raises Http404: if the chart has none such.
    """
    if code not in CHART:
        raise Http404
    return AccountCode(code)


def account_or_404(code: str, currency: str, owner_ref: UUID | None) -> LedgerAccount:
    """
    Return one account.

    :raises Http404: if nothing was ever posted to it.
    """
    account: LedgerAccount | None = LedgerAccount.objects.filter(
        code=code_or_404(code), currency=currency, owner_ref=owner_ref
    ).first()
    if account is None:
        raise Http404
    return account


def accounts_page(
    code: AccountCode, currency: str, *, after: int | None = None, nonzero: bool = False
) -> tuple[list[AccountRow], int | None]:
    """Return one page of the accounts under a code, in the order of opening, and where the next one begins."""
    accounts = LedgerAccount.objects.filter(code=code, currency=currency).order_by("pk")
    if after is not None:
        accounts = accounts.filter(pk__gt=after)
    if nonzero:
        accounts = accounts.exclude(balance_minor=0)
    found = list(accounts[: PAGE + 1])
    shown = found[:PAGE]
    names = names_of((account.owner_kind, account.owner_ref) for account in shown)
    rows = [AccountRow(account, names[account.owner_kind, account.owner_ref], _balance(account)) for account in shown]
    return rows, shown[-1].pk if len(found) > PAGE else None


def _balance(account: LedgerAccount) -> int:
    if account.balance_minor is not None:
        return int(account.balance_minor)
    return books.balance_minor(AccountCode(account.code), account.owner_ref, account.currency)


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line of a statement with what stands on the other side."""

    line: StatementLine
    contra_owner: str
    contra_url: str


def statement_page(account: LedgerAccount, *, before: int | None = None) -> tuple[list[ShownLine], int | None]:
    """Return one page of an account's statement, the newest first, and where the older one begins."""
    lines = books.statement_page(account, before=before, size=PAGE + 1)
    shown = lines[:PAGE]
    names = names_of((line.contra.owner_kind, line.contra.owner_ref) for line in shown)
    rows = [
        ShownLine(line, names[line.contra.owner_kind, line.contra.owner_ref], page_of(line.contra)) for line in shown
    ]
    return rows, shown[-1].transfer.pk if len(lines) > PAGE else None


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One transfer of an entry with the names of both owners."""

    transfer: Transfer
    debit_owner: str
    debit_url: str
    credit_owner: str
    credit_url: str


def entry_lines(entry: Entry) -> list[EntryLine]:
    """Return the transfers of an entry in their order."""
    transfers = list(entry.transfers.select_related("debit", "credit").order_by("position"))
    sides = [side for transfer in transfers for side in (transfer.debit, transfer.credit)]
    names = names_of((side.owner_kind, side.owner_ref) for side in sides)
    return [
        EntryLine(
            transfer,
            names[transfer.debit.owner_kind, transfer.debit.owner_ref],
            page_of(transfer.debit),
            names[transfer.credit.owner_kind, transfer.credit.owner_ref],
            page_of(transfer.credit),
        )
        for transfer in transfers
    ]


def entries_found(text: str) -> QuerySet[Entry]:
    """Return the entries whose key or public id begins with the text, the newest first; none for empty text."""
    wanted = text.strip()
    if not wanted:
        return Entry.objects.none()
    try:
        return Entry.objects.filter(public_id=UUID(wanted))
    except ValueError:
        return Entry.objects.filter(key__startswith=wanted).order_by("-pk")
