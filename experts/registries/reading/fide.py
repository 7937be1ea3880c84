"""
FIDE: the monthly rating list as XML, `players_list_xml.zip` or one of the three lists of a kind.

The root is `playerslist` with one `player` each: fideid, name, country, sex, title, w_title, o_title, rating, birthday (a
year), flag and figures that we leave out.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from lxml import etree

from experts.registries.reading.base import Record, Row, Unreadable, cut, whole_number
from experts.registries.reading.files import Counted, opened
from marketplace.kernel.errors import Invalid

OLD_TITLES = {"G": "GM", "M": "IM", "F": "FM", "C": "CM", "WG": "WGM", "WM": "WIM", "WF": "WFM", "WC": "WCM"}
NEEDED = {"fideid", "name", "country"}
SAFE: dict[str, Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


class FideReader:
    """`players_list_xml*.xml` or `standard_rating_list.xml`, plain or inside a zip."""

    is_whole = True

    def __init__(self, path: Path) -> None:
        self.paths = (path,)
        self._stream: Counted | None = None

    def list_on(self) -> date | None:
        return None

    def check(self) -> None:
        with opened(self.paths[0], _is_list, "list of players as .xml") as stream:
            self._require_root(stream)
        with opened(self.paths[0], _is_list, "list of players as .xml") as stream:
            for values in self._players(stream):
                if not values.keys() >= NEEDED:
                    lacks = min(NEEDED - values.keys())
                    raise Invalid(f"{self.paths[0].name} is not FIDE's list: its first player has no <{lacks}>.")
                return
        raise Invalid(f"{self.paths[0].name} holds no player.")

    def records(self) -> Iterator[Record]:
        with opened(self.paths[0], _is_list, "list of players as .xml") as stream:
            self._stream = stream
            for number, values in enumerate(self._players(stream), start=1):
                yield _record(values, number)

    def progress(self) -> tuple[int, int]:
        return (self._stream.done, self._stream.total) if self._stream else (0, self.paths[0].stat().st_size)

    def _require_root(self, stream: Counted) -> None:
        """:raises Invalid: if the file does not begin as FIDE's list does."""
        with self._whole_xml():
            _event, root = next(etree.iterparse(io.BufferedReader(stream, 1 << 16), events=("start",), **SAFE))
            if root.tag != "playerslist":
                raise Invalid(
                    f"{self.paths[0].name} begins with <{root.tag}>, FIDE's list with <playerslist>. Take the XML list "
                    "from ratings.fide.com/download_lists.phtml."
                )

    def _players(self, stream: Counted) -> Iterator[dict[str, str]]:
        """
        Yield the fields of each player, and forget each before the next.

        :raises Invalid: if it is cut off.
        """
        source = io.BufferedReader(stream, 1 << 18)
        with self._whole_xml():
            for _event, element in etree.iterparse(source, events=("end",), tag="player", **SAFE):
                yield {field.tag: field.text or "" for field in element if isinstance(field.tag, str)}
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]

    @contextmanager
    def _whole_xml(self) -> Iterator[None]:
        """:raises Invalid: in place of what the parser says of a file that is no XML, or is cut off."""
        try:
            yield
        except etree.XMLSyntaxError as broken:
            raise Invalid(
                f"{self.paths[0].name} is not whole XML ({str(broken)[:120]}). Take the XML list of FIDE, not the text "
                "list, and download it again."
            ) from broken


def _is_list(name: str) -> bool:
    return name.lower().endswith(".xml")


def _title(text: str) -> str:
    upper = text.strip().upper()
    return cut(OLD_TITLES.get(upper, upper), 4)


def _record(values: dict[str, str], number: int) -> Record:
    fide_id, name = values.get("fideid", "").strip().lstrip("0"), cut(values.get("name"), 120)
    if not (fide_id.isascii() and fide_id.isdecimal() and len(fide_id) <= 10) or not name:
        return Unreadable(f"player {number}: “{fide_id[:20]}” with the name “{name[:40]}”")
    return Row(
        "fideplayer",
        {
            "number": fide_id,
            "name": name,
            "federation": cut(values.get("country"), 3).upper(),
            "sex": cut(values.get("sex"), 1).upper(),
            "title": _title(values.get("title", "")),
            "women_title": _title(values.get("w_title", "")),
            "other_titles": cut(values.get("o_title"), 60),
            "rating": whole_number(values.get("rating")),
            "birth_year": whole_number(values.get("birthday")),
            "flag": cut(values.get("flag"), 4),
        },
    )
