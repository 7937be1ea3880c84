"""Rotating keys: nothing is left with the old one, an edit in between stays, and a run that was stopped goes on."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from experts.credentials.models import Credential
from experts.duplicates.actions import take_in_due
from experts.duplicates.models import Identifier, Question
from marketplace.accounts.enums import SECOND_FACTOR_COLUMN
from marketplace.kernel.crypto import Undecryptable, decrypt, encrypt, key_id_of
from marketplace.privacy.actions.rotation import encrypted_columns, rotate, survey
from tests.factories.experts_credentials import NPI, make_licence, make_npi
from tests.factories.experts_profiles import NOW, make_expert, make_person

pytestmark = pytest.mark.django_db
OLD = "old:" + base64.urlsafe_b64encode(b"o" * 32).decode()
NEW = "new:" + base64.urlsafe_b64encode(b"n" * 32).decode()
PLACE = "credentials.Credential.number"


@pytest.fixture
def old_rows() -> Iterator[list[Credential]]:
    """Three numbers and a second factor, sealed with the old key; the new one is the first from here on."""
    with override_settings(FIELD_ENCRYPTION_KEYS=[OLD]):
        expert = make_expert()
        rows = [make_npi(expert), make_licence(expert), make_licence(expert, number="220149")]
        secret = encrypt("JBSWY3DP", context=SECOND_FACTOR_COLUMN)
        Authenticator.objects.create(user=expert.user, type="totp", data={"secret": secret})
    with override_settings(FIELD_ENCRYPTION_KEYS=[NEW, OLD]):
        yield rows


def tokens() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM credentials_credential ORDER BY id")
        return [token for (token,) in cursor.fetchall()]


def run(*options: str) -> str:
    out = io.StringIO()
    call_command("rotate_keys", *options, stdout=out)
    return out.getvalue()


def test_every_value_is_sealed_anew_and_opens_without_the_old_key(old_rows):
    said = run("--batch", "2")
    assert "0 values are left with another key" in said
    assert {key_id_of(token) for token in tokens()} == {"new"}
    with override_settings(FIELD_ENCRYPTION_KEYS=[NEW]):
        assert [row.number for row in Credential.objects.order_by("pk")] == [NPI, "220148", "220149"]
        data = Authenticator.objects.get().data
        assert decrypt(data["secret"], context=SECOND_FACTOR_COLUMN) == "JBSWY3DP"


def test_a_dry_run_counts_and_changes_nothing(old_rows):
    before = tokens()
    said = run("--dry-run")
    assert f"{PLACE}: 3 to seal anew (old: 3)" in said
    assert f"{SECOND_FACTOR_COLUMN}: 1 to seal anew (old: 1)" in said
    assert tokens() == before


def test_a_run_that_was_stopped_goes_on_where_it_was(old_rows):
    steps = rotate(batch=1)
    next(steps)
    steps.close()
    assert sorted(key_id_of(token) for token in tokens()) == ["new", "old", "old"]
    run()
    assert {key_id_of(token) for token in tokens()} == {"new"}


def test_an_edit_that_came_in_between_stays(old_rows, monkeypatch):
    row = old_rows[0]

    def edit_first(stored: str, *, context: str) -> str:
        """Open the value, but somebody saves another one before it is written back."""
        monkeypatch.undo()
        with override_settings(FIELD_ENCRYPTION_KEYS=[OLD]):
            mine = Credential.objects.get(pk=row.pk)
            mine.number = "1003000126"
            mine.save(update_fields=["number"])
        return decrypt(stored, context=context)

    monkeypatch.setattr("marketplace.privacy.actions.rotation.decrypt", edit_first)
    with pytest.raises(CommandError, match="came in with an old key meanwhile"):
        run()
    assert Credential.objects.get(pk=row.pk).number == "1003000126"
    assert "0 values are left" in run()


def test_a_value_that_no_key_opens_is_named_and_left_alone(old_rows):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE credentials_credential SET number = 'v1.old.AAAA' WHERE id = %s", [old_rows[1].pk])
    with pytest.raises(CommandError, match=str(old_rows[1].pk)):
        run()
    assert tokens()[1] == "v1.old.AAAA"
    with pytest.raises(Undecryptable):
        _ = Credential.objects.get(pk=old_rows[1].pk).number


def test_the_survey_knows_every_encrypted_column():
    names = {report.place for report in survey()}
    assert {PLACE, "privacy.RestrictedIdentity.identity", SECOND_FACTOR_COLUMN} <= names
    assert len(names) == len(encrypted_columns()) + 1


def test_hashes_are_made_anew_and_no_pair_is_asked_about_again():
    for name in ("First Holder", "Second Holder"):
        make_npi(make_expert(make_person(name)))
    take_in_due(now=NOW)
    question = Question.objects.get()
    before = set(Identifier.objects.values_list("hash", flat=True))
    out = io.StringIO()
    with override_settings(IDENTIFIER_HASH_KEYS=[NEW, OLD]):
        call_command("rehash_identifiers", stdout=out)
        call_command("rehash_identifiers", stdout=out)
        assert set(Identifier.objects.values_list("key_id", flat=True)) == {"new"}
        assert before.isdisjoint(Identifier.objects.values_list("hash", flat=True))
        assert len(set(Credential.objects.values_list("number_hash", flat=True))) == 1
    assert list(Question.objects.all()) == [question]
    assert question.matches.count() == 1
    assert "2 numbers hashed anew" in out.getvalue()
    assert "0 numbers hashed anew" in out.getvalue()


@pytest.mark.full
def test_ten_thousand_rows_leave_none_with_the_old_key():
    expert = make_expert()
    with override_settings(FIELD_ENCRYPTION_KEYS=[OLD]):
        Credential.objects.bulk_create(
            [
                Credential(
                    expert=expert, kind="OTHER", title="t", number=f"CANARY-{n}", number_hash=f"{n}", declared_at=NOW
                )
                for n in range(10_000)
            ],
            batch_size=1000,
        )
    with override_settings(FIELD_ENCRYPTION_KEYS=[NEW, OLD]):
        assert "0 values are left with another key" in run()
    found = tokens()
    assert len(found) == 10_000
    assert {key_id_of(token) for token in found} == {"new"}
    assert not any("CANARY" in token for token in found)
    with override_settings(FIELD_ENCRYPTION_KEYS=[NEW]):
        assert Credential.objects.order_by("-pk").first().number == "CANARY-9999"
