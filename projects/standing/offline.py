"""
Check a Preceptor certificate without Preceptor: no account, no database, no network.

This one file stands alone. It needs Python 3.11 or newer and the `cryptography` package:

    pip install cryptography
    python check_certificate.py certificate.json --keys did.json --revocations revocations.json

`did.json` is what the site publishes at /.well-known/did.json, the revocation list is named in the certificate itself.
Fetch both over https once and keep them. Without a revocation list the answer says that nothing is known of it.

The signature is a W3C Data Integrity proof, cryptosuite eddsa-jcs-2022 (https://www.w3.org/TR/vc-di-eddsa/): Ed25519 over
SHA-256 of the canonical proof options, followed by SHA-256 of the canonical document. Canonical means RFC 8785.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import gzip
import hashlib
import io
import json
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

CRYPTOSUITE = "eddsa-jcs-2022"
LARGEST = 128 * 1024
"""Bytes that a certificate or a list may have; ours have about five thousand."""
DEEPEST = 32
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
ED25519_MULTICODEC = b"\xed\x01"
WHOLE = 2**53 - 1
LIST_BYTES = 16 * 1024
"""131,072 bits, the least that a Bitstring Status List may have."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")
VALID, FORGED, UNKNOWN_KEY, REVOKED, MALFORMED = "valid", "forged", "unknown key", "revoked", "malformed"


class Malformed(ValueError):
    """What was given is no certificate of ours: the message is a sentence for people."""


@dataclass(frozen=True)
class Verdict:
    """
    What was found. `state` is one of the five words above, `sentence` says it to people. `revocation_known` is False
    where no list was at hand.
    """

    state: str
    sentence: str
    revocation_known: bool = False

    @property
    def holds(self) -> bool:
        return self.state == VALID


# ----------------------------------------------------------------------------------------------------- canonical JSON


def read(data: bytes | str) -> dict[str, Any]:
    """
    Read one JSON object strictly: UTF-8, no name twice, whole numbers only, not deeper than we write.

    :raises Malformed: with a sentence, for everything else.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(raw) > LARGEST:
        raise Malformed(f"This is larger than any certificate: more than {LARGEST // 1024} kB.")
    try:
        value = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_once, parse_float=_refuse, parse_constant=_refuse, parse_int=_whole
        )
    except Malformed:
        raise
    except (ValueError, RecursionError):
        raise Malformed("This is not JSON.") from None
    if not isinstance(value, dict):
        raise Malformed("A certificate is one JSON object, in braces.")
    canonical(value)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("A name stands twice in one object, so it can be read in two ways.")
    return found


def _refuse(text: str) -> Any:
    raise Malformed(f"Certificates hold whole numbers only, and this has “{text[:20]}”.")


def _whole(text: str) -> int:
    if len(text) > 16 or abs(int(text)) > WHOLE:
        raise Malformed("A number is larger than every program can read alike.")
    return int(text)


def canonical(value: Any) -> bytes:
    """
    Return the canonical form (RFC 8785): names sorted by UTF-16, no spaces, the shortest escapes.

    :raises Malformed: for what has no such form here: fractions, half characters, what is too deep.
    """
    try:
        return _canonical(value, 0).encode("utf-8")
    except UnicodeEncodeError:
        raise Malformed("The text holds half a character.") from None


def _canonical(value: Any, depth: int) -> str:
    if depth > DEEPEST:
        raise Malformed("This is nested deeper than any certificate.")
    if value is None or isinstance(value, (bool, str)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int) and abs(value) <= WHOLE:
        return str(value)
    if isinstance(value, list):
        return "[" + ",".join(_canonical(item, depth + 1) for item in value) + "]"
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        pairs = (json.dumps(name, ensure_ascii=False) + ":" + _canonical(value[name], depth + 1) for name in names)
        return "{" + ",".join(pairs) + "}"
    raise Malformed("Certificates hold texts, whole numbers, lists and objects only.")


# ------------------------------------------------------------------------------------------------------ keys in base58


def to_base58(data: bytes) -> str:
    """Return bytes in base58btc, with the “z” that multibase puts before it."""
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        text = ALPHABET[rest] + text
    return "z" + "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def from_base58(text: Any, *, length: int) -> bytes:
    """
    Return the bytes of a multibase text in base58btc.

    :raises Malformed: if it is none, or not of this length.
    """
    if not isinstance(text, str) or not text.startswith("z") or len(text) > 2 * length + 1:
        raise Malformed("A key or a signature is not written in base58.")
    number = 0
    for letter in text[1:]:
        if letter not in ALPHABET:
            raise Malformed("A key or a signature is not written in base58.")
        number = number * 58 + ALPHABET.index(letter)
    zeros = len(text) - 1 - len(text[1:].lstrip("1"))
    data = b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
    if len(data) != length:
        raise Malformed("A key or a signature has the wrong length.")
    return data


def multikey(key: Ed25519PublicKey) -> str:
    """Return a public key as W3C Multikey writes it: “z6Mk…”."""
    return to_base58(ED25519_MULTICODEC + key.public_bytes_raw())


def key_of(text: Any) -> Ed25519PublicKey:
    """
    Return the public key that a Multikey text stands for.

    :raises Malformed: if it is no Ed25519 key.
    """
    raw = from_base58(text, length=34)
    if not raw.startswith(ED25519_MULTICODEC):
        raise Malformed("The key is not an Ed25519 key.")
    return Ed25519PublicKey.from_public_bytes(raw[2:])


# --------------------------------------------------------------------------------------------------------- signatures


def _to_sign(document: dict[str, Any], options: dict[str, Any]) -> bytes:
    return hashlib.sha256(canonical(options)).digest() + hashlib.sha256(canonical(document)).digest()


def sign(document: dict[str, Any], *, key: Ed25519PrivateKey, method: str, created: str) -> dict[str, Any]:
    """
    Return the document with its proof.

    :param method: the address of the public key, "did:web:host#key".
    :param created: the moment as the proof says it, "2026-11-28T12:00:00Z".
    """
    options = {
        "type": "DataIntegrityProof", "cryptosuite": CRYPTOSUITE, "created": created, "verificationMethod": method,
        "proofPurpose": "assertionMethod", "@context": document["@context"],
    }  # fmt: skip
    return {**document, "proof": {**options, "proofValue": to_base58(key.sign(_to_sign(document, options)))}}


def check(signed: dict[str, Any], keys: dict[str, Any], revocations: dict[str, Any] | None = None) -> Verdict:
    """
    Say whether the document is what was signed, by a key of the issuer, and whether a list says that it was revoked.

    :param keys: the DID document of the issuer, as the site publishes it.
    :param revocations: the signed revocation list; without one the verdict says that it is not known.
    """
    try:
        problem = _problem(signed, keys)
        if problem is not None or revocations is None:
            return problem or Verdict(
                VALID, "The signature is right. Without a list it is not known whether it was revoked."
            )
        when = revocations.get("validFrom")
        if _is_listed(signed, keys, revocations):
            words = f"The signature is right, but the certificate was revoked, says the list of {when}."
            return Verdict(REVOKED, words, revocation_known=True)
    except Malformed as why:
        return Verdict(MALFORMED, str(why))
    words = f"The signature is right, and the certificate was not revoked by {when}, says the list."
    return Verdict(VALID, words, revocation_known=True)


def _problem(signed: dict[str, Any], keys: dict[str, Any]) -> Verdict | None:
    """
    Say what is wrong with a signed document, or None.

    :raises Malformed: if it is not signed in our way.
    """
    proof = _proof_of(signed)
    document = {name: value for name, value in signed.items() if name != "proof"}
    issuer = document.get("issuer")
    said = issuer.get("id") if isinstance(issuer, dict) else issuer
    method = _method(proof, keys)
    if method is None or said != keys.get("id"):
        return Verdict(UNKNOWN_KEY, "It was not signed with a key that the issuer publishes.")
    if proof.get("@context", document.get("@context")) != document.get("@context"):
        return Verdict(FORGED, "Its signature is for another context than it has.")
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    signature = from_base58(proof.get("proofValue"), length=64)
    try:
        key_of(method.get("publicKeyMultibase")).verify(signature, _to_sign(document, options))
    except InvalidSignature:
        return Verdict(FORGED, "Something was changed after it was signed.")
    ends = method.get("expires") or method.get("revoked")
    if ends is not None and _moment(proof.get("created")) > _moment(ends):
        return Verdict(FORGED, "It says that it was signed after its key had been retired.")
    return None


def _proof_of(signed: dict[str, Any]) -> dict[str, Any]:
    """
    Return the proof.

    :raises Malformed: if there is none, or one of another kind.
    """
    proof = signed.get("proof")
    if not isinstance(proof, dict):
        raise Malformed("There is no signature in it.")
    kind = (proof.get("type"), proof.get("cryptosuite"), proof.get("proofPurpose"))
    if kind != ("DataIntegrityProof", CRYPTOSUITE, "assertionMethod"):
        raise Malformed(f"It is not signed in the way in which certificates are ({CRYPTOSUITE}).")
    return proof


def _method(proof: dict[str, Any], keys: dict[str, Any]) -> dict[str, Any] | None:
    """Return the published key that the proof names, if it may sign certificates."""
    name = proof.get("verificationMethod")
    methods = keys.get("verificationMethod")
    allowed = keys.get("assertionMethod")
    if not isinstance(methods, list) or not isinstance(allowed, list) or name not in allowed:
        return None
    return next((one for one in methods if isinstance(one, dict) and one.get("id") == name), None)


def _moment(text: Any) -> datetime:
    if not isinstance(text, str) or not MOMENT.fullmatch(text):
        raise Malformed("A moment is not written like 2026-11-28T12:00:00Z.")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Malformed("A moment is no day of the calendar.") from None


# --------------------------------------------------------------------------------------------------- revocation lists


def to_bits(indexes: list[int]) -> str:
    """Return the bits of a Bitstring Status List, the revoked ones set, as its `encodedList`."""
    bits = bytearray(LIST_BYTES)
    for index in indexes:
        bits[index // 8] |= 0x80 >> (index % 8)
    return "u" + base64.urlsafe_b64encode(gzip.compress(bytes(bits), mtime=0)).decode().rstrip("=")


def is_set(encoded: Any, index: int) -> bool:
    """
    Say whether a bit of an `encodedList` is set.

    :raises Malformed: if it cannot be read, or is larger than ours are.
    """
    if not isinstance(encoded, str) or not encoded.startswith("u"):
        raise Malformed("The revocation list cannot be read.")
    try:
        packed = base64.urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4))
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as opened:
            bits = opened.read(LIST_BYTES + 1)
    except (OSError, EOFError, ValueError, binascii.Error):
        raise Malformed("The revocation list cannot be read.") from None
    if len(bits) != LIST_BYTES or not 0 <= index < LIST_BYTES * 8:
        raise Malformed("The revocation list has another size than ours.")
    return bool(bits[index // 8] & (0x80 >> (index % 8)))


def _is_listed(signed: dict[str, Any], keys: dict[str, Any], revocations: dict[str, Any]) -> bool:
    status = signed.get("credentialStatus")
    index = status.get("statusListIndex") if isinstance(status, dict) else None
    if not isinstance(status, dict) or not isinstance(index, str) or not re.fullmatch(r"\d{1,6}", index):
        raise Malformed("The certificate does not say where it stands in a revocation list.")
    if status.get("statusListCredential") != revocations.get("id"):
        raise Malformed("This revocation list is not the one that the certificate names.")
    problem = _problem(revocations, keys)
    if problem is not None:
        raise Malformed("The revocation list itself is not good. " + problem.sentence)
    subject = revocations.get("credentialSubject")
    if not isinstance(subject, dict) or subject.get("statusPurpose") != "revocation":
        raise Malformed("This is no revocation list.")
    return is_set(subject.get("encodedList"), int(index))


# ------------------------------------------------------------------------------------------------------- by the shell


def source() -> str:
    """Return the text of this file, so that a site can hand out the very program that it runs."""
    return Path(__file__).read_text(encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Check a file; return 0 if it holds, 1 if not, 2 if a file cannot be read."""
    parser = argparse.ArgumentParser(description="Check a Preceptor certificate offline.")
    parser.add_argument("certificate", type=Path, help="the certificate as JSON")
    parser.add_argument("--keys", type=Path, required=True, help="the issuer's did.json")
    parser.add_argument("--revocations", type=Path, help="the signed revocation list")
    asked = parser.parse_args(arguments)
    try:
        verdict = check_files(asked.certificate, asked.keys, asked.revocations)
    except (OSError, Malformed) as why:
        sys.stderr.write(f"{why}\n")
        return 2
    sys.stdout.write(f"{verdict.state.upper()}: {verdict.sentence}\n")
    return 0 if verdict.holds else 1


def check_files(certificate: Path, keys: Path, revocations: Path | None) -> Verdict:
    """
    Check a certificate that lies in a file.

    :raises OSError: if a file cannot be read.
    :raises Malformed: if it is no JSON that we could have written.
    """
    published = read(keys.read_bytes())
    listed = read(revocations.read_bytes()) if revocations else None
    return check(read(certificate.read_bytes()), published, listed)


if __name__ == "__main__":
    raise SystemExit(main())
