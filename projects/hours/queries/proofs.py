"""Invariants of hours: the reserves and the charged lines say what the books say."""

from __future__ import annotations

from typing import Any, Final

from django.db import connection

RESERVES_OFF: Final = """
SELECT contract.public_id, COALESCE(held.minor, 0)::bigint, COALESCE(account.balance_minor, 0)
FROM hiring_contract AS contract
LEFT JOIN (
    SELECT contract_id, SUM(amount_minor) AS minor FROM hours_weeklyreserve WHERE state = 'HELD' GROUP BY contract_id
) AS held ON held.contract_id = contract.id
LEFT JOIN ledger_ledgeraccount AS account
    ON account.code = '2110' AND account.owner_ref = contract.public_id AND account.currency = contract.currency
WHERE COALESCE(held.minor, 0) <> COALESCE(account.balance_minor, 0)
ORDER BY contract.id LIMIT 100
"""
LINES_OFF: Final = """
SELECT line.public_id, line.charge_minor, COALESCE(SUM(transfer.amount_minor), 0)::bigint
FROM hours_payline AS line
JOIN hours_timesheet AS sheet ON sheet.id = line.timesheet_id
LEFT JOIN ledger_entry AS entry ON entry.key = 'approval:' || line.public_id || ':' || sheet.revision
LEFT JOIN ledger_transfer AS transfer ON transfer.entry_id = entry.id
WHERE line.state = 'APPROVED'
GROUP BY line.id HAVING line.charge_minor <> COALESCE(SUM(transfer.amount_minor), 0)
ORDER BY line.id LIMIT 100
"""


def reserves_off() -> list[str]:
    """Compare what contracts hold for open weeks with account 2110; one sentence for each that differs."""
    return [
        f"Contract {ref} holds {held} for its open weeks, but its reserve in the books is {booked}."
        for ref, held, booked in _rows(RESERVES_OFF)
    ]


def lines_off() -> list[str]:
    """Compare every approved line with the entry that charged it; one sentence for each that differs."""
    return [
        f"Line {ref} charges {line}, but the books moved {booked} for it." for ref, line, booked in _rows(LINES_OFF)
    ]


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
