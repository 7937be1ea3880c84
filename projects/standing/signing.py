"""
Our keys: which one signs, which ones are published, and how a document gets its proof.

CERTIFICATE_KEYS holds private keys as "id:base64 of 32 bytes", the first one signs and all of them are published.
CERTIFICATE_PUBLIC_KEYS holds keys that were retired, as "id=multikey=last moment": what they signed until then stays valid.
A key that was stolen is left out of both, and what it signed does not verify any more.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from projects.standing import offline


@dataclass(frozen=True, slots=True)
class Published:
    """A public key as the site publishes it; `expires` is the last moment at which it signed."""

    key_id: str
    multikey: str
    expires: str = ""


def issuer_did() -> str:
    """Return our decentralised identifier: did:web of the site's address (a port is written %3A)."""
    return f"did:web:{quote(urlsplit(settings.SITE_URL).netloc, safe='.-')}"


def method_of(key_id: str) -> str:
    return f"{issuer_did()}#{key_id}"


def _private_keys() -> dict[str, Ed25519PrivateKey]:
    pairs = (entry.split(":", 1) for entry in settings.CERTIFICATE_KEYS)
    return {key_id: Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(raw)) for key_id, raw in pairs}


def published_keys() -> list[Published]:
    """Return the public keys, the one that signs first."""
    own = [Published(key_id, offline.multikey(key.public_key())) for key_id, key in _private_keys().items()]
    retired = [Published(*entry.split("=", 2)) for entry in settings.CERTIFICATE_PUBLIC_KEYS]
    return own + [key for key in retired if key.key_id not in {one.key_id for one in own}]


def did_document() -> dict[str, Any]:
    """Return what /.well-known/did.json says: our keys as W3C Multikey, each allowed to sign certificates."""
    did, methods = issuer_did(), []
    for key in published_keys():
        method = {
            "id": method_of(key.key_id), "type": "Multikey", "controller": did, "publicKeyMultibase": key.multikey,
        }  # fmt: skip
        methods.append(method | {"expires": key.expires} if key.expires else method)
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def signing_key_id() -> str:
    return next(iter(_private_keys()))


def sign(document: dict[str, Any], *, now: datetime) -> dict[str, Any]:
    """Return the document with a proof by the key that signs now."""
    key_id, key = next(iter(_private_keys().items()))
    return offline.sign(document, key=key, method=method_of(key_id), created=moment(now))


def moment(at: datetime) -> str:
    """Return a moment as documents say it: in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
