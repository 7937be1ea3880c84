"""
The lab's statement: per project, how the funds moved, and every charged line behind it.

It is read from the ledger, so that its totals tie to the trial balance; the lines explain the charges.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from django.db.models import Q, QuerySet, Sum

from marketplace.kernel.money import major_units
from payments.ledger.enums import AccountCode, EntryKind
from payments.ledger.models import Transfer
from payments.ledger.queries import balances_minor
from projects.hours.models import PayLine
from projects.labs.models import Lab
from projects.listings.models import Project

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class FundsRow:
    """One project, minor units: funded - charged = funds + reserved. `pay` and `fee` add up to `charged`."""

    project: Project
    funded_minor: int
    pay_minor: int
    fee_minor: int
    reserved_minor: int
    funds_minor: int

    @property
    def charged_minor(self) -> int:
        return self.pay_minor + self.fee_minor

    @property
    def ties(self) -> bool:
        return self.funded_minor - self.charged_minor == self.funds_minor + self.reserved_minor


def funds_of(lab: Lab) -> list[FundsRow]:
    """Return how the funds of each project moved, all from the ledger's own transfers and balances."""
    projects = list(Project.objects.filter(lab=lab).order_by("-pk"))
    contracts: dict[int, list[object]] = {}
    for project_id, ref in lab.contracts.values_list("project_id", "public_id"):
        contracts.setdefault(project_id, []).append(ref)
    funds = balances_minor(AccountCode.PROJECT_FUNDS, [row.public_id for row in projects])
    rows = []
    for project in projects:
        refs = contracts.get(project.pk, [])
        reserved = sum(balances_minor(AccountCode.CONTRACT_RESERVE, refs).values()) if refs else 0  # type: ignore[arg-type]
        rows.append(FundsRow(project, _funded(project), *_charged(refs), reserved, funds.get(project.public_id, 0)))
    return rows


def _funded(project: Project) -> int:
    into = Q(credit__code=AccountCode.PROJECT_FUNDS, credit__owner_ref=project.public_id)
    rows = Transfer.objects.filter(into, entry__kind=EntryKind.ALLOCATION)
    return int(rows.aggregate(total=Sum("amount_minor"))["total"] or 0)


def _charged(contract_refs: list[object]) -> tuple[int, int]:
    rows = Transfer.objects.filter(
        debit__code=AccountCode.CONTRACT_RESERVE, debit__owner_ref__in=contract_refs, entry__kind=EntryKind.APPROVAL
    )
    sums = rows.aggregate(
        pay=Sum("amount_minor", filter=Q(credit__code=AccountCode.EXPERT_PAYABLE)),
        fee=Sum("amount_minor", filter=Q(credit__code=AccountCode.PLATFORM_FEE)),
    )
    return int(sums["pay"] or 0), int(sums["fee"] or 0)


def charged_lines(lab: Lab) -> QuerySet[PayLine]:
    """Return every approved line of the lab, the newest day first."""
    rows = PayLine.objects.approved().filter(timesheet__contract__lab=lab)
    return rows.select_related("timesheet__contract__project").order_by("-day", "-pk")  # type: ignore[no-any-return]


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
