"""Our keys: what is published, and that what was signed before a rotation stays valid."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from projects.standing import offline, signing
from tests.factories.projects_hours import make_expert
from tests.factories.projects_standing import LATER, confirmed_licence, make_certificate

pytestmark = pytest.mark.django_db


def key(letter: str, key_id: str) -> str:
    return f"{key_id}:{base64.urlsafe_b64encode(letter.encode() * 32).decode()}"


@pytest.mark.parametrize(
    ("site", "did"),
    [
        ("https://preceptor.example", "did:web:preceptor.example"),
        ("http://127.0.0.1:8000", "did:web:127.0.0.1%3A8000"),
    ],
)
def test_our_name_is_the_address_of_the_site(settings, site, did):
    settings.SITE_URL = site
    document = signing.did_document()
    assert document["id"] == did
    assert document["assertionMethod"] == [f"{did}#dev"]
    assert document["verificationMethod"][0]["publicKeyMultibase"].startswith("z6Mk")


def test_a_retired_key_still_verifies_and_the_new_one_signs(settings):
    settings.CERTIFICATE_KEYS = [key("a", "c1")]
    (old_key,) = signing.published_keys()
    expert = make_expert()
    confirmed_licence(expert)
    old = make_certificate(expert)

    settings.CERTIFICATE_KEYS = [key("b", "c2"), key("a", "c1")]  # both halves are there
    assert [one.key_id for one in signing.published_keys()] == ["c2", "c1"]
    assert offline.check(old.content, signing.did_document()).holds

    settings.CERTIFICATE_KEYS = [key("b", "c2")]
    settings.CERTIFICATE_PUBLIC_KEYS = [f"c1={old_key.multikey}={signing.moment(LATER)}"]
    new = make_certificate(expert, now=LATER + timedelta(hours=1))
    assert (old.key_id, new.key_id) == ("c1", "c2")
    assert offline.check(old.content, signing.did_document()).holds
    assert offline.check(new.content, signing.did_document()).holds

    settings.CERTIFICATE_PUBLIC_KEYS = [f"c1={old_key.multikey}={signing.moment(LATER - timedelta(seconds=1))}"]
    assert offline.check(old.content, signing.did_document()).state == offline.FORGED

    settings.CERTIFICATE_PUBLIC_KEYS = []  # stolen: what it signed counts no more
    assert offline.check(old.content, signing.did_document()).state == offline.UNKNOWN_KEY
