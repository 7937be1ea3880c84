from __future__ import annotations

import base64

import pytest
from django.core.exceptions import FieldError
from django.test import override_settings

from experts.credentials.models import Credential
from marketplace.kernel.crypto import Undecryptable, decrypt, encrypt, keyed_hash

CONTEXT = "credentials_credential.number"
OLD = "old:" + base64.urlsafe_b64encode(b"o" * 32).decode()
NEW = "new:" + base64.urlsafe_b64encode(b"n" * 32).decode()


def test_a_sealed_text_opens_in_its_own_column_only():
    sealed = encrypt("MA 212345", context=CONTEXT)
    assert decrypt(sealed, context=CONTEXT) == "MA 212345"
    with pytest.raises(Undecryptable):
        decrypt(sealed, context="credentials_credential.title")


def test_the_same_text_is_sealed_differently_each_time():
    assert encrypt("1234567893", context=CONTEXT) != encrypt("1234567893", context=CONTEXT)


@pytest.mark.parametrize("stored", ["MA 212345", "v1.dev.AAAA", "v2.dev.AAAA", "v1.unknown.AAAA", "v1.dev.%%%"])
def test_what_was_not_sealed_by_us_fails_loudly(stored):
    with pytest.raises(Undecryptable):
        decrypt(stored, context=CONTEXT)


def test_one_changed_character_is_noticed():
    sealed = encrypt("1234567893", context=CONTEXT)
    swapped = "A" if sealed[-6] != "A" else "B"
    with pytest.raises(Undecryptable):
        decrypt(sealed[:-6] + swapped + sealed[-5:], context=CONTEXT)


def test_keys_rotate_while_the_product_runs():
    with override_settings(FIELD_ENCRYPTION_KEYS=[OLD]):
        before = encrypt("secret", context=CONTEXT)
    with override_settings(FIELD_ENCRYPTION_KEYS=[NEW, OLD]):
        assert decrypt(before, context=CONTEXT) == "secret"
        assert encrypt("secret", context=CONTEXT).startswith("v1.new.")
    with override_settings(FIELD_ENCRYPTION_KEYS=[NEW]), pytest.raises(Undecryptable):
        decrypt(before, context=CONTEXT)


def test_an_encrypted_column_cannot_be_searched():
    with pytest.raises(FieldError, match="keyed hash"):
        Credential.objects.filter(number="1234567893")


def test_keyed_hashes_find_equal_texts_for_one_purpose_only():
    assert keyed_hash("a", purpose="npi") == keyed_hash("a", purpose="npi")
    assert keyed_hash("a", purpose="npi") != keyed_hash("a", purpose="tin")
