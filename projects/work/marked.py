"""Marked spans in a text: finding a quote, and cutting the text into pieces for the page. Offsets are code points."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one line that lies under one mark, or under none. `number` counts marks from 1."""

    start: int
    text: str
    number: int = 0
    severity: str = ""
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One line of the text; `start` is its offset."""

    start: int
    pieces: list[Piece] = field(default_factory=list)


def places_of(quote: str, text: str) -> list[tuple[int, int]]:
    """Return where the words of `quote` stand in `text`, whatever white space lies between them."""
    words = quote.split()
    if not words:
        return []
    pattern = r"\s+".join(re.escape(word) for word in words)
    return [found.span() for found in re.finditer(pattern, text)]


def same_words(one: str, other: str) -> bool:
    """Whether two texts are equal but for white space; a browser's text field drops line ends."""
    return one.split() == other.split()


def paragraphs_of(text: str, marks: Sequence[Mapping[str, Any]]) -> list[Paragraph]:
    """
    Return the text line by line, each cut where a mark begins or ends; empty lines are left out.

    :param marks: dicts with start, end and severity, in the order of their numbers, not overlapping.
    """
    spans = [
        (mark["start"], mark["end"], number, str(mark.get("severity", "")))
        for number, mark in enumerate(marks, start=1)
        if isinstance(mark.get("start"), int) and isinstance(mark.get("end"), int)
    ]
    found, at = [], 0
    for line in text.split("\n"):
        if line:
            found.append(Paragraph(at, _cut(line, at, spans)))
        at += len(line) + 1
    return found


def _cut(line: str, at: int, spans: list[tuple[int, int, int, str]]) -> list[Piece]:
    end = at + len(line)
    edges = {at, end} | {edge for span in spans for edge in span[:2] if at < edge < end}
    cuts = sorted(edges)
    pieces = []
    for start, stop in pairwise(cuts):
        words = line[start - at : stop - at]
        cover = next((span for span in spans if span[0] <= start and stop <= span[1]), None)
        if cover is None:
            pieces.append(Piece(start, words))
        else:
            pieces.append(Piece(start, words, cover[2], cover[3], ends=stop == cover[1]))
    return pieces
