"""The API of credentials: one's own with their way on the ladder, and of a number only the end."""

from __future__ import annotations

import pytest
from django.test import Client

from experts.credentials import actions
from projects.labs.enums import Scope
from tests.factories.experts_credentials import NPI, docx_bytes, make_licence, make_npi, passed, upload
from tests.factories.experts_profiles import NOW, make_expert, make_person, make_vetter
from tests.factories.projects_labs import browse, make_key, make_lab
from tests.support.asking import questions

pytestmark = pytest.mark.django_db
PATH = "/api/v1/me/credentials/"


def test_an_expert_reads_their_own_credentials_with_their_ladder():
    expert = make_expert()
    licence = make_licence(expert)
    document = passed(upload(expert, docx_bytes("A licence"), "licence.docx", kind="EVIDENCE"))
    actions.attach_document(credential_id=licence.public_id, document_id=document.public_id, by=expert.user, now=NOW)
    answer = browse(expert.user).get(PATH).json()
    assert (answer["next"], answer["previous"]) == (None, None)
    assert answer["results"] == [
        {
            "id": str(licence.public_id),
            "kind": "MEDICAL_LICENCE",
            "title": "Cardiology",
            "issuer": "",
            "country": "US",
            "region": "MA",
            "number_end": "48",
            "expires_on": "2028-11-01",
            "awarded_year": None,
            "step": "FORMAT_VALID",
            "steps": [
                {"from_step": "", "to_step": "DECLARED", "at": "2026-11-23T09:00:00Z", "source": "", "seen_on": None,
                 "explanation": ""},
                {"from_step": "DECLARED", "to_step": "FORMAT_VALID", "at": "2026-11-23T09:00:00Z",
                 "source": "Form of licence numbers in MA, our table", "seen_on": None, "explanation": "It has the form used in MA: five to seven digits."},
            ],
            "document": {
                "id": str(document.public_id), "name": "licence.docx", "state": "CLEAN", "refusal": "",
            },
            "declared_at": "2026-11-23T09:00:00Z",
            "withdrawn_at": None,
        }
    ]  # fmt: skip


def test_no_number_is_told_in_clear():
    expert = make_expert()
    make_npi(expert)
    make_licence(expert, number="MA-220148-77")
    text = browse(expert.user).get(PATH).content.decode()
    assert NPI not in text
    assert "220148" not in text
    assert [row["number_end"] for row in browse(expert.user).get(PATH).json()["results"]] == ["4877", NPI[-4:]]


def test_what_was_withdrawn_is_still_told_to_its_owner():
    expert = make_expert()
    npi = make_npi(expert)
    actions.withdraw_credential(credential_id=npi.public_id, by=expert.user, now=NOW)
    (row,) = browse(expert.user).get(PATH).json()["results"]
    assert row["withdrawn_at"] == "2026-11-23T09:00:00Z"


def test_nobody_reads_what_is_anothers():
    make_npi(make_expert())
    for person in (make_person("Somebody Else"), make_vetter(), make_expert(make_person("Another Expert")).user):
        assert browse(person).get(PATH).json()["results"] == []
    _key, text = make_key(make_lab(), *Scope)
    assert Client(headers={"Authorization": f"Bearer {text}"}).get(PATH).status_code == 403
    assert Client().get(PATH).status_code == 401


def test_one_credential_and_three_cost_the_same_number_of_questions():
    counts = []
    for number in (1, 3):
        expert = make_expert()
        for one in range(number):
            make_licence(expert, number=f"2201{one}8")
        counts.append(questions(browse(expert.user), PATH))
    assert counts == [6, 6]
