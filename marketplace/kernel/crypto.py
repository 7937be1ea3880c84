"""
Authenticated field encryption for personal numbers (safety A.4): AES-256-GCM, bound to its table and column.

A stored value is `v1.<key id>.<nonce+ciphertext in base64>`. The associated data is "table.column", so a value moved
to another column does not decrypt. Decryption fails loudly. Keys come from FIELD_ENCRYPTION_KEYS, "id:base64,id:base64",
the first encrypts, all decrypt; so keys can be rotated while the product runs. The field cannot be filtered on.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models


class Undecryptable(Exception):
    """The stored value was not written by this product for this column, or its key is gone."""


def _keys() -> dict[str, bytes]:
    pairs = (entry.split(":", 1) for entry in settings.FIELD_ENCRYPTION_KEYS)
    return {key_id: base64.urlsafe_b64decode(key) for key_id, key in pairs}


def encrypt(text: str, *, context: str) -> str:
    """Return the sealed form of `text`; `context` is "table.column"."""
    key_id, key = next(iter(_keys().items()))
    nonce = os.urandom(12)
    sealed = AESGCM(key).encrypt(nonce, text.encode(), context.encode())
    return f"v1.{key_id}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def decrypt(stored: str, *, context: str) -> str:
    """
    Return the text that was sealed for this context.

    :raises Undecryptable: if it is not ours, was tampered with, belongs elsewhere, or its key is gone.
    """
    version, _, rest = stored.partition(".")
    key_id, _, payload = rest.partition(".")
    key = _keys().get(key_id)
    if version != "v1" or key is None:
        raise Undecryptable(f"The value in {context} was not sealed with a key we have.")
    try:
        raw = base64.urlsafe_b64decode(payload)
        return AESGCM(key).decrypt(raw[:12], raw[12:], context.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise Undecryptable(f"The value in {context} cannot be opened.") from error


def keyed_hash(text: str, *, purpose: str) -> str:
    """Return a keyed SHA-256 of `text`: equal texts can be found without the text being known."""
    return hmac.new(settings.SECRET_KEY.encode(), f"{purpose}|{text}".encode(), hashlib.sha256).hexdigest()


if TYPE_CHECKING:
    _Text = models.TextField[str, str]
else:
    _Text = models.TextField


class EncryptedTextField(_Text):
    """A text column that is sealed at rest. Empty stays empty. It has no lookups but isnull."""

    description = "Text sealed with AES-256-GCM"

    def _context(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return encrypt(text, context=self._context()) if text else text

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        return decrypt(value, context=self._context()) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise FieldError("An encrypted column cannot be searched; keep a keyed hash beside it.")
