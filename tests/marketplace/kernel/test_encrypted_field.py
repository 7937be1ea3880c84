"""The encrypted column: bound to its row, closed to everything that does not come through the row."""

from __future__ import annotations

import base64

import pytest
from django.core.exceptions import FieldError
from django.db import connection
from django.test import override_settings

from experts.credentials.models import Credential
from marketplace.kernel.crypto import Sealed, Undecryptable, decrypt, encrypt
from tests.factories.experts_credentials import NPI, make_licence, make_npi
from tests.factories.experts_profiles import make_expert, make_person

pytestmark = pytest.mark.django_db
STRANGE = "strange:" + base64.urlsafe_b64encode(b"s" * 32).decode()


def stored(row: Credential) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM credentials_credential WHERE id = %s", [row.pk])
        return str(cursor.fetchone()[0])


def store(row: Credential, token: str) -> Credential:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE credentials_credential SET number = %s WHERE id = %s", [token, row.pk])
    return Credential.objects.get(pk=row.pk)


@pytest.fixture
def row() -> Credential:
    return make_npi(make_expert())


def test_a_number_comes_back_through_its_row_and_stands_sealed_in_the_table(row):
    assert Credential.objects.get(pk=row.pk).number == NPI
    assert stored(row).startswith("v1.dev.")
    assert NPI not in stored(row)


def test_two_rows_cannot_swap_their_values(row):
    other = make_licence(row.expert)
    mine, theirs = stored(row), stored(other)
    with pytest.raises(Undecryptable):
        _ = store(row, theirs).number
    with pytest.raises(Undecryptable):
        _ = store(other, mine).number


def test_a_value_sealed_for_the_column_alone_does_not_open(row):
    with pytest.raises(Undecryptable):
        _ = store(row, encrypt(NPI, context="credentials_credential.number")).number


def test_a_value_that_is_no_seal_does_not_pass_as_text(row):
    with pytest.raises(Undecryptable):
        _ = store(row, "220148").number


def test_without_its_key_a_value_does_not_open(row):
    with override_settings(FIELD_ENCRYPTION_KEYS=[STRANGE]), pytest.raises(Undecryptable):
        _ = Credential.objects.get(pk=row.pk).number


def test_a_row_that_nobody_opened_is_saved_as_it_was(row):
    before = stored(row)
    found = Credential.objects.get(pk=row.pk)
    found.title = "Another title"
    found.save()
    assert stored(row) == before
    found.number = "1003000126"
    found.save()
    assert stored(row) != before
    assert Credential.objects.get(pk=row.pk).number == "1003000126"


def test_values_and_prints_show_nothing(row):
    value = Credential.objects.values_list("number", flat=True).get(pk=row.pk)
    assert isinstance(value, Sealed)
    assert (repr(value), str(value)) == ("<sealed>", "<sealed>")


@pytest.mark.parametrize("write", ["update", "bulk_update"])
def test_a_write_past_the_row_is_refused(row, write):
    with pytest.raises(FieldError, match="through its row"):
        if write == "update":
            Credential.objects.filter(pk=row.pk).update(number="1")
        else:
            row.number = "1"
            Credential.objects.bulk_update([row], ["number"])


@pytest.mark.parametrize("lookup", ["number", "number__contains", "number__in", "number__startswith"])
def test_it_cannot_be_searched(lookup):
    with pytest.raises(FieldError, match="keyed hash"):
        Credential.objects.filter(**{lookup: ["1"] if lookup.endswith("in") else "1"})


def test_no_form_and_no_text_dump_shows_it(row):
    column = Credential._meta.get_field("number")
    assert column.formfield() is None
    with pytest.raises(FieldError, match="not dumped"):
        column.value_to_string(row)


def test_many_rows_written_at_once_are_sealed_each_to_itself():
    expert = make_expert(make_person("Another Holder"))
    rows = [
        Credential(expert=expert, kind="OTHER", title="x", number=f"N-{n}", declared_at=expert.created_at)
        for n in (1, 2)
    ]
    Credential.objects.bulk_create(rows)
    found = list(Credential.objects.filter(expert=expert).order_by("pk"))
    assert [one.number for one in found] == ["N-1", "N-2"]
    assert decrypt(stored(found[0]), context=f"credentials_credential.number.{found[0].public_id}") == "N-1"
