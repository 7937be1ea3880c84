"""
Small registries that each area fills in its AppConfig.ready(), so that nobody has to import upward.

What is registered: sweeps, invariants, navigation entries, palette entries, kinds of notice, and who needs a second
factor. What to export and erase of a person is registered in `kernel/personal.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

Sweep = Callable[[datetime], int]
Invariant = Callable[[], list[str]]

sweeps: dict[str, Sweep] = {}
"""name -> function(now) that re-rings or repairs due rows and returns how many it touched."""

invariants: dict[str, Invariant] = {}
"""name -> function() that returns one sentence per violation; empty means green. A red one stops the next pay run."""

OwnerNames = Callable[[Iterable[UUID]], dict[UUID, str]]
owner_names: dict[str, OwnerNames] = {}
"""kind of ledger owner ("lab", "project", "contract") -> function(public ids) that names them for finance, by one query."""

second_factor_rules: list[Callable[[Any], str | None]] = []
"""function(user) -> the reason why this person needs a second factor, or None."""

for_the_person_alone: set[str] = set()
"""Names of views ("credentials:document"), or of all in a namespace ("privacy:"), that support never opens for a person."""


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of a front door's navigation. `badge(request)`, or `badge(lab)` where lab-scoped, returns a count."""

    door: str  # "expert", "lab", "vetting", "finance"
    label: str
    icon: str
    url_name: str
    order: int
    group: str = ""
    lab_scoped: bool = False  # reverse with slug=lab.slug
    roles: frozenset[str] = frozenset()  # empty: everybody behind this door
    badge: Callable[[Any], int | None] | None = None


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """
    A kind of notice. Essential kinds cannot be switched off (money, security, decisions about a person).

    One that `names_others` is for somebody's duty, as staff or for a lab, and stands in no export of a person's own data.
    """

    code: str
    label: str
    essential: bool = False
    by_email: bool = True
    names_others: bool = False


Palette = Callable[[Any, str], Iterable[tuple[str, str, str]]]
"""A source of command-palette entries: what a signed-in person may open and the text names, as (label, hint, url)."""

PALETTE_ROWS = 5
"""How many entries each source gives."""

navigation: list[NavItem] = []
notice_kinds: dict[str, NoticeKind] = {}
palettes: dict[str, Palette] = {}


def register_navigation(*items: NavItem) -> None:
    navigation.extend(item for item in items if item not in navigation)


def register_notice_kinds(*kinds: NoticeKind) -> None:
    notice_kinds.update({kind.code: kind for kind in kinds})


def check_invariants() -> dict[str, list[str]]:
    """Run every invariant; return the violations by name, only the red ones."""
    found = {name: check() for name, check in invariants.items()}
    return {name: violations for name, violations in found.items() if violations}
