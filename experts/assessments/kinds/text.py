"""Short text, scored by two people against a rubric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from experts.assessments.enums import FULL_BPS, RUBRIC_TOP
from experts.assessments.kinds.base import LETTERS, Answer, Content, Kind, lines_of, require_different

MOST_CHARS = 4000


def read_rubric(text: str) -> list[dict[str, str]]:
    """
    Return the criteria that an author wrote, one a line.

    :raises ValueError: with a sentence for the author.
    """
    texts = lines_of(text)
    if not 1 <= len(texts) <= 6:
        raise ValueError("Write 1 to 6 criteria, one a line.")
    require_different(texts)
    return [{"key": key, "text": words} for key, words in zip(LETTERS, texts, strict=False)]


def credit_of_marks(criteria: Sequence[Mapping[str, str]], marks: Mapping[str, int]) -> int:
    """Return the share of the points that marks from 0 to 3 on each criterion give, in basis points."""
    got = sum(marks[row["key"]] for row in criteria)
    return got * FULL_BPS // (RUBRIC_TOP * len(criteria))


class Text(Kind):
    is_closed = False
    rule = (
        "Short text: two people score it on a rubric without seeing each other's marks or your name; the mean counts."
    )
    hint = "One criterion a line. Scorers give each 0 to 3."

    def read(self, text: str) -> dict[str, Any]:
        return {"criteria": read_rubric(text)}

    def lines(self, content: Content) -> str:
        return "\n".join(row["text"] for row in content["criteria"])

    def clean(self, content: Content, raw: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        written = next(iter(raw.get("text", [])), "").replace("\x00", "").replace("\r\n", "\n").strip()[:MOST_CHARS]
        return {"text": written} if written else {}

    def solution(self, content: Content) -> list[str]:
        return [row["text"] for row in content["criteria"]]

    def said(self, content: Content, answer: Answer) -> list[str]:
        return [answer["text"]] if answer.get("text") else []
