"""
Whether the résumé says what the profile says: name, field and years, each with the line it stands in.

The text is data and nothing else: words in it that give orders change nothing, because only these words are sought.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from experts.credentials.enums import DocumentState
from experts.credentials.models import Document
from experts.credentials.queries import current_resume
from experts.profiles.queries import plain
from experts.vetting.checks.base import Finding, NotYet, attention, needs_person, passed
from experts.vetting.models import Check

YEAR = re.compile(r"(?<!\d)(?:19[5-9]\d|20\d\d)(?!\d)")
LINE_CHARS = 160
MOST_LINES = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the résumé, counted from 1, as written and as compared."""

    number: int
    text: str
    plain: str


def look_at_resume(check: Check) -> Finding:
    """Return which statements of the profile the résumé repeats, with their lines, and which it does not."""
    document = current_resume(check.case.expert)
    if document is None:
        return attention("No résumé was sent; the case rests on the credentials alone.")
    if document.state == DocumentState.QUARANTINED:
        raise NotYet("The résumé is still being checked.")
    source: dict[str, Any] = {"document": str(document.public_id), "document_name": document.original_name}
    lines = numbered(document.extracted_text)
    if not lines:
        return needs_person("No text can be read from it, probably a scan; a person reads it.", **source)
    unread = _unread_pages(document)
    return _compared(check, lines, {**source, "unread": unread})


def _unread_pages(document: Document) -> str:
    """Return what the comparison has not seen, in words; empty when it has seen all."""
    if not document.unreadable_pages:
        return ""
    return (
        f"{document.unreadable_pages} of its {document.pages} pages cannot be read by a program; a person looks there."
    )


def _compared(check: Check, lines: list[Line], source: dict[str, Any]) -> Finding:
    expert, field = check.case.expert, check.case.field
    found: list[dict[str, object]] = []
    missing: list[str] = []
    for about, hits in (
        ("Name", lines_with_name(lines, expert.user.get_full_name())),
        (field.name, lines_with_words(lines, [field.name, *field.synonyms])),
    ):
        found += [{"about": about, "line": line.number, "text": line.text} for line in hits[:MOST_LINES]]
        if not hits:
            missing.append(f"“{expert.user.get_full_name()}”" if about == "Name" else f"anything about {field.name}")
    years, doubt = _years(check, lines)
    found += years
    evidence = {**source, "lines": found, "missing": missing}
    if missing or doubt or source["unread"]:
        words = [f"It does not say {' or '.join(missing)}."] if missing else []
        return attention(" ".join(filter(None, [*words, doubt, source["unread"]])), **evidence)
    return passed(f"It carries the name, {field.name} and years that fit the profile.", **evidence)


def _years(check: Check, lines: list[Line]) -> tuple[list[dict[str, object]], str]:
    """Return the line with the earliest year, and the doubt it leaves, if any."""
    entry = next((row for row in check.case.expert.field_entries.all() if row.field_id == check.case.field_id), None)
    claimed = entry.years if entry else 0
    present = check.case.opened_at.year
    dated = [(int(year), line) for line in lines for year in YEAR.findall(line.plain) if int(year) <= present]
    if not dated:
        return [], "It carries no years." if claimed else ""
    earliest, line = min(dated, key=lambda pair: (pair[0], pair[1].number))
    evidence: list[dict[str, object]] = [{"about": "Earliest year", "line": line.number, "text": line.text}]
    if present - earliest < claimed:
        return (
            evidence,
            f"Its earliest year is {earliest}, while {claimed} years in {check.case.field.name} are claimed.",
        )
    return evidence, ""


def numbered(text: str) -> list[Line]:
    """Return the lines that say something, with their numbers."""
    rows = enumerate(text.splitlines(), start=1)
    return [Line(number, row.strip()[:LINE_CHARS], plain(row)) for number, row in rows if row.strip()]


def lines_with_name(lines: list[Line], name: str) -> list[Line]:
    """Return the lines with every part of the name, in any order."""
    parts = [part for part in plain(name).replace(".", " ").split() if len(part) > 1]
    return [line for line in lines if parts and all(_says(line, part) for part in parts)]


def lines_with_words(lines: list[Line], words: list[str]) -> list[Line]:
    """Return the lines with any of these words or phrases, whole words only."""
    return [line for line in lines if any(_says(line, plain(word)) for word in words)]


def _says(line: Line, words: str) -> bool:
    return bool(words) and re.search(rf"(?<!\w){re.escape(words)}(?!\w)", line.plain) is not None
