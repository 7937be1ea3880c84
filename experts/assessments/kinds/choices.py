"""One right answer, or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from experts.assessments.enums import FULL_BPS
from experts.assessments.kinds.base import (
    LETTERS,
    MOST_OPTIONS,
    Answer,
    Content,
    Kind,
    Option,
    lines_of,
    require_different,
)


class Choice(Kind):
    """Options of which some are right."""

    def read(self, text: str) -> dict[str, Any]:
        lines = lines_of(text)
        texts = [line.lstrip("*").strip() for line in lines]
        if not 2 <= len(texts) <= MOST_OPTIONS or not all(texts):
            raise ValueError(f"Write 2 to {MOST_OPTIONS} options, one a line.")
        require_different(texts)
        right = [line.startswith("*") for line in lines]
        self.require_right(sum(right), len(right))
        rows = zip(LETTERS, texts, right, strict=False)
        return {"options": [{"key": key, "text": words, "right": is_right} for key, words, is_right in rows]}

    def require_right(self, right: int, all_of_them: int) -> None:
        """
        Check how many options are right.

        :raises ValueError: with a sentence for the author.
        """

    def lines(self, content: Content) -> str:
        return "\n".join(f"{'* ' if row['right'] else ''}{row['text']}" for row in content["options"])

    def options(self, content: Content) -> list[Option]:
        return [Option(row["key"], row["text"]) for row in content["options"]]

    def clean(self, content: Content, raw: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        known = [option.key for option in self.options(content)]
        chosen = [key for key in known if key in raw.get("chosen", [])]
        return {"chosen": chosen} if chosen else {}

    def solution(self, content: Content) -> list[str]:
        return [row["text"] for row in content["options"] if row["right"]]

    def said(self, content: Content, answer: Answer) -> list[str]:
        return [option.text for option in self.options(content) if option.key in answer.get("chosen", [])]


class Single(Choice):
    rule = "One right answer: all or nothing."
    hint = "One option a line. A star before the right one."

    def require_right(self, right: int, all_of_them: int) -> None:
        if right != 1:
            raise ValueError("Put a star before the one right option.")

    def clean(self, content: Content, raw: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        found = super().clean(content, raw)
        return found if len(found.get("chosen", [])) == 1 else {}

    def credit(self, content: Content, answer: Answer) -> int:
        right = [row["key"] for row in content["options"] if row["right"]]
        return FULL_BPS if answer.get("chosen") == right else 0


class Multiple(Choice):
    rule = "Several right answers: each right one adds its share, each wrong one takes one away, never below zero."
    hint = "One option a line. A star before each right one."

    def require_right(self, right: int, all_of_them: int) -> None:
        if not 1 <= right < all_of_them:
            raise ValueError("Put a star before each right option, and leave at least one without.")

    def credit(self, content: Content, answer: Answer) -> int:
        right = {row["key"] for row in content["options"] if row["right"]}
        chosen = set(answer.get("chosen", []))
        net = len(chosen & right) - len(chosen - right)
        return max(0, net) * FULL_BPS // len(right)
