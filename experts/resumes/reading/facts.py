"""One fact of a résumé, with the place it stands in."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that a profile has room for: its kind, its values, and page, line and words of its source."""

    kind: str
    value: dict[str, Any]
    page: int
    line: int
    quote: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
