"""The verifier that stands alone: published vectors, canonical form, tampering, keys, lists, and the shell."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from projects.standing import offline

# https://www.w3.org/TR/vc-di-eddsa/#representation-eddsa-jcs-2022
W3C_SECRET = bytes.fromhex("c96ef9ea10c5e414c471723aff9de72c35fa5b70fae97e8832ecac7d2e2b8ed6")
W3C_PUBLIC = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
W3C_METHOD = f"did:key:{W3C_PUBLIC}#{W3C_PUBLIC}"
W3C_DOCUMENT: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential",
    "description": "A minimum viable example of an Alumni Credential.",
    "issuer": "https://vc.example/issuers/5678",
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
}
W3C_PROOF = "z2HnFSSPPBzR36zdDgK8PbEHeXbR56YF24jwMpt3R1eHXQzJDMWS93FCzpvJpwTWd3GAVFuUfjoJdcnTMuVor51aX"

KEY = Ed25519PrivateKey.from_private_bytes(b"a key for tests, and no other us")
DID, METHOD, LIST = "did:web:site.example", "did:web:site.example#k1", "https://site.example/verify/revocations/1/"
CONTEXT = ["https://www.w3.org/ns/credentials/v2"]
DOCUMENT: dict[str, Any] = {
    "@context": CONTEXT,
    "id": "https://site.example/verify/1/",
    "issuer": {"id": DID, "name": "Site"},
    "credentialSubject": {"result": [{"value": "214 of 230"}, {"value": "160 h 00 min"}], "count": 2},
    "credentialStatus": {"statusListIndex": "7", "statusListCredential": LIST},
}


def published(**more: Any) -> dict[str, Any]:
    """The issuer's DID document with one key; `more` goes to the key."""
    method = {"id": METHOD, "type": "Multikey", "publicKeyMultibase": offline.multikey(KEY.public_key())} | more
    return {"id": DID, "verificationMethod": [method], "assertionMethod": [METHOD]}


def signed(document: dict[str, Any] = DOCUMENT, *, key: Ed25519PrivateKey = KEY, created: str = "2026-11-28T12:00:00Z"):
    return offline.sign(document, key=key, method=METHOD, created=created)


def revoked(*places: int, **more: Any) -> dict[str, Any]:
    subject = {"statusPurpose": "revocation", "encodedList": offline.to_bits(list(places))}
    return signed(
        {
            "@context": CONTEXT,
            "id": LIST,
            "issuer": DID,
            "validFrom": "2026-11-28T12:00:00Z",
            "credentialSubject": subject,
        }
        | more
    )


# -------------------------------------------------------------------------------------------------- published vectors


def test_the_published_vector_of_the_cryptosuite_is_reproduced_and_verified():
    key = Ed25519PrivateKey.from_private_bytes(W3C_SECRET)
    assert offline.multikey(key.public_key()) == W3C_PUBLIC
    made = offline.sign(W3C_DOCUMENT, key=key, method=W3C_METHOD, created="2023-02-24T23:36:38Z")
    assert made["proof"]["proofValue"] == W3C_PROOF
    keys = {
        "id": "https://vc.example/issuers/5678",
        "verificationMethod": [{"id": W3C_METHOD, "publicKeyMultibase": W3C_PUBLIC}],
        "assertionMethod": [W3C_METHOD],
    }
    assert offline.check(made, keys).state == offline.VALID


def test_the_canonical_form_is_that_of_rfc_8785():
    # Names sorted by UTF-16 code units (RFC 8785, 3.2.3), and the escapes of 3.2.2.2.
    names = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    assert list(json.loads(offline.canonical(names)).values()) == [2, 4, 6, 7, 1, 5, 3]
    text = '\u20ac$\u000f\u000aA\'B"\\\\"/'
    assert offline.canonical({"s": text}).decode() == '{"s":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'


@given(st.binary(min_size=1, max_size=40))
def test_base58_gives_back_what_it_was_given(data):
    assert offline.from_base58(offline.to_base58(data), length=len(data)) == data


# ---------------------------------------------------------------------------------------------------------- tampering


def changes(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a document where something could be changed."""
    if isinstance(value, dict):
        return [path] * bool(path) + [found for name in value for found in changes(value[name], (*path, name))]
    if isinstance(value, list):
        return [path] * bool(path) + [found for n, one in enumerate(value) for found in changes(one, (*path, n))]
    return [path]


PLACES = changes(signed())


@given(place=st.sampled_from(PLACES), how=st.sampled_from(["replace", "remove", "add"]), text=st.text(max_size=8))
def test_no_change_anywhere_leaves_a_certificate_valid(place, how, text):
    document = copy.deepcopy(signed())
    *way, last = place
    holder: Any = document
    for step in way:
        holder = holder[step]
    before = copy.deepcopy(document)
    if how == "remove":
        del holder[last]
    elif how == "add" and isinstance(holder[last], dict):
        holder[last]["added " + text] = text
    elif how == "add" and isinstance(holder[last], list):
        holder[last].append(text)
    else:
        holder[last] = text
    verdict = offline.check(document, published())
    assert verdict.holds == (document == before)


def test_a_signature_by_another_key_and_one_that_names_another_issuer_are_refused():
    stranger = Ed25519PrivateKey.from_private_bytes(b"the key of somebody else, no us.")
    assert offline.check(signed(key=stranger), published()).state == offline.FORGED
    other = signed(DOCUMENT | {"issuer": {"id": "did:web:other.example"}})
    assert offline.check(other, published()).state == offline.UNKNOWN_KEY
    unlisted = published() | {"assertionMethod": []}
    assert offline.check(signed(), unlisted).state == offline.UNKNOWN_KEY


def test_a_retired_key_verifies_what_it_signed_before_and_nothing_after():
    keys = published(expires="2026-11-28T12:00:00Z")
    assert offline.check(signed(created="2026-11-28T12:00:00Z"), keys).holds
    late = offline.check(signed(created="2026-11-28T12:00:01Z"), keys)
    assert (late.state, late.sentence) == (
        offline.FORGED,
        "It says that it was signed after its key had been retired.",
    )


# ------------------------------------------------------------------------------------------------------ what is no JSON


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "This is not JSON."),
        ("[]", "A certificate is one JSON object, in braces."),
        ('{"a": 1, "a": 2}', "A name stands twice in one object, so it can be read in two ways."),
        ('{"a": 1.5}', "Certificates hold whole numbers only, and this has “1.5”."),
        ('{"a": NaN}', "Certificates hold whole numbers only, and this has “NaN”."),
        ('{"a": 9007199254740993}', "A number is larger than every program can read alike."),
        ('{"a": 1' + "0" * 5000 + "}", "A number is larger than every program can read alike."),
        ('{"a": "\\ud800"}', "The text holds half a character."),
        ('{"a":' * 40 + "1" + "}" * 40, "This is nested deeper than any certificate."),
        ('{"a":' * 30_000, "This is larger than any certificate: more than 128 kB."),
        ('{"a":' * 20_000, "This is not JSON."),
        ("{" + " " * 131_072 + "}", "This is larger than any certificate: more than 128 kB."),
    ],
)
def test_what_cannot_be_read_in_one_way_only_is_refused_in_words(text, sentence):
    with pytest.raises(offline.Malformed) as refused:
        offline.read(text)
    assert str(refused.value) == sentence


def test_bytes_that_are_no_utf8_are_refused():
    with pytest.raises(offline.Malformed):
        offline.read(b'{"a": "\xff"}')


LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
ANYTHING = st.recursive(
    LEAVES, lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(max_size=8), one, max_size=3), max_leaves=8
)
SIGNED, KEYS, LISTED = signed(), published(), revoked(7)


@given(ANYTHING)
def test_whatever_json_says_the_verifier_answers_and_never_fails(value):
    document = {"proof": value, "issuer": value, "@context": value, "credentialStatus": value}
    for given_to_check in (document, SIGNED | {"credentialStatus": value}, SIGNED | {"proof": value}):
        assert not offline.check(given_to_check, KEYS, LISTED).holds
    assert not offline.check(SIGNED, {"id": DID, "verificationMethod": value, "assertionMethod": [METHOD]}).holds


# --------------------------------------------------------------------------------------------------- revocation lists


def test_a_list_says_which_are_revoked_and_since_when_it_knows():
    assert offline.check(signed(), published(), revoked(7)).state == offline.REVOKED
    good = offline.check(signed(), published(), revoked(6, 8, 131_071))
    assert (good.state, good.revocation_known) == (offline.VALID, True)
    assert "not revoked by 2026-11-28T12:00:00Z" in good.sentence
    assert not offline.check(signed(), published()).revocation_known


def test_a_list_that_is_forged_or_another_one_is_no_proof_of_anything():
    forged = revoked() | {"credentialSubject": revoked(9)["credentialSubject"]}
    other = revoked(id="https://site.example/verify/revocations/2/")
    for bad in (forged, other):
        assert offline.check(signed(), published(), bad).state == offline.MALFORMED


def test_a_list_that_unpacks_to_gigabytes_is_given_up_early():
    import base64
    import gzip

    bomb = "u" + base64.urlsafe_b64encode(gzip.compress(bytes(50_000_000))).decode().rstrip("=")
    with pytest.raises(offline.Malformed):
        offline.is_set(bomb, 3)


# ------------------------------------------------------------------------------------------------------------- shell


def run(tmp_path: Path, certificate: dict[str, Any], *more: str) -> tuple[int, str]:
    """Run a copy of the one file with nothing else of ours in reach."""
    program = tmp_path / "check_certificate.py"
    program.write_text(offline.source())
    (tmp_path / "certificate.json").write_text(json.dumps(certificate))
    (tmp_path / "did.json").write_text(json.dumps(published()))
    (tmp_path / "list.json").write_text(json.dumps(revoked(7)))
    command = [sys.executable, "-I", program.name, "certificate.json", "--keys", "did.json", *more]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env={})
    return ran.returncode, ran.stdout + ran.stderr


def test_the_one_file_runs_alone(tmp_path):
    code, said = run(tmp_path, signed())
    assert (code, said.startswith("VALID: ")) == (0, True)
    code, said = run(tmp_path, signed(), "--revocations", "list.json")
    assert (code, said.startswith("REVOKED: ")) == (1, True)


def test_its_exit_code_tells_a_forgery_from_a_file_that_is_not_there(tmp_path, capsys):
    for name, value in {"c": signed() | {"id": "https://site.example/verify/2/"}, "keys": published()}.items():
        (tmp_path / name).write_text(json.dumps(value))
    arguments = [str(tmp_path / "c"), "--keys", str(tmp_path / "keys")]
    assert offline.main(arguments) == 1
    assert capsys.readouterr().out == "FORGED: Something was changed after it was signed.\n"
    assert offline.main([*arguments, "--revocations", str(tmp_path / "nowhere.json")]) == 2
    assert "nowhere.json" in capsys.readouterr().err
