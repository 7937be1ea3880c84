from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime

import pytest
from django.test import Client

from projects.labs.enums import Scope
from projects.labs.models import ApiKey
from projects.listings.models import Project
from tests.factories.marketplace_accounts import make_user
from tests.factories.projects_labs import make_lab
from tests.factories.projects_listings import fund, make_draft
from tests.support.asking import questions

NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
ALL = [Scope.PROJECTS_READ, Scope.PROJECTS_WRITE]
BODY = {
    "title": "Physician Talent Network",
    "kinds": ["ANSWER_REVIEW", "SCENARIO"],
    "fields": ["cardiology"],
    "rate_min_minor": 180_00,
    "rate_max_minor": 250_00,
    "requirements": [{"field": "medicine"}, {"credential_kind": "MEDICAL_LICENCE", "step": "DOCUMENT_SEEN"}],
    "sections": {"role": "You review answers."},
}


def key_for(lab, scopes=ALL, **facts):
    secret = secrets.token_urlsafe(16)
    key = ApiKey.objects.create(
        lab=lab, name="test", prefix=f"pk_{secrets.token_hex(4)}", scopes=list(scopes), created_at=NOW,
        secret_sha256=hashlib.sha256(secret.encode()).hexdigest(), created_by=make_user(), **facts,
    )  # fmt: skip
    return Client(headers={"Authorization": f"Bearer {key.prefix}.{secret}"})


@pytest.mark.django_db
def test_a_program_creates_reads_and_changes_a_project():
    api = key_for(make_lab())
    made = api.post("/api/v1/projects/", BODY, content_type="application/json")
    assert made.status_code == 201, made.content
    project = Project.objects.get(public_id=made.json()["id"])
    assert (project.state, project.rate_max_minor, project.requirements.count()) == ("DRAFT", 250_00, 2)
    assert list(project.fields.values_list("code", flat=True)) == ["cardiology"]
    changed = api.patch(f"/api/v1/projects/{project.public_id}/", {"places_wanted": 7}, content_type="application/json")
    assert (changed.status_code, changed.json()["places_wanted"], changed.json()["title"]) == (200, 7, BODY["title"])
    listed = api.get("/api/v1/projects/").json()
    assert [row["id"] for row in listed["results"]] == [str(project.public_id)]


@pytest.mark.django_db
def test_a_program_reads_what_each_project_has_on_deposit():
    lab = make_lab()
    for number in (2, 1):
        fund(make_draft(lab), number * 1000_00)
    make_draft(lab)
    listed = key_for(lab).get("/api/v1/projects/").json()
    assert [row["funds_minor"] for row in listed["results"]] == [0, 1000_00, 2000_00]


@pytest.mark.django_db
def test_one_project_and_three_cost_the_same_number_of_questions():
    counts = []
    for number in (1, 3):
        lab = make_lab()
        for _one in range(number):
            fund(make_draft(lab), 1000_00)
        api = key_for(lab)
        assert len(api.get("/api/v1/projects/").json()["results"]) == number
        counts.append(questions(api, "/api/v1/projects/"))
    assert counts == [4, 4]  # the key, the projects, their bands, their funds


@pytest.mark.django_db
def test_publishing_what_is_not_ready_is_refused_with_what_is_missing():
    api = key_for(make_lab())
    made = api.post("/api/v1/projects/", {"title": "Empty"}, content_type="application/json").json()
    answer = api.post(f"/api/v1/projects/{made['id']}/publish/")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.status_code in {409, 422}
    assert answer.json()["detail"]


@pytest.mark.django_db
def test_a_foreign_project_is_as_absent_as_none():
    api, other = key_for(make_lab()), key_for(make_lab())
    theirs = other.post("/api/v1/projects/", {"title": "Theirs"}, content_type="application/json").json()["id"]
    missing = "01900000-0000-7000-8000-000000000000"
    answers = [api.get(f"/api/v1/projects/{ref}/") for ref in (theirs, missing)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(404, answers[0].content)] * 2
    assert api.get("/api/v1/projects/").json()["results"] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "scopes", "status"),
    [
        ("get", [Scope.PROJECTS_READ], 200),
        ("get", [Scope.PROJECTS_WRITE], 403),
        ("post", [Scope.PROJECTS_READ], 403),
        ("post", [Scope.PROJECTS_WRITE], 201),
        ("get", [], 403),
    ],
)
def test_a_key_does_what_its_scopes_say(method, scopes, status):
    api = key_for(make_lab(), scopes)
    answer = getattr(api, method)(
        "/api/v1/projects/", *([BODY] if method == "post" else []), content_type="application/json"
    )
    assert answer.status_code == status


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer pk_12345678.wrong", "Bearer ", "Bearer pk.\u00e9\u00e9"])
def test_a_wrong_key_is_refused_without_saying_why(header):
    answer = Client(headers={"Authorization": header.encode("latin-1").decode("latin-1")}).get("/api/v1/projects/")
    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")


@pytest.mark.django_db
def test_revoked_and_expired_keys_are_refused():
    for facts in ({"revoked_at": NOW}, {"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}):
        assert key_for(make_lab(), **facts).get("/api/v1/projects/").status_code == 401


@pytest.mark.django_db
def test_nobody_means_nobody():
    assert Client().get("/api/v1/projects/").status_code in {401, 403}
    person = Client()
    person.force_login(make_user())
    assert person.get("/api/v1/projects/").status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        {"title": ""}, {"title": "x", "fields": ["no-such-field"]}, {"title": "x", "rate_min_minor": -1},
        {"title": "x", "kinds": ["NO_SUCH"]}, {"title": "x", "rate_min_minor": 300_00, "rate_max_minor": 200_00},
        {"title": "x", "sections": {"role": "y" * 20_001}}, [], "text", {"title": "x\x00y"},
        {"title": "x", "places_wanted": 10**30}, {"title": "x", "starts_on": "tomorrow"},
    ],
)  # fmt: skip
def test_bad_input_is_a_400_in_words_and_makes_nothing(body):
    answer = key_for(make_lab()).post("/api/v1/projects/", body, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json"), answer.content
    assert Project.objects.count() == 0
