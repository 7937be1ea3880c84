"""Two people write on one listing: the later one sees both, and neither loses a word."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

from projects.listings.actions.parts import json_of
from projects.listings.actions.shape import Listing
from projects.listings.enums import SECTIONS

_SECTION = "section_"


@dataclass(frozen=True, slots=True)
class Merged:
    """Both put together: parts that only one side changed are that side's; of `clashes`, which both did, it holds mine."""

    listing: Listing
    clashes: frozenset[str]


def parts_of(listing: Listing) -> dict[str, Any]:
    """Return a listing as plain parts by name, each section by itself."""
    content = json_of(listing)
    sections = content.pop("sections")
    return content | {f"{_SECTION}{code}": sections.get(code, "") for code, _label in SECTIONS}


def fingerprints(listing: Listing) -> str:
    """Return what the editor carries along of the listing that it was opened on: JSON of eight digits for each part."""
    return json.dumps({name: _digest(value) for name, value in parts_of(listing).items()}, separators=(",", ":"))


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:8]


def merge(*, mine: Listing, theirs: Listing, began: str) -> Merged:
    """
    Put what somebody else saved meanwhile together with what was written here.

    :param began: `fingerprints` of what both began with; without it every difference is a clash.
    """
    try:
        known = json.loads(began)
        base: dict[str, str] = known if isinstance(known, dict) else {}
    except ValueError:
        base = {}
    own, other = parts_of(mine), parts_of(theirs)
    differ = [name for name in own if own[name] != other[name]]
    taken = {name for name in differ if _digest(own[name]) == base.get(name)}
    clashes = {name for name in differ if name not in taken and _digest(other[name]) != base.get(name)}
    sections = {
        code: (theirs if f"{_SECTION}{code}" in taken else mine).sections.get(code, "") for code, _label in SECTIONS
    }
    changes = {name: getattr(theirs, name) for name in taken if not name.startswith(_SECTION)}
    return Merged(replace(mine, sections=sections, **changes), frozenset(clashes))
