"""What every kind of question can do."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Content = Mapping[str, Any]
"""What a version of a question holds beside its words: options, the right order, a number, or a rubric. JSON."""
Answer = Mapping[str, Any]
"""What an expert gave, as JSON. An empty mapping is no answer."""

LETTERS = "abcdefghij"
MOST_OPTIONS = len(LETTERS)


@dataclass(frozen=True, slots=True)
class Option:
    """One line that can be chosen or placed: its key inside the version, and its words."""

    key: str
    text: str


class Kind:
    """A kind of question. `read` and `lines` are for authors, `clean` and `credit` for answers."""

    is_closed = True
    rule = ""
    """How it is scored, in words that experts read before they begin."""
    hint = ""
    """How an author writes it."""

    def read(self, text: str) -> dict[str, Any]:
        """
        Return the content that an author wrote as lines.

        :raises ValueError: with a sentence for the author.
        """
        raise ValueError("This kind of question has no content.")

    def lines(self, content: Content) -> str:
        """Return the content as lines to be edited again; the reverse of `read`."""
        return ""

    def options(self, content: Content) -> list[Option]:
        """Return what can be chosen or placed, as the author ordered it."""
        return []

    def shuffled(self, content: Content, chance: random.Random) -> list[str]:
        """Return the keys in the order in which one attempt sees them."""
        keys = [option.key for option in self.options(content)]
        chance.shuffle(keys)
        return keys

    def clean(self, content: Content, raw: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """Return the answer in what a browser sent by field name; strange values are left out, never an error."""
        return {}

    def credit(self, content: Content, answer: Answer) -> int:
        """Return the share of the points that the answer earns, in basis points. No answer earns nothing."""
        return 0

    def solution(self, content: Content) -> list[str]:
        """Return the right answer in lines that people read. Shown to staff only."""
        return []

    def said(self, content: Content, answer: Answer) -> list[str]:
        """Return an answer in lines that people read."""
        return []


def lines_of(text: str) -> list[str]:
    """Return the lines that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def require_different(texts: Sequence[str]) -> None:
    if len({text.casefold() for text in texts}) != len(texts):
        raise ValueError("Two lines say the same.")
    if any(len(text) > 300 for text in texts):
        raise ValueError("A line has at most 300 characters.")
