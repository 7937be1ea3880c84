"""The API of hiring: whole answers, own things only, and the same number of questions for one row and for three."""

from __future__ import annotations

import pytest
from django.test import Client

from projects.hiring.actions import applications
from projects.hiring.enums import DeclineCode
from projects.labs.enums import LabRole, Scope
from tests.factories.projects_hiring import (
    NOW,
    make_applicant,
    make_contract,
    make_expert,
    make_gig,
    make_lab,
    make_offer,
    owner_of,
)
from tests.factories.projects_labs import browse, join, make_key
from tests.support.asking import questions

pytestmark = pytest.mark.django_db
MINE = ["applications", "offers", "contracts"]


def program(lab, *scopes: Scope) -> Client:
    _key, text = make_key(lab, *scopes)
    return Client(headers={"Authorization": f"Bearer {text}"})


def test_an_expert_reads_their_applications_with_reasons():
    application = make_applicant(make_gig())
    applications.decline_application(
        application_id=application.public_id, by=owner_of(application.project.lab), code=DeclineCode.AVAILABILITY,
        reason="We need somebody for thirty hours.", now=NOW,
    )  # fmt: skip
    assert browse(application.expert.user).get("/api/v1/me/applications/").json() == {
        "next": None,
        "previous": None,
        "results": [
            {
                "id": str(application.public_id),
                "project": str(application.project.public_id),
                "title": "Physician Talent Network",
                "lab": "Larkfield Labs",
                "state": "DECLINED",
                "started_at": "2026-11-18T09:30:00Z",
                "submitted_at": "2026-11-18T09:30:00Z",
                "due_at": "2026-11-28T09:30:00Z",
                "decided_at": "2026-11-18T09:30:00Z",
                "decline_code": "AVAILABILITY",
                "decline_reason": "We need somebody for thirty hours.",
            }
        ],
    }


def test_an_expert_reads_their_offers_and_contracts():
    contract = make_contract(make_gig(make_lab(is_anonymous=True)))
    me = browse(contract.expert.user)
    assert me.get("/api/v1/me/offers/").json()["results"] == [
        {
            "id": str(contract.offer.public_id),
            "application": str(contract.offer.application.public_id),
            "title": "Physician Talent Network",
            "lab": "AI research organisation",
            "state": "ACCEPTED",
            "rate_minor": 21_000,
            "currency": "USD",
            "weekly_cap_minutes": 1200,
            "starts_on": "2026-11-18",
            "ends_on": None,
            "message": "We would like you to begin this week.",
            "terms_sha256": contract.offer.terms.sha256,
            "sent_at": "2026-11-18T09:30:00Z",
            "expires_at": "2026-11-25T09:30:00Z",
            "answered_at": "2026-11-18T09:30:00Z",
        }
    ]
    shown = {
        "id": str(contract.public_id),
        "alias": "E-1",
        "project": str(contract.project.public_id),
        "title": "Physician Talent Network",
        "state": "ACTIVE",
        "currency": "USD",
        "version": 1,
        "rate_minor": 21_000,
        "weekly_cap_minutes": 1200,
        "fee_bps": 1000,
        "started_at": "2026-11-18T09:30:00Z",
        "ends_at": None,
        "ended_at": None,
        "hours_until": None,
        "end_code": "",
        "end_reason": "",
    }
    assert me.get("/api/v1/me/contracts/").json()["results"] == [shown | {"lab": "AI research organisation"}]
    api = program(contract.lab, Scope.PROJECTS_READ)
    assert api.get("/api/v1/contracts/").json() == {
        "next": None,
        "previous": None,
        "results": [shown | {"expert_name": "Imani Okafor"}],
    }


@pytest.mark.parametrize("what", MINE)
def test_nobody_reads_what_is_anothers(what):
    contract = make_contract()
    for client in (browse(make_expert("Somebody Else").user), browse(owner_of(contract.lab))):
        assert client.get(f"/api/v1/me/{what}/").json()["results"] == []
    assert program(contract.lab, *Scope).get(f"/api/v1/me/{what}/").status_code == 403
    assert Client().get(f"/api/v1/me/{what}/").status_code == 401


def test_contracts_of_a_lab_need_a_key_with_the_scope():
    contract = make_contract()
    for client in (
        program(contract.lab, Scope.TASKS_READ),
        browse(owner_of(contract.lab)),
        browse(join(contract.lab, LabRole.REVIEWER)),
        browse(join(contract.lab, LabRole.MEMBER)),
        browse(contract.expert.user),
    ):
        assert client.get("/api/v1/contracts/").status_code == 403
    assert Client().get("/api/v1/contracts/").status_code == 401
    assert (
        program(make_lab("Tidewater Research"), Scope.PROJECTS_READ).get("/api/v1/contracts/").json()["results"] == []
    )


@pytest.mark.full
@pytest.mark.parametrize(
    ("path", "count"), [("me/applications", 5), ("me/offers", 5), ("me/contracts", 5), ("contracts", 2)]
)
def test_one_row_and_three_cost_the_same_number_of_questions(path, count):
    counts = []
    for number in (1, 3):
        lab, expert = make_lab(), make_expert()
        for _one in range(number):
            make_offer(make_applicant(make_gig(lab), expert))
            make_contract(make_gig(lab), expert)
        client = program(lab, Scope.PROJECTS_READ) if path == "contracts" else browse(expert.user)
        counts.append(questions(client, f"/api/v1/{path}/"))
    assert counts == [count, count]
