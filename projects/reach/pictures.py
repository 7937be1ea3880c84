"""Pictures for links on other sites, 1200 by 630 pixels: what they show comes as data, never as Typst source."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import typst

SHEET: Final = Path(__file__).with_name("picture.typ")
LOOK: Final = "1"
"""Goes up when picture.typ changes, so that no picture of the old look is used any more."""
PIXELS_AN_INCH: Final = 72.0
"""So one point of the sheet is one pixel."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that a picture shows. `mark` is the monogram; an empty figure or mark is left out."""

    kicker: str
    title: str
    figure: str
    facts: str
    mark: str

    @property
    def sha256(self) -> str:
        """The name of the picture: another one as soon as anything in it changes."""
        said = json.dumps([LOOK, asdict(self)], sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(said.encode()).hexdigest()

    @property
    def version(self) -> str:
        """The name in short, for addresses."""
        return self.sha256[:16]


def draw(shown: Shown) -> bytes:
    """Return the picture as PNG, the same bytes everywhere: only fonts that typst carries are used."""
    drawn = typst.compile(
        SHEET,
        format="png",
        ppi=PIXELS_AN_INCH,
        sys_inputs={"data": json.dumps(asdict(shown))},
        ignore_system_fonts=True,
    )
    if not isinstance(drawn, bytes):
        raise TypeError("A picture is one page.")
    return drawn
