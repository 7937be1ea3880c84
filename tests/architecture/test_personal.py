"""
No table about people is forgotten: each stands in its room's list of what is given and erased, or here with a reason.

And nothing that smells of a licence, birth or tax number stands in a table unsealed. Each rule is proven by breaking it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.kernel import personal
from marketplace.kernel.crypto import EncryptedTextField
from marketplace.kernel.personal import Blank, Keep
from marketplace.privacy.queries import rooms_to_erase

NOT_PERSONAL = {
    "account.EmailConfirmation": "hangs on an address and goes with it",
    "duplicates.Match": "hangs on a question, whose room forgets it",
    "hiring.ContractVersion": "terms of a contract, without a word of a person",
    "work.Batch": "a file of the lab",
    "delivery.Export": "a file of the lab",
}
"""Tables with a relation to a person or with files that no room needs to list."""

PUBLIC = "a register that anybody can download"
UNSEALED = {
    "credentials.Credential.number_hash": "a keyed hash, by which equal numbers are found",
    "credentials.Credential.number_last4": "the last four, kept apart to be shown",
    "registries.NppesProvider.number": PUBLIC,
    "registries.NppesProvider.licences": PUBLIC,
    "registries.FidePlayer.number": PUBLIC,
    "registries.FidePlayer.birth_year": PUBLIC,
}
"""Columns whose name smells of a personal number and that are not sealed."""

SMELL = re.compile(r"licen[cs]e|birth|passport|(^|_)(tax|tin|ssn|itin|ein|vat|iban|npi|dob)(_|$)|(^|_)number(_|$)")
TEXTS = {"CharField", "TextField", "DateField", "JSONField", "PositiveSmallIntegerField"}
COUNTED = {"PositiveSmallIntegerField", "DateField"}


def about_people(tables: Iterable[type[models.Model]]) -> set[str]:
    """Tables that point at a person or hold files."""
    return {
        model._meta.label
        for model in tables
        for field in model._meta.local_fields
        if field.related_model in (User, Expert) or isinstance(field, models.FileField)
    } | {User._meta.label}


def listed() -> set[str]:
    tables = {table.model for room in personal.rooms.values() for table in room.tables}
    return tables | {name for room in personal.rooms.values() for name in room.acts} | set(NOT_PERSONAL)


def unsealed(tables: Iterable[type[models.Model]]) -> list[str]:
    """Columns that smell of a personal number and are neither sealed nor explained. Counts called “number” are no number."""
    return [
        name
        for model in tables
        for field in model._meta.local_fields
        if (name := f"{model._meta.label}.{field.name}") not in UNSEALED
        and SMELL.search(field.name)
        and field.get_internal_type() in TEXTS
        and not (field.get_internal_type() in COUNTED and "birth" not in field.name)
        and not isinstance(field, EncryptedTextField)
    ]


def test_every_table_about_people_stands_in_a_rooms_list():
    assert about_people(apps.get_models()) - listed() == set()


def test_no_list_names_a_table_that_is_gone():
    assert [name for name in listed() if name not in {model._meta.label for model in apps.get_models()}] == []


def test_numbers_of_people_are_sealed():
    assert unsealed(apps.get_models()) == []


@isolate_apps("projects.labs")
def test_a_table_that_breaks_a_rule_is_named():
    class Diary(models.Model):
        writer = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
        tax_id = models.CharField(max_length=20)
        licence_number = models.TextField()
        born = models.DateField(db_column="x")
        birth_date = models.DateField()

        class Meta:
            app_label = "labs"

    assert about_people([Diary]) - listed() == {"labs.Diary"}
    assert unsealed([Diary]) == ["labs.Diary.tax_id", "labs.Diary.licence_number", "labs.Diary.birth_date"]


TABLES = [table for room in personal.rooms.values() for table in room.tables]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.model)
def test_what_a_list_says_can_be_done(table):
    model = table.table()
    assert bool(table.person) != bool(table.ref)
    assert bool(table.title) == bool(table.columns)
    assert table.title or table.unseen, "Say why nothing of it is given."
    str(table.rows(User(pk=1)).query)
    str(table.given_rows(User(pk=1)).query)
    for column in (*table.columns, *table.files):
        _walk(model, column)
    if isinstance(table.erase, Blank):
        for name in table.erase.values:
            model._meta.get_field(name)
    if isinstance(table.erase, Blank | Keep):
        assert len(table.erase.why) > 20


def _walk(model: type[models.Model], column: str) -> None:
    at = model
    for part in column.split("__"):
        field = at._meta.get_field(part)
        if not field.is_relation:
            return  # What follows is a part of a value, such as the lower end of a range.
        at = field.related_model


def test_the_account_is_erased_last_and_every_room_has_its_place():
    names = [room.name for room in rooms_to_erase()]
    assert names[0] == "privacy"
    assert names[-1] == "accounts"
    assert names.index("hiring") < names.index("credentials") < names.index("profiles") < names.index("notices")
