"""
Authenticated field encryption for personal numbers (safety A.4): AES-256-GCM, bound to table, column and row.

A stored value is `v1.<key id>.<nonce+ciphertext in base64>`. The associated data is "table.column.public id", so a value
that was moved to another column or another row does not open. The row's key is its `public_id` and not its primary key,
because a new row has none before it is written. Opening fails loudly. Keys come from FIELD_ENCRYPTION_KEYS,
"id:base64,id:base64", the first encrypts, all decrypt; `manage.py rotate_keys` seals old values anew.

Equal numbers are found by keyed hashes, which have keys of their own: IDENTIFIER_HASH_KEYS, the first hashes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from typing import TYPE_CHECKING, Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core import checks
from django.core.exceptions import FieldDoesNotExist, FieldError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

VERSION: Final = "v1"
ROW_KEY: Final = "public_id"


class Undecryptable(Exception):
    """The stored value was not written by this product for this place, or its key is gone."""


def _read_keys(entries: list[str]) -> dict[str, bytes]:
    pairs = (entry.split(":", 1) for entry in entries)
    return {key_id: base64.urlsafe_b64decode(key) for key_id, key in pairs}


def encryption_key_id() -> str:
    """Return the id of the key that seals now."""
    return next(iter(_read_keys(settings.FIELD_ENCRYPTION_KEYS)))


def encrypt(text: str, *, context: str) -> str:
    """Return the sealed form of `text`; `context` says where it will stand."""
    key_id, key = next(iter(_read_keys(settings.FIELD_ENCRYPTION_KEYS).items()))
    nonce = os.urandom(12)
    sealed = AESGCM(key).encrypt(nonce, text.encode(), context.encode())
    return f"{VERSION}.{key_id}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def decrypt(stored: str, *, context: str) -> str:
    """
    Return the text that was sealed for this context.

    :raises Undecryptable: if it is not ours, was tampered with, belongs elsewhere, or its key is gone.
    """
    version, _, rest = stored.partition(".")
    key_id, _, payload = rest.partition(".")
    key = _read_keys(settings.FIELD_ENCRYPTION_KEYS).get(key_id)
    if version != VERSION or key is None:
        raise Undecryptable(f"The value in {context} was not sealed with a key we have.")
    try:
        raw = base64.urlsafe_b64decode(payload)
        return AESGCM(key).decrypt(raw[:12], raw[12:], context.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise Undecryptable(f"The value in {context} cannot be opened.") from error


def key_id_of(stored: str) -> str:
    """Return the id of the key a value was sealed with; empty if it does not look sealed."""
    version, _, rest = stored.partition(".")
    return rest.partition(".")[0] if version == VERSION else ""


# ------------------------------------------------------------------------------------------------------- keyed hashes


def hash_key_id() -> str:
    """Return the id of the key that hashes now; kept beside a hash, so that a rotation knows which are old."""
    return next(iter(_read_keys(settings.IDENTIFIER_HASH_KEYS)))


def hash_key_ids() -> list[str]:
    """Return the ids of the keys whose hashes can be made again, the present one first."""
    return list(_read_keys(settings.IDENTIFIER_HASH_KEYS))


def keyed_hash(text: str, *, purpose: str, key_id: str = "") -> str:
    """
    Return a keyed SHA-256 of `text`: equal texts can be found without the text being known.

    :param key_id: another key than the present one, to compare with a hash from before.
    """
    key = _read_keys(settings.IDENTIFIER_HASH_KEYS)[key_id or hash_key_id()]
    return hmac.new(key, f"{purpose}|{text}".encode(), hashlib.sha256).hexdigest()


# ---------------------------------------------------------------------------------------------------------- the field


class Sealed:
    """A value as it is stored. It opens only through its row, and shows nothing of itself."""

    __slots__ = ("token",)

    def __init__(self, token: str) -> None:
        self.token = token

    def __repr__(self) -> str:
        return "<sealed>"

    __str__ = __repr__


class _OpensWithItsRow(DeferredAttribute):
    """Opens the value when it is read from a row, and not before."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        if isinstance(value, Sealed):
            value = instance.__dict__[self.field.attname] = self.field.open(value, instance)  # type: ignore[attr-defined]
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


if TYPE_CHECKING:
    _Text = models.TextField[str, str]
else:
    _Text = models.TextField


class EncryptedTextField(_Text):
    """
    A text column that is sealed at rest, bound to its row. Empty stays empty.

    It has no lookups but isnull, no form field, and is written through its row only: `update()` and `bulk_update` do not
    know the row, so they are refused. `values()` gives the sealed value, which shows nothing.
    """

    description = "Text sealed with AES-256-GCM"
    descriptor_class = _OpensWithItsRow

    def check(self, **options: Any) -> list[checks.CheckMessage]:
        return [*super().check(**options), *self._check_row_key()]

    def _check_row_key(self) -> list[checks.CheckMessage]:
        try:
            is_there = bool(getattr(self.model._meta.get_field(ROW_KEY), "unique", False))
        except FieldDoesNotExist:
            is_there = False
        words = f"An encrypted field is bound to its row by a unique {ROW_KEY}, which this model does not have."
        return [] if is_there else [checks.Error(words, obj=self, id="kernel.E001")]

    def context_of(self, row_key: object) -> str:
        """Return the associated data of the value in one row."""
        return f"{self.model._meta.db_table}.{self.column}.{row_key}"

    def seal(self, text: str, instance: models.Model) -> Sealed:
        return Sealed(encrypt(text, context=self.context_of(getattr(instance, ROW_KEY))))

    def open(self, value: Sealed, instance: models.Model) -> str:
        """:raises Undecryptable: if the value was not sealed for this row."""
        return decrypt(value.token, context=self.context_of(getattr(instance, ROW_KEY)))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        stored = model_instance.__dict__.get(self.attname)
        if isinstance(stored, Sealed) and not add:
            return stored  # Nobody has read or changed it.
        text = getattr(model_instance, self.attname)
        return self.seal(str(text), model_instance) if text else text

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, Sealed):
            return value.token
        if value:
            raise FieldError("An encrypted column is written through its row, with save().")
        return value

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Any:
        return Sealed(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise FieldError("An encrypted column cannot be searched; keep a keyed hash beside it.")

    def formfield(self, **options: Any) -> Any:
        """No form shows it by itself: whoever may see it asks an action, which writes that down."""
        return None

    def value_to_string(self, obj: models.Model) -> str:
        raise FieldError("An encrypted column is not dumped as text. Use a dump of the database.")
