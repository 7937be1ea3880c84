"""The navigation of a front door, made from what each area registered in the kernel."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from marketplace.kernel import registry


@dataclass(frozen=True, slots=True)
class Entry:
    """One link as the page shows it."""

    label: str
    icon: str
    url: str
    badge: int | None = None
    current: bool = False


@dataclass(slots=True)
class Group:
    """Entries under one heading; the heading may be empty."""

    label: str
    entries: list[Entry] = field(default_factory=list)


def entries_of(
    door: str, request: HttpRequest | None, *, lab: Any = None, role: str | None = None
) -> list[tuple[str, Entry]]:
    """
    Return (group, entry) pairs of one front door in order, without entries that lead nowhere or are not for `role`.

    A lab's entries need the lab. An entry made for certain roles is left out while the role is unknown.
    """
    found: list[tuple[str, Entry]] = []
    for item in sorted((item for item in registry.navigation if item.door == door), key=lambda item: item.order):
        if item.roles and role not in item.roles:
            continue
        if item.lab_scoped and lab is None:
            continue
        try:
            url = reverse(item.url_name, kwargs={"slug": lab.slug} if item.lab_scoped else None)
        except NoReverseMatch:
            continue
        subject = lab if item.lab_scoped else request
        badge = item.badge(subject) if item.badge is not None and subject is not None else None
        found.append((item.group, Entry(str(item.label), item.icon, url, badge or None)))
    return mark_current(found, request.path if request is not None else "")


def mark_current(pairs: list[tuple[str, Entry]], path: str) -> list[tuple[str, Entry]]:
    """Mark the entry whose page or section `path` is in: the longest address that `path` begins with."""
    urls = [entry.url for _, entry in pairs]
    best = ""
    for url in urls:
        is_root_of_others = any(other != url and other.startswith(url) for other in urls)
        if (path == url or (path.startswith(url) and not is_root_of_others)) and len(url) > len(best):
            best = url
    return [(group, replace(entry, current=bool(best) and entry.url == best)) for group, entry in pairs]


def groups_of(pairs: list[tuple[str, Entry]]) -> list[Group]:
    """Return the entries under their headings, headings in the order in which they first appear."""
    groups: dict[str, Group] = {}
    for label, entry in pairs:
        groups.setdefault(label, Group(label)).entries.append(entry)
    return list(groups.values())
