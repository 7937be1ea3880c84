"""
The lab's statement: per project, how the funds moved, and every charged line behind it.

It is read from the ledger, so that its totals tie to the trial balance; the lines explain the charges, and the two are
compared. Money is told apart by the accounts on both sides, not by the kind of entry, so that a reversal counts too.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from uuid import UUID

from django.db.models import Case, F, Q, QuerySet, Sum, When

from marketplace.kernel.money import major_units
from payments.ledger.enums import AccountCode
from payments.ledger.models import LedgerAccount, Transfer
from projects.hours.models import PayLine
from projects.labs.models import Lab
from projects.listings.models import Project

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class FundsRow:
    """
    How the funds of one project, or of all projects in one currency, moved; minor units.

    From the ledger's transfers: `funded`, `pay`, `fee`. From its balances: `reserved`, `funds`. From our lines:
    `lines_pay`, `lines_fee`. They tie when funded - charged = funds + reserved, and the lines say what the ledger says.
    """

    currency: str
    funded_minor: int
    pay_minor: int
    fee_minor: int
    reserved_minor: int
    funds_minor: int
    lines_pay_minor: int
    lines_fee_minor: int
    project: Project | None = None

    @property
    def charged_minor(self) -> int:
        return self.pay_minor + self.fee_minor

    @property
    def ties(self) -> bool:
        lines_agree = (self.pay_minor, self.fee_minor) == (self.lines_pay_minor, self.lines_fee_minor)
        return lines_agree and self.funded_minor - self.charged_minor == self.funds_minor + self.reserved_minor


@dataclass(frozen=True, slots=True)
class Funds:
    """The rows of a lab's projects, and a total for each currency."""

    rows: list[FundsRow]
    totals: list[FundsRow]

    @property
    def tie(self) -> bool:
        return all(row.ties for row in self.rows)


def funds_of(lab: Lab) -> Funds:
    """Return how the funds of each project moved. Seven queries, whatever the number of projects and contracts."""
    projects = list(Project.objects.filter(lab=lab).select_related("lab").order_by("-pk"))
    of_contract = dict(lab.contracts.values_list("public_id", "project__public_id"))
    refs = [project.public_id for project in projects]
    funded = _moved(AccountCode.PROJECT_FUNDS, refs, without=AccountCode.CONTRACT_RESERVE)
    pay = _by_project(_taken(of_contract, AccountCode.EXPERT_PAYABLE), of_contract)
    fee = _by_project(_taken(of_contract, AccountCode.PLATFORM_FEE), of_contract)
    reserved = _by_project(_balances(AccountCode.CONTRACT_RESERVE, of_contract), of_contract)
    funds = _balances(AccountCode.PROJECT_FUNDS, refs)
    lines = _lines(lab)
    rows = [
        FundsRow(
            project.currency, funded.get(ref, 0), pay.get(ref, 0), fee.get(ref, 0), reserved.get(ref, 0),
            funds.get(ref, 0), *lines.get(ref, (0, 0)), project=project,
        )
        for ref, project in zip(refs, projects, strict=True)
    ]  # fmt: skip
    return Funds(rows, _totals(rows))


def _totals(rows: Sequence[FundsRow]) -> list[FundsRow]:
    """Add the rows up, each currency for itself."""
    names = (
        "funded_minor", "pay_minor", "fee_minor", "reserved_minor", "funds_minor", "lines_pay_minor", "lines_fee_minor",
    )  # fmt: skip
    currencies = sorted({row.currency for row in rows})
    by_currency = {currency: [row for row in rows if row.currency == currency] for currency in currencies}
    return [
        FundsRow(currency, *(sum(getattr(row, name) for row in own) for name in names))
        for currency, own in by_currency.items()
    ]


def _moved(code: AccountCode, refs: Iterable[UUID], *, without: AccountCode) -> dict[UUID, int]:
    """Return credits minus debits of the accounts, leaving out what moved between them and `without`."""
    accounts = LedgerAccount.objects.filter(code=code, owner_ref__in=list(refs))
    into = Transfer.objects.filter(credit__in=accounts).exclude(debit__code=without).values_list("credit__owner_ref")
    out = Transfer.objects.filter(debit__in=accounts).exclude(credit__code=without).values_list("debit__owner_ref")
    moved: dict[UUID, int] = defaultdict(int)
    for ref, minor in into.annotate(minor=Sum("amount_minor")):
        moved[ref] += minor
    for ref, minor in out.annotate(minor=Sum("amount_minor")):
        moved[ref] -= minor
    return moved


def _taken(contracts: Iterable[UUID], to: AccountCode) -> dict[UUID, int]:
    """Return what went from the reserves of the contracts to accounts of a code, less what came back by reversals."""
    accounts = LedgerAccount.objects.filter(code=AccountCode.CONTRACT_RESERVE, owner_ref__in=list(contracts))
    there, back = Q(debit__in=accounts, credit__code=to), Q(credit__in=accounts, debit__code=to)
    sums = (
        Transfer.objects.filter(there | back)
        .annotate(
            contract=Case(When(there, then="debit__owner_ref"), default="credit__owner_ref"),
            signed=Case(When(there, then=F("amount_minor")), default=-F("amount_minor")),
        )
        .order_by()
        .values_list("contract")
        .annotate(minor=Sum("signed"))
    )
    return dict(sums)


def _balances(code: AccountCode, refs: Iterable[UUID]) -> dict[UUID, int]:
    """Return the stored balances; an owner has one currency, the project's."""
    accounts = LedgerAccount.objects.filter(code=code, owner_ref__in=list(refs))
    return {ref: minor or 0 for ref, minor in accounts.values_list("owner_ref", "balance_minor") if ref}


def _by_project(by_contract: dict[UUID, int], of_contract: dict[UUID, UUID]) -> dict[UUID, int]:
    sums: dict[UUID, int] = defaultdict(int)
    for contract, minor in by_contract.items():
        sums[of_contract[contract]] += minor
    return sums


def _lines(lab: Lab) -> dict[UUID, tuple[int, int]]:
    rows = PayLine.objects.approved().filter(timesheet__contract__lab=lab).order_by()
    sums = rows.values_list("timesheet__contract__project__public_id").annotate(
        pay=Sum("pay_minor"), fee=Sum("fee_minor")
    )
    return {ref: (pay, fee) for ref, pay, fee in sums}


def charged_lines(lab: Lab) -> QuerySet[PayLine]:
    """Return every approved line of the lab, the newest day first."""
    rows = PayLine.objects.approved().filter(timesheet__contract__lab=lab)
    return rows.select_related("timesheet__contract__project").order_by("-day", "-pk")


def lines_after(rows: QuerySet[PayLine], pk: int | None) -> QuerySet[PayLine]:
    """Return what follows a line in the order of `charged_lines`; the first page if there is no such line."""
    last = rows.filter(pk=pk).first() if pk else None
    if last is None:
        return rows
    return rows.filter(Q(day__lt=last.day) | Q(day=last.day, pk__lt=last.pk))


HEAD = [
    "line",
    "project",
    "contract",
    "week",
    "day",
    "minutes",
    "rate",
    "pay",
    "fee",
    "charge",
    "currency",
    "approved_at",
]


def statement_csv(lab: Lab) -> Iterator[str]:
    """Yield the lines of the statement as CSV, amounts in major units; streamed, so any length fits in memory."""
    yield _row(HEAD)
    for line in charged_lines(lab).iterator(chunk_size=2000):
        yield _row(
            [
                str(line.public_id),
                _plain(line.timesheet.contract.project.title),
                line.timesheet.contract.alias,
                line.timesheet.period.isoformat(),
                line.day.isoformat(),
                str(line.minutes),
                *(
                    major_units(minor, line.currency)
                    for minor in (line.rate_minor, line.pay_minor, line.fee_minor, line.charge_minor)
                ),
                line.currency,
                line.approved_at.isoformat() if line.approved_at else "",
            ]
        )


def _row(cells: list[str]) -> str:
    buffer = StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()


def _plain(text: str) -> str:
    """Keep a spreadsheet from taking a title for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
