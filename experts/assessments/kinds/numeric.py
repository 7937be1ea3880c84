"""A number with a tolerance."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from experts.assessments.enums import FULL_BPS
from experts.assessments.kinds.base import Answer, Content, Kind, lines_of

NUMBER = re.compile(r"[+-]?\d{1,12}(?:[.,]\d{1,9})?")


def number_in(text: str) -> Decimal | None:
    """Return the number that a person wrote, with a point or a comma; None if it is none. Spaces do not matter."""
    plain = re.sub(r"[\s\u00a0]", "", text).replace("\u2212", "-")
    return Decimal(plain.replace(",", ".")) if NUMBER.fullmatch(plain) else None


class Numeric(Kind):
    rule = "A number: within the tolerance all points, within twice the tolerance half of them."
    hint = "First line the number, second line the tolerance (0 for exact), third line the unit, if any."

    def read(self, text: str) -> dict[str, Any]:
        lines = lines_of(text)
        value = number_in(lines[0]) if lines else None
        tolerance = number_in(lines[1]) if len(lines) > 1 else Decimal(0)
        if value is None or tolerance is None or tolerance < 0 or len(lines) > 3:
            raise ValueError("Write the number, then the tolerance, then the unit, each on its line.")
        unit = lines[2] if len(lines) > 2 else ""
        if len(unit) > 20:
            raise ValueError("A unit has at most 20 characters.")
        return {"value": str(value), "tolerance": str(tolerance), "unit": unit}

    def lines(self, content: Content) -> str:
        return "\n".join(part for part in (content["value"], content["tolerance"], content["unit"]) if part)

    def clean(self, content: Content, raw: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        written = next(iter(raw.get("value", [])), "").strip()[:40]
        return {"value": written} if written else {}

    def credit(self, content: Content, answer: Answer) -> int:
        given = number_in(str(answer.get("value", "")))
        if given is None:
            return 0
        off, tolerance = abs(given - Decimal(content["value"])), Decimal(content["tolerance"])
        if off <= tolerance:
            return FULL_BPS
        return FULL_BPS // 2 if off <= 2 * tolerance else 0

    def solution(self, content: Content) -> list[str]:
        return [f"{content['value']} {content['unit']} (± {content['tolerance']})".replace("  ", " ")]

    def said(self, content: Content, answer: Answer) -> list[str]:
        return [f"{answer['value']} {content['unit']}".strip()] if answer.get("value") else []
