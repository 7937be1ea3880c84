"""What an inspection answers."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

MAX_TEXT = 200_000
PAGE_BREAK = "\f"
"""Stands between the pages of a text, in the place of a line's end: `splitlines` sees lines, `split` sees pages."""
GAP = "\t"
"""Stands in a line where its parts lie apart, as in a table, or before a date at the right margin."""


LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0x00AD: None}


class FileRefused(Exception):
    """The file is not taken; the message tells its owner what it is and what to send instead."""


@dataclass(frozen=True, slots=True)
class Readout:
    """What an inspector read: the text, on how many pages, and how many of them hold none that a program can read."""

    text: str = ""
    pages: int = 1
    unreadable_pages: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the file is taken, the sentence when it is not, the text found in it when it is."""

    is_clean: bool
    sentence: str = ""
    text: str = ""
    pages: int = 0
    unreadable_pages: int = 0

    def as_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str) -> Verdict:
        """
        Read what the child wrote.

        :raises ValueError: if it is anything else than a verdict.
        """
        facts = json.loads(line)
        known = set(cls.__slots__)
        if not isinstance(facts, dict) or not {"is_clean", "sentence", "text"} <= set(facts) <= known:
            raise ValueError("That is not a verdict.")
        verdict = cls(**facts)
        texts, counts = (verdict.sentence, verdict.text), (verdict.pages, verdict.unreadable_pages)
        if not isinstance(verdict.is_clean, bool) or not all(isinstance(text, str) for text in texts):
            raise ValueError("That is not a verdict.")
        if not all(type(count) is int and 0 <= count <= 10_000 for count in counts):
            raise ValueError("That is not a verdict.")
        if not verdict.is_clean and not verdict.sentence:
            raise ValueError("A refusal says why.")
        return verdict


def clean_text(text: str) -> str:
    """
    Return text as a database can keep it: no NUL, no lone surrogates, no endless blank, at most MAX_TEXT characters.

    Page breaks and gaps stay; letters that a font drew as one are written apart.
    """
    storable = text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8").translate(LIGATURES)
    return PAGE_BREAK.join(_clean_page(page) for page in storable.split(PAGE_BREAK))[:MAX_TEXT]


def _clean_page(page: str) -> str:
    lines = (GAP.join(" ".join(part.split()) for part in line.split(GAP) if part.strip()) for line in page.splitlines())
    return "\n".join(line for line in lines if line)
