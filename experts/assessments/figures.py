"""
The statistics of questions and of scores: plain functions over numbers, without a table.

Difficulty and discrimination as in classical test theory: p is the mean share of the points, and the discrimination is
the corrected point-biserial (for partial credit: item-rest) correlation, so an item never correlates with itself.
Agreement of two people: exact, and Cohen's kappa with quadratic weights (Cohen 1968), or linear ones.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from statistics import fmean, median


def difficulty(shares: Sequence[float]) -> float:
    """Return p, the mean share of the points, between 0 (nobody) and 1 (everybody)."""
    return fmean(shares)


def discrimination(shares: Sequence[float], rest: Sequence[float]) -> float | None:
    """
    Return the correlation of one item with the score on all others, between -1 and 1.

    None where it is not defined: fewer than two people, or no difference between them.
    """
    if len(shares) != len(rest):
        raise ValueError("Each answer needs the score on the rest.")
    if len(shares) < 2:
        return None
    mean_item, mean_rest = fmean(shares), fmean(rest)
    item, other = [value - mean_item for value in shares], [value - mean_rest for value in rest]
    spread = math.sqrt(math.fsum(value * value for value in item) * math.fsum(value * value for value in other))
    if spread < 1e-12:
        return None
    found = math.fsum(a * b for a, b in zip(item, other, strict=True)) / spread
    return max(-1.0, min(1.0, found))


def exact_agreement(pairs: Sequence[tuple[int, int]]) -> float:
    """Return the share of marks on which two people agree to the point."""
    return sum(one == other for one, other in pairs) / len(pairs)


def weighted_kappa(pairs: Sequence[tuple[int, int]], *, top: int, linear: bool = False) -> float | None:
    """
    Return Cohen's weighted kappa of marks from 0 to `top`: 1 is full agreement, 0 what chance gives.

    None where it is not defined: no marks, or both people gave one and the same mark everywhere.
    """
    if not pairs:
        return None
    n, power = len(pairs), 1 if linear else 2
    rows, columns = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    seen = sum((abs(one - other) / top) ** power for one, other in pairs) / n
    chance = sum(
        rows[one] * columns[other] * (abs(one - other) / top) ** power for one in rows for other in columns
    ) / (n * n)
    return None if chance == 0 else 1 - seen / chance


def settled(scores: Sequence[int]) -> int:
    """Return the score that stands: the mean of two, the median of three; rounded half up, in basis points."""
    return math.floor(median(scores) + 0.5)


def weighted_mean(scores: Sequence[tuple[int, int]]) -> int:
    """Return the mean of (score, weight) pairs, rounded half up; 0 if nothing weighs anything."""
    total = sum(weight for _score, weight in scores)
    return (2 * sum(score * weight for score, weight in scores) + total) // (2 * total) if total else 0
