"""Report 3, the part that stands: what we owe each expert, by where it is on its way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import ClassVar, Final

from django.db import connection

from payments.ledger import queries as books
from payments.ledger.enums import AccountCode
from payments.reports.shapes import Column, Report, Row, Tie, stream

# Payable and held money belongs to a person; money in transit to a pay item, which belongs to a person.
BY_PERSON: Final = """
    SELECT person.public_id, person.full_name, person.email,
           COALESCE(SUM(side.minor) FILTER (WHERE account.code = '2200'), 0)::bigint AS payable,
           COALESCE(SUM(side.minor) FILTER (WHERE account.code = '2210'), 0)::bigint AS held,
           COALESCE(SUM(side.minor) FILTER (WHERE account.code = '2300'), 0)::bigint AS in_transit,
           SUM(side.minor)::bigint AS total,
           MAX(entry.effective_on) AS last_on
    FROM ledger_ledgeraccount AS account
    JOIN (
        SELECT entry_id, credit_id AS account_id, amount_minor AS minor FROM ledger_transfer
        UNION ALL
        SELECT entry_id, debit_id, -amount_minor FROM ledger_transfer
    ) AS side ON side.account_id = account.id
    JOIN ledger_entry AS entry ON entry.id = side.entry_id
    LEFT JOIN payouts_payitem AS item ON account.code = '2300' AND item.public_id = account.owner_ref
    LEFT JOIN accounts_user AS person
        ON person.id = item.payee_id OR account.code <> '2300' AND person.public_id = account.owner_ref
    WHERE account.code IN ('2200', '2210', '2300') AND account.currency = %(currency)s
        AND entry.effective_on <= %(until)s
    GROUP BY person.public_id, person.full_name, person.email
    HAVING COUNT(*) FILTER (WHERE side.minor <> 0) > 0 AND (
        SUM(side.minor) <> 0
        OR SUM(side.minor) FILTER (WHERE account.code = '2200') <> 0
        OR SUM(side.minor) FILTER (WHERE account.code = '2210') <> 0
        OR SUM(side.minor) FILTER (WHERE account.code = '2300') <> 0
    )
"""


@dataclass(frozen=True)
class Payables(Report):
    """People with anything but zero on 2200, 2210 or 2300 at the end of a business date; None means now."""

    slug: ClassVar[str] = "payables"
    title: ClassVar[str] = "Payable to experts"
    answers: ClassVar[str] = "What we owe each expert, and where the money is."
    columns: ClassVar[tuple[Column, ...]] = (
        Column("expert_id", "Expert id", "mono", on_screen=False),
        Column("name", "Expert"),
        Column("email", "E-mail", on_screen=False),
        Column("payable", "2200 payable", "money", total=True),
        Column("held", "2210 held", "money", total=True),
        Column("in_transit", "2300 in transit", "money", total=True),
        Column("total", "Total", "money", total=True),
        Column("last_on", "Last movement", "day"),
    )
    currency: str = "USD"
    until: date | None = None

    @property
    def _values(self) -> dict[str, str | date]:
        return {"currency": self.currency, "until": self.until or date.max}

    def rows(self, start: int = 0, size: int | None = None) -> Iterator[Row]:
        ordered = f"{BY_PERSON} ORDER BY total DESC, person.public_id"
        for person, name, email, *rest in stream(ordered, self._values, start=start, size=size):
            yield (person, name or email or "nobody we know", email, *rest)

    def totals(self) -> tuple[int, dict[str, int]]:
        return self._totals

    @cached_property
    def _totals(self) -> tuple[int, dict[str, int]]:
        names = ("payable", "held", "in_transit", "total")
        sums = ", ".join(f"COALESCE(SUM({name}), 0)::bigint" for name in names)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*), {sums} FROM ({BY_PERSON}) AS people", self._values)  # noqa: S608
            count, *found = cursor.fetchone()
        return count, dict(zip(names, found, strict=True))

    def parameters(self) -> list[tuple[str, str]]:
        return [("Currency", self.currency), ("At the end of", self.as_of())]

    def as_of(self) -> str:
        return self.until.isoformat() if self.until else "the last entry"

    def ties(self) -> list[Tie]:
        _count, sums = self._totals
        rows = {row.code: row.balance_minor for row in books.trial_balance(self.currency, self.until)}
        three = (
            (AccountCode.EXPERT_PAYABLE, "payable"),
            (AccountCode.EXPERT_HELD, "held"),
            (AccountCode.PAYOUT_IN_TRANSIT, "in_transit"),
        )
        single = [
            Tie(f"{code} by expert", sums[name], f"{code} in the trial balance", rows[code], (name,))
            for code, name in three
        ]
        whole = sum(rows[code] for code, _ in three)
        return [*single, Tie("All three by expert", sums["total"], "All three in the trial balance", whole, ("total",))]

    @property
    def file_name(self) -> str:
        return f"{self.slug}-{self.currency}-{self.until.isoformat() if self.until else 'now'}"
