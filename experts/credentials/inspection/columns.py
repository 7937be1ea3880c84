"""
Two columns read one after the other, from lines that keep the places of their words.

A page comes as lines of characters in which every word stands where it stands on the paper. A column is a stretch of
lines with one empty gutter, text on both sides of it, and the right side beginning at one place. Dates on one side are no
column: they belong to the words beside them.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from experts.credentials.inspection.verdict import GAP

GUTTER = 2  # characters that must be free
FEWEST_LINES = 4  # with text on each side
ALIGNED = 0.6  # share of right sides that begin at one place
SPARSE = 1 / 3  # a left side with fewer lines than this share of the right one holds headings at the margin
MOST_LINES, MOST_WIDTH = 400, 400
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_WIDE = re.compile(r" {3,}")


@dataclass(frozen=True, slots=True)
class Band:
    """Lines from `top` to before `end` with a gutter at `at`; `weight` says how sure it is."""

    top: int
    end: int
    at: int
    weight: int


def in_reading_order(rows: list[str]) -> list[str]:
    """Return the lines in the order in which people read them, wide gaps inside a line as GAP."""
    lines = [row.expandtabs(4).rstrip()[:MOST_WIDTH] for row in rows if row.strip()]
    if len(lines) > MOST_LINES:
        return [_gapped(line) for line in lines]
    ordered: list[str] = []
    while (band := _best_band(lines)) is not None:
        ordered += lines[: band.top]
        ordered += _read_band(lines[band.top : band.end], band.at)
        lines = lines[band.end :]
    return [_gapped(line) for line in [*ordered, *lines] if line.strip()]


def _gapped(line: str) -> str:
    return _WIDE.sub(GAP, line.strip())


def _best_band(lines: list[str]) -> Band | None:
    width = max((len(line) for line in lines), default=0)
    bands = [band for at in range(width // 8, width - width // 8) for band in _bands_at(lines, at)]
    return max(bands, key=lambda band: (band.weight, -band.top, -band.at), default=None)


def _bands_at(lines: list[str], at: int) -> list[Band]:
    """Return the stretches of lines that leave the gutter at this place free and look like two columns."""
    found: list[Band] = []
    top = 0
    for number in range(len(lines) + 1):
        if number < len(lines) and not lines[number][at : at + GUTTER].strip():
            continue
        if (weight := _weight(lines[top:number], at)) > 0:
            found.append(_trimmed(lines, top, number, at, weight))
        top = number + 1
    return found


def _weight(lines: list[str], at: int) -> int:
    lefts = [line[:at] for line in lines if line[:at].strip()]
    rights = [line[at:] for line in lines if line[at:].strip()]
    if len(rights) < FEWEST_LINES or len(lefts) < 2:
        return 0
    beside = sum(1 for line in lines if line[:at].strip() and line[at:].strip())
    begins = Counter(len(right) - len(right.lstrip()) for right in rights)
    aligned = begins.most_common(1)[0][1] / len(rights)
    if beside < 2 or aligned < ALIGNED or _are_dates(lefts) or _are_dates(rights):
        return 0
    return len(rights) + beside


def _are_dates(sides: list[str]) -> bool:
    """Whether at least a third of these are short and name a year: dates belong to what stands beside them."""
    dated = sum(1 for side in sides if len(side.strip()) <= 28 and _YEAR.search(side))
    return dated * 3 >= len(sides)


def _trimmed(lines: list[str], top: int, end: int, at: int, weight: int) -> Band:
    """Leave lines above out that stand on the left alone: they belong to the page, as its name and headline do."""
    while top < end and not lines[top][at:].strip():
        top += 1
    return Band(top, end, at, weight)


def _read_band(lines: list[str], at: int) -> list[str]:
    lefts, rights = [line[:at] for line in lines], [line[at:] for line in lines]
    if sum(bool(left.strip()) for left in lefts) < SPARSE * sum(bool(right.strip()) for right in rights):
        return [part for pair in zip(lefts, rights, strict=True) for part in pair if part.strip()]
    return [side for side in (*lefts, *rights) if side.strip()]
