"""
The taxonomy of fields: loaded from a data file, edited by staff, each field with the words people use for it.

It has two levels, a field and its specialties. `tree_order` is a text that sorts them as they are read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.text import slugify

from experts.profiles import policies
from experts.profiles.models import Field, ProfileEvent
from experts.profiles.signals import taxonomy_changed
from experts.profiles.tasks import deliver_event as ring_event
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel import events
from marketplace.kernel.actors import Actor
from marketplace.kernel.errors import Invalid, Refused

DATA = Path(__file__).resolve().parent.parent / "data" / "fields.json"
STEP = 10  # Between two positions, so that staff can put a field between others.
MOST_SYNONYMS = 30
SIGNALS = {"taxonomy_changed": taxonomy_changed}


def deliver_event(*, event_id: int, now: datetime) -> bool:
    """Tell the rooms above what happened; return whether this call did it."""
    return events.deliver(ProfileEvent, SIGNALS, event_id=event_id, now=now)


def tell_of_change(field_id: int, *, now: datetime) -> None:
    """Let the rooms above write again what they made of names and synonyms. Needs an open transaction."""
    events.announce(ProfileEvent, name="taxonomy_changed", now=now, ring=ring_event, field_id=field_id)


@transaction.atomic(durable=True)
def load_taxonomy(*, by: Actor, now: datetime) -> int:
    """
    Add the fields of the data file that are missing; return how many were added. This function will leave alone
    whatever stands already, so that it can run again after staff have edited the taxonomy.
    """
    added = fill_taxonomy(Field)
    if added:
        record(what="profiles.load_taxonomy", by=by, about=("taxonomy", DATA.name), now=now, after={"added": added})
    return added


def fill_taxonomy(fields: Any) -> int:
    """Write the missing fields with the given model class, Field or its past in a migration. Needs an open transaction."""
    standing = {field.code: field for field in fields.objects.all()}
    before = len(standing)
    for index, top in enumerate(json.loads(DATA.read_text(encoding="utf-8")), start=1):
        parent = standing.get(top["code"]) or _write(fields, top, index * STEP, None)
        for place, entry in enumerate(top["children"], start=1):
            if entry["code"] not in standing:
                standing[entry["code"]] = _write(fields, entry, place * STEP, parent)
        standing[top["code"]] = parent
    return len(standing) - before


def _write(fields: Any, entry: dict[str, Any], position: int, parent: Any) -> Any:
    return fields.objects.create(
        code=entry["code"],
        name=entry["name"],
        synonyms=entry["synonyms"],
        parent=parent,
        position=position,
        tree_order=tree_order(entry["code"], position, parent.tree_order if parent else ""),
    )


def tree_order(code: str, position: int, above: str = "") -> str:
    """Return the text by which a field sorts: a parent before its specialties, a level by position, then by code."""
    own = f"{position:05d}-{code[:48]}"
    return f"{above}/{own}" if above else own


@transaction.atomic(durable=True)
def add_field(
    *,
    name: str,
    by: User,
    now: datetime,
    code: str = "",
    parent_id: int | None = None,
    synonyms: Sequence[str] = (),
    position: int | None = None,
) -> Field:
    """
    Add a field to the taxonomy. This function will make its code from the name and put it last when not told otherwise.

    :raises NotAllowed: if `by` may not edit the taxonomy.
    :raises Invalid: if the code is taken, or the parent is itself a specialty.
    """
    policies.require_taxonomy_editor(by)
    name = _named(name)
    code = code or slugify(name)[:60]
    if not code or Field.objects.filter(code=code).exists():
        raise Invalid(f"There is a field with the code “{code}” already.", field="code")
    parent = _parent(parent_id)
    if position is None:
        last = Field.objects.filter(parent=parent).order_by("-position").values_list("position", flat=True).first()
        position = (last or 0) + STEP
    field: Field = Field.objects.create(
        code=code,
        name=name,
        parent=parent,
        synonyms=clean_synonyms(synonyms),
        position=position,
        tree_order=tree_order(code, position, parent.tree_order if parent else ""),
    )
    record(what="profiles.add_field", by=by, about=("field", field.code), now=now, after=facts_of(field))
    tell_of_change(field.pk, now=now)
    return field


@transaction.atomic(durable=True)
def edit_field(
    *,
    field_id: int,
    name: str,
    parent_id: int | None,
    synonyms: Sequence[str],
    position: int,
    by: User,
    now: datetime,
) -> Field:
    """
    Change name, place and synonyms of a field. This function will keep the order of its specialties in step; the code
    never changes, because addresses are made of it.

    :raises NotAllowed: if `by` may not edit the taxonomy.
    :raises Invalid: if a third level would come out of it.
    """
    policies.require_taxonomy_editor(by)
    locked = {row.pk: row for row in Field.objects.select_for_update(no_key=True).order_by("pk")}
    field: Field = locked[field_id]
    below = [row for row in locked.values() if row.parent_id == field.pk]
    parent = _parent(parent_id)
    if parent is not None and (below or parent.pk == field.pk):
        raise Invalid("A field with specialties of its own cannot become a specialty.", field="parent")
    before = facts_of(field)
    field.name, field.synonyms = _named(name), clean_synonyms(synonyms)
    place_field(field, parent, position)
    field.save(update_fields=["name", "synonyms"])
    record(
        what="profiles.edit_field", by=by, about=("field", field.code), now=now, before=before, after=facts_of(field)
    )
    tell_of_change(field.pk, now=now)
    return field


def place_field(field: Field, parent: Field | None, position: int) -> None:
    """Put a field, and with it its specialties, at its place in the reading order. Needs the locks of the taxonomy."""
    field.parent, field.position = parent, position
    field.tree_order = tree_order(field.code, position, parent.tree_order if parent else "")
    field.save(update_fields=["parent", "position", "tree_order"])
    below = list(Field.objects.filter(parent=field))
    for row in below:
        row.tree_order = tree_order(row.code, row.position, field.tree_order)
    Field.objects.bulk_update(below, ["tree_order"])


@transaction.atomic(durable=True)
def remove_field(*, field_id: int, by: User, now: datetime) -> None:
    """
    Take a field out of the taxonomy. This function will refuse it while anybody or anything uses the field.

    :raises Refused: if it has specialties, or stands in a profile, a case or a listing.
    """
    policies.require_taxonomy_editor(by)
    field = Field.objects.select_for_update(no_key=True).get(pk=field_id)
    before = facts_of(field)
    in_use = f"{field.name} is in use, so it stays. Retire it, or merge it into another."
    if any(getattr(field, name).exists() for name in _lists_naming_fields()):
        raise Refused(in_use)
    try:
        field.delete()
    except ProtectedError as used:
        raise Refused(in_use) from used
    record(what="profiles.remove_field", by=by, about=("field", field.code), now=now, before=before)
    tell_of_change(field_id, now=now)


def _lists_naming_fields() -> list[str]:
    """Return the lists of other rooms that name fields; a deletion would silently shorten them."""
    relations = Field._meta.related_objects
    return [str(relation.get_accessor_name()) for relation in relations if relation.many_to_many]


def _parent(parent_id: int | None) -> Field | None:
    if parent_id is None:
        return None
    parent: Field = Field.objects.get(pk=parent_id)
    if parent.parent_id is not None:
        raise Invalid(f"{parent.name} is a specialty itself; the taxonomy has two levels.", field="parent")
    return parent


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > 80:
        raise Invalid("A field has a name of at most 80 characters.", field="name")
    return name


def clean_synonyms(synonyms: Sequence[str]) -> list[str]:
    """
    Return the synonyms trimmed, without empty and doubled ones, in their order.

    :raises Invalid: if there are too many, or one is too long.
    """
    cleaned = list(dict.fromkeys(" ".join(word.split()) for word in synonyms if word.strip()))
    if len(cleaned) > MOST_SYNONYMS or any(len(word) > 80 for word in cleaned):
        raise Invalid(f"At most {MOST_SYNONYMS} synonyms of up to 80 characters.", field="synonyms")
    return cleaned


def facts_of(field: Field) -> dict[str, Any]:
    """Return what the audit trail keeps of a field."""
    parent = field.parent.code if field.parent else ""
    return {"name": field.name, "parent": parent, "position": field.position, "synonyms": field.synonyms}
