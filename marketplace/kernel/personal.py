"""
What each room holds of a person: what of it is given to them, and what erasing them does with it.

Each room has a `personal.py` and registers it in its AppConfig.ready(), so that `marketplace.privacy` can export and erase
a person without anybody importing upward. A model with a relation to a person that stands in no room's list fails the
build (tests/architecture/test_personal.py), so a new table cannot be forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db import models


@dataclass(frozen=True, slots=True)
class Delete:
    """The rows go, and with them whatever hangs on them."""


@dataclass(frozen=True, slots=True)
class Blank:
    """The rows stay, without these values. A value may be an expression, or a function of `Person`."""

    values: Mapping[str, Any]
    why: str  # why the row itself must stay

    def for_person(self, person: Person) -> dict[str, Any]:
        """Return the values to write; those that depend on the person are worked out now."""
        return {name: value(person) if callable(value) else value for name, value in self.values.items()}


@dataclass(frozen=True, slots=True)
class Keep:
    """The rows stay as they are: they name nobody, or a law says so."""

    why: str


@dataclass(frozen=True, slots=True)
class Personal:
    """
    One table with something about a person.

    :param model: "profiles.WorkEntry".
    :param person: the way from a row to the person: a lookup such as "expert__user", whose value is the account.
    :param ref: instead of `person`, a column that holds the person's public id.
    :param title: what the table is called in an export; empty when nothing of it is given, and then `unseen` says why.
    :param columns: what is given of a row, in this order; "field__name" follows a relation. Nothing else ever leaves.
    :param files: columns with files, which are deleted with the row, and given too if `gives_files`.
    :param only: a filter of the rows that are given; the others tell of other people. A value may be a function.
    """

    model: str
    erase: Delete | Blank | Keep
    person: str = ""
    ref: str = ""
    title: str = ""
    columns: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    gives_files: bool = True
    only: Mapping[str, Any] = field(default_factory=dict)
    unseen: str = ""

    def table(self) -> type[models.Model]:
        return apps.get_model(self.model)

    def rows(self, person: Any) -> models.QuerySet[Any]:
        """Return the rows about a person, in the order in which they were written."""
        key = {self.ref: str(person.public_id)} if self.ref else {self.person: person}
        return self.table()._base_manager.filter(**key).order_by("pk")

    def given_rows(self, person: Any) -> models.QuerySet[Any]:
        """Return the rows that stand in an export."""
        only = {name: value() if callable(value) else value for name, value in self.only.items()}
        return self.rows(person).filter(**only)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What must happen before a person can be erased, in words that say what to do, and where."""

    words: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is being erased: the account as it was, and what stands in its place from now on."""

    user: Any
    names: tuple[str, ...]  # full name and addresses, to be replaced wherever others were told them
    pseudonym: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Room:
    """
    What one room holds of people.

    :param acts: models that name a person only as who did something; after erasure they name the pseudonym.
    :param obstacles: function(user) -> what must happen first.
    :param close: function(person), run before anything is erased: withdraws what is still open, by the room's own actions.
    :param also: function(person), run in the transaction that erases the room's tables, for what a table cannot say.
    :param keep_until: function(user) -> the last day on which a law wants to know who this was, or None.
    """

    name: str
    label: str
    tables: tuple[Personal, ...] = ()
    acts: tuple[str, ...] = ()
    obstacles: Callable[[Any], Iterable[Obstacle]] | None = None
    close: Callable[[Person], None] | None = None
    also: Callable[[Person], None] | None = None
    keep_until: Callable[[Any], date | None] | None = None


rooms: dict[str, Room] = {}
"""Every room that holds something of people, in the order of settings.ROOMS: from the ground up."""


def register(room: Room) -> None:
    rooms[room.name] = room
