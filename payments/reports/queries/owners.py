"""What finance calls the owners of accounts. Rooms above register names for labs, projects and contracts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from uuid import UUID

from marketplace.accounts.models import User
from marketplace.kernel import registry
from marketplace.kernel.clock import period_label
from payments.payouts.models import PayItem
from payments.reports.shapes import CHUNK, Row

Owner = tuple[str, UUID | None]
PLATFORM = "Preceptor"


def names_of(owners: Iterable[Owner]) -> dict[Owner, str]:
    """Return a name for each (kind, public id), by one query per kind; unknown ones keep their kind and id."""
    wanted: dict[str, set[UUID]] = defaultdict(set)
    names: dict[Owner, str] = {}
    for kind, ref in owners:
        if ref is None:
            names[kind, ref] = PLATFORM
        else:
            wanted[kind].add(ref)
    for kind, refs in wanted.items():
        found = _by_kind(kind, refs)
        names |= {(kind, ref): found.get(ref, f"{kind.replace('_', ' ')} {str(ref)[-6:]}") for ref in refs}
    return names


def _by_kind(kind: str, refs: set[UUID]) -> dict[UUID, str]:
    if not refs:
        return {}
    if kind == "user":
        people = User.objects.filter(public_id__in=refs).only("public_id", "full_name", "email")
        return {person.public_id: str(person) for person in people}
    if kind == "pay_item":
        items = PayItem.objects.filter(public_id__in=refs).select_related("payee", "run")
        return {item.public_id: f"{item.payee}, {period_label(item.run.period)}" for item in items}
    name = registry.owner_names.get(kind)
    return name(refs) if name else {}


def actors_of(actors: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return what to call each (actor kind, actor reference) of an entry, by one query for all people."""
    wanted = set(actors)
    people = _by_kind("user", {UUID(ref) for kind, ref in wanted if kind == "user"})
    named: dict[tuple[str, str], str] = {}
    for kind, ref in wanted:
        if kind == "user":
            named[kind, ref] = people.get(UUID(ref), f"person {ref[-6:]}")
        else:
            named[kind, ref] = f"{PLATFORM} ({ref})" if kind == "system" else f"API key {ref[-6:]}"
    return named


def named(rows: Iterable[Row], *, at: int) -> Iterator[Row]:
    """Put the owner's name into cell `at` of each row, chunk by chunk; the next two cells hold kind and id."""
    found = iter(rows)
    while chunk := list(islice(found, CHUNK)):
        names = names_of(_owner_of(row, at) for row in chunk)
        for row in chunk:
            yield (*row[:at], names[_owner_of(row, at)], *row[at + 1 :])


def _owner_of(row: Row, at: int) -> Owner:
    kind, ref = row[at + 1], row[at + 2]
    return str(kind), ref if isinstance(ref, UUID) else None
