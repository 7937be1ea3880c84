"""
Keyset pages of a list on a page: the address carries the public id of the last row shown, never a row number.

So a page costs the same at any depth, and rows that arrive meanwhile neither repeat nor hide others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from django import forms
from django.db.models import Model, Q, QuerySet

M = TypeVar("M", bound=Model)
PAGE_SIZE = 50


class AfterForm(forms.Form):
    """The part of a list's address that says where the page begins. Filter forms inherit from it."""

    after = forms.UUIDField(required=False, widget=forms.HiddenInput)


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """The rows of a page, and the public id that the next page comes after; None on the last page."""

    rows: list[M]
    older: UUID | None
    is_first: bool


def page_after(rows: QuerySet[M], *, order: tuple[str, ...], after: UUID | None, size: int = PAGE_SIZE) -> Page[M]:
    """
    Return one page in this order: one query for the first page, two for the others.

    :param order: field names, "-" for descending; the last one must be unique, no field may be null.
    """
    wanted = rows
    if after is not None:
        names = [name.lstrip("-") for name in order]
        place = rows.model._default_manager.filter(public_id=after).values_list(*names).first()
        wanted = rows.filter(_behind(order, place)) if place is not None else rows
    found = list(wanted.order_by(*order)[: size + 1])
    shown = found[:size]
    older = getattr(shown[-1], "public_id", None) if len(found) > size else None
    return Page(shown, older, is_first=after is None)


def _behind(order: tuple[str, ...], place: tuple[object, ...]) -> Q:
    """Return what comes after `place`: greater (or smaller) in one field and equal in all before it."""
    behind, equal = Q(pk__in=[]), Q()
    for name, value in zip(order, place, strict=True):
        field, side = (name[1:], "lt") if name.startswith("-") else (name, "gt")
        behind |= equal & Q(**{f"{field}__{side}": value})
        equal &= Q(**{field: value})
    return behind
