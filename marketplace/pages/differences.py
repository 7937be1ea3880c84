"""Two versions of a text, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WORDS = re.compile(r"\s+|[^\s]+")
LONGEST = 20_000
"""Texts longer than this many characters are shown whole, because comparing them word by word costs too much."""


@dataclass(frozen=True, slots=True)
class Line:
    """One fact in both versions; `before` and `after` are safe HTML with the changed words marked."""

    label: str
    before: str | SafeString
    after: str | SafeString
    same: bool


def mark_words(before: str, after: str) -> tuple[SafeString, SafeString]:
    """Return both texts as HTML, words that only one of them has in `<del>` or `<ins>`."""
    if len(before) + len(after) > LONGEST:
        return format_html("<del>{}</del>", before), format_html("<ins>{}</ins>", after)
    old, new = WORDS.findall(before), WORDS.findall(after)
    left: list[tuple[SafeString]] = []
    right: list[tuple[SafeString]] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = "".join(old[i1:i2]), "".join(new[j1:j2])
        if kind == "equal":
            left.append((format_html("{}", gone),))
            right.append((format_html("{}", come),))
            continue
        if gone:
            left.append((format_html("<del>{}</del>", gone),))
        if come:
            right.append((format_html("<ins>{}</ins>", come),))
    return format_html_join("", "{}", left), format_html_join("", "{}", right)


def lines_of(rows: Iterable[tuple[str, object, object]]) -> list[Line]:
    """Return the lines of a diff for (label, before, after) rows."""
    lines = []
    for label, before, after in rows:
        old, new = str(before), str(after)
        marked = (old, new) if old == new else mark_words(old, new)
        lines.append(Line(str(label), marked[0], marked[1], old == new))
    return lines
