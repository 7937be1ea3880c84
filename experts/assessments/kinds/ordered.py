"""Lines to be put in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
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


class Ordered(Kind):
    """An answer gives each line a place; two lines may wrongly have the same."""

    rule = (
        "Put in order: every two lines in the right order count for you, every two in the wrong order against you, "
        "never below zero. A line without a place counts nothing."
    )
    hint = "One line each, in the right order. Experts see them shuffled."

    def read(self, text: str) -> dict[str, Any]:
        texts = lines_of(text)
        if not 3 <= len(texts) <= MOST_OPTIONS:
            raise ValueError(f"Write 3 to {MOST_OPTIONS} lines in the right order.")
        require_different(texts)
        return {"items": [{"key": key, "text": words} for key, words in zip(LETTERS, texts, strict=False)]}

    def lines(self, content: Content) -> str:
        return "\n".join(row["text"] for row in content["items"])

    def options(self, content: Content) -> list[Option]:
        return [Option(row["key"], row["text"]) for row in content["items"]]

    def clean(self, content: Content, raw: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        keys = [option.key for option in self.options(content)]
        given = {key: next(iter(raw.get(f"place_{key}", [])), "") for key in keys}
        allowed = {str(place) for place in range(1, len(keys) + 1)}
        places = {key: int(value) for key, value in given.items() if value in allowed}
        return {"places": places} if places else {}

    def credit(self, content: Content, answer: Answer) -> int:
        keys = [option.key for option in self.options(content)]
        places = answer.get("places", {})
        net = total = 0
        for first, second in combinations(keys, 2):
            total += 1
            if first in places and second in places and places[first] != places[second]:
                net += 1 if places[first] < places[second] else -1
        return max(0, net) * FULL_BPS // total

    def solution(self, content: Content) -> list[str]:
        return [f"{place}. {option.text}" for place, option in enumerate(self.options(content), 1)]

    def said(self, content: Content, answer: Answer) -> list[str]:
        places, texts = answer.get("places", {}), {one.key: one.text for one in self.options(content)}
        return [f"{place}. {texts[key]}" for key, place in sorted(places.items(), key=lambda pair: pair[1])]
