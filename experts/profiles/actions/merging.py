"""
Taking fields out of use: retiring one, and merging one into another.

Whoever names a field follows a merge: every table with a key to it, in whatever room, found through the models
themselves, so that a table of tomorrow is not forgotten.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import Q

from experts.profiles import policies
from experts.profiles.actions.taxonomy import clean_synonyms, facts_of, place_field, tell_of_change
from experts.profiles.models import ExpertField, Field
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.errors import Refused, WrongState


@transaction.atomic(durable=True)
def retire_field(*, field_id: int, by: User, now: datetime) -> Field:
    """
    Offer a field to nobody any more. This function will leave it in the profiles, cases and listings that name it.

    :raises NotAllowed: if `by` may not edit the taxonomy.
    :raises Refused: if specialties below it are still offered.
    """
    policies.require_taxonomy_editor(by)
    field = _locked(field_id)[field_id]
    if field.retired_at is not None:
        return field
    if Field.objects.offered().filter(parent=field).exists():
        raise Refused(f"{field.name} has specialties that are offered. Retire or move them first.")
    field.retired_at = now
    field.save(update_fields=["retired_at"])
    record(what="profiles.retire_field", by=by, about=("field", field.code), now=now, before=facts_of(field))
    tell_of_change(field.pk, now=now)
    return field


@transaction.atomic(durable=True)
def restore_field(*, field_id: int, by: User, now: datetime) -> Field:
    """
    Offer a retired field again.

    :raises NotAllowed: if `by` may not edit the taxonomy.
    :raises WrongState: if it was merged into another, or the field above it is retired.
    """
    policies.require_taxonomy_editor(by)
    field = _locked(field_id)[field_id]
    if field.retired_at is None:
        return field
    if field.merged_into is not None:
        raise WrongState(f"{field.name} was merged into {field.merged_into.name}, which has its people now.")
    if field.parent is not None and field.parent.retired_at is not None:
        raise WrongState(f"{field.parent.name} above it is retired. Restore that first, or move this field.")
    field.retired_at = None
    field.save(update_fields=["retired_at"])
    record(what="profiles.restore_field", by=by, about=("field", field.code), now=now, after=facts_of(field))
    tell_of_change(field.pk, now=now)
    return field


@transaction.atomic(durable=True)
def merge_field(*, field_id: int, into_id: int, by: User, now: datetime) -> Field:
    """
    Merge one field into another: profiles, cases, listings and whatever else names it name the other from now on.

    This function will give the other its name and synonyms to be found by, and move its specialties below the other.
    Who claims both keeps the larger number of years.

    :returns: the field that remains.
    :raises NotAllowed: if `by` may not edit the taxonomy.
    :raises WrongState: if one of the two is retired.
    :raises Refused: if it would make a third level, or two things of one that may be there once.
    """
    policies.require_taxonomy_editor(by)
    if field_id == into_id:
        raise Refused("A field cannot be merged into itself.")
    locked = _locked(field_id, into_id)
    field, into = locked[field_id], locked[into_id]
    if into.retired_at is not None or field.merged_into_id is not None:
        raise WrongState("A field that is out of use takes nothing over.")
    before = facts_of(field)
    _move_specialties(field, into)
    moved = _move_profiles(field, into) + _move_others(field, into)
    into.synonyms = clean_synonyms([*into.synonyms, *_new_words(field, into)][:30])
    into.save(update_fields=["synonyms"])
    field.retired_at, field.merged_into = field.retired_at or now, into
    field.save(update_fields=["retired_at", "merged_into"])
    Field.objects.filter(merged_into=field).update(merged_into=into)
    record(what="profiles.merge_field", by=by, about=("field", field.code), now=now, before=before,
           after={"into": into.code, "rows_moved": moved})  # fmt: skip
    tell_of_change(into.pk, now=now)
    return into


def _locked(*ids: int) -> dict[int, Field]:
    """
    Return the fields under a lock that nobody who is about to name one of them passes, in the order of their keys.

    :raises Field.DoesNotExist: if one is gone.
    """
    rows = Field.objects.select_for_update(of=("self",)).filter(pk__in=ids).select_related("parent", "merged_into")
    found = {row.pk: row for row in rows.order_by("pk")}
    if missing := set(ids) - set(found):
        raise Field.DoesNotExist(missing)
    return found


def _new_words(field: Field, into: Field) -> list[str]:
    known = {into.name.casefold(), *(word.casefold() for word in into.synonyms)}
    return [word for word in [field.name, *field.synonyms] if word.casefold() not in known]


def _move_specialties(field: Field, into: Field) -> None:
    below = list(Field.objects.filter(~Q(pk=into.pk), parent=field).order_by("tree_order"))
    if into.parent_id == field.pk:
        raise Refused(f"{into.name} is a specialty of {field.name}. Move it to the first level before.")
    if below and into.parent_id is not None:
        raise Refused(f"{field.name} has specialties of its own, and {into.name} is one: they have no place below it.")
    last = max(Field.objects.filter(parent=into).values_list("position", flat=True), default=0)
    for number, row in enumerate(below, start=1):
        place_field(row, into, last + number)


def _move_profiles(field: Field, into: Field) -> int:
    claims = ExpertField.objects.filter(field=field)
    both = dict(
        ExpertField.objects.filter(field=into, expert__in=claims.values("expert")).values_list("expert", "years")
    )
    doubled = list(claims.filter(expert__in=both))
    for claim in doubled:
        if claim.years > both[claim.expert_id]:
            ExpertField.objects.filter(field=into, expert=claim.expert_id).update(years=claim.years)
    claims.filter(pk__in=[claim.pk for claim in doubled]).delete()
    return len(doubled) + claims.update(field=into)


def _move_others(field: Field, into: Field) -> int:
    moved = 0
    for relation in Field._meta.get_fields(include_hidden=True):
        table: Any = relation.related_model
        if isinstance(relation, models.ManyToManyRel):
            moved += _move_pairs(relation, field, into)
        elif isinstance(relation, models.ManyToOneRel) and not _is_moved_otherwise(table):
            moved += _move_keys(table, relation.field.name, field, into)
    return moved


def _is_moved_otherwise(table: type[models.Model]) -> bool:
    """Whether a table is one of ours, or holds the pairs of a list of fields."""
    return table in {Field, ExpertField} or bool(table._meta.auto_created)


def _move_keys(table: type[models.Model], column: str, field: Field, into: Field) -> int:
    try:
        with transaction.atomic():
            return table._base_manager.filter(**{column: field}).update(**{column: into})
    except IntegrityError as twice:
        raise Refused(
            f"Some {table._meta.verbose_name_plural} exist in both fields and may stand in one only once. "
            "Finish or close them in one of the two, then merge."
        ) from twice


def _move_pairs(relation: models.ManyToManyRel, field: Field, into: Field) -> int:
    """Move the rows of a list of fields, such as a listing's; who names both keeps the other only."""
    through = relation.through
    source, target = relation.field.m2m_field_name(), relation.field.m2m_reverse_field_name()
    pairs = through._base_manager.filter(**{target: field})  # type: ignore[union-attr]
    has_both = through._base_manager.filter(**{target: into}).values(source)  # type: ignore[union-attr]
    doubled, _by_table = pairs.filter(**{f"{source}__in": has_both}).delete()
    return int(doubled) + pairs.update(**{target: into})
