"""Invariants of standing: what referrals earned is in the books, and no purse says anything else."""

from __future__ import annotations

from typing import Any, Final

from django.db import connection

REWARDS_OFF: Final = """
SELECT reward.public_id, CASE WHEN reward.state = 'BOOKED' THEN reward.amount_minor ELSE 0 END,
       COALESCE(SUM(transfer.amount_minor) FILTER (WHERE mirror.id IS NULL), 0)::bigint
FROM standing_reward AS reward
LEFT JOIN ledger_entry AS entry ON entry.key = 'referral:' || reward.public_id
LEFT JOIN ledger_entry AS mirror ON mirror.reverses_id = entry.id
LEFT JOIN ledger_transfer AS transfer ON transfer.entry_id = entry.id
GROUP BY reward.id
HAVING CASE WHEN reward.state = 'BOOKED' THEN reward.amount_minor ELSE 0 END
    <> COALESCE(SUM(transfer.amount_minor) FILTER (WHERE mirror.id IS NULL), 0)
ORDER BY reward.id LIMIT 100
"""
PURSES_OFF: Final = """
SELECT purse.id, purse.earned_minor, COALESCE(SUM(reward.amount_minor), 0)::bigint
FROM standing_rewardpurse AS purse
LEFT JOIN standing_reward AS reward
    ON reward.referral_id = purse.referral_id AND reward.currency = purse.currency AND reward.state = 'BOOKED'
GROUP BY purse.id HAVING purse.earned_minor <> COALESCE(SUM(reward.amount_minor), 0)
ORDER BY purse.id LIMIT 100
"""


def rewards_off() -> list[str]:
    """Compare every reward with its entry in the books; one sentence for each that differs."""
    return [
        f"Reward {ref} is {amount}, but the books moved {booked} for it." for ref, amount, booked in _rows(REWARDS_OFF)
    ]


def purses_off() -> list[str]:
    """Compare what each referral has earned with the sum of its rewards; one sentence for each that differs."""
    return [
        f"Purse {pk} says {earned} was earned, but its rewards sum to {booked}."
        for pk, earned, booked in _rows(PURSES_OFF)
    ]


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
