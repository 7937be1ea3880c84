"""Our own API description: valid, whole, and true of what the API answers."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from projects.labs.enums import Scope
from projects.work.enums import ReviewDecision
from tests.architecture.test_urls import ours
from tests.factories.experts_credentials import make_npi
from tests.factories.projects_labs import browse, make_key
from tests.factories.projects_listings import make_gig
from tests.factories.projects_work import make_batch, make_contract, make_submitted, review

METHODS = {"get", "post", "put", "patch", "delete"}
PROBLEM = "application/problem+json"
Document = dict[str, Any]


@pytest.fixture
def document(db) -> Document:
    """The description as anybody gets it."""
    answer = Client().get("/api/v1/schema/", headers={"Accept": "application/json"})
    assert answer.status_code == 200
    return answer.json()


def operations(document: Document) -> dict[str, tuple[str, str, Document]]:
    """(path, method, operation) by operationId."""
    found = [(path, method, item[method]) for path, item in document["paths"].items() for method in METHODS & set(item)]
    return {operation["operationId"]: (path, method, operation) for path, method, operation in found}


def resolved(document: Document, part: Document) -> Document:
    """What a reference stands for."""
    while "$ref" in part:
        target: Any = document
        for name in part["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        part = target
    return part


def test_the_description_is_valid_openapi_3_1(document):
    assert document["openapi"] == "3.1.0"
    validate(document)


def test_the_generator_has_nothing_to_complain_about(tmp_path):
    call_command("spectacular", "--fail-on-warn", "--validate", "--file", str(tmp_path / "schema.yml"))


def test_every_address_of_the_api_is_described_and_no_other(document):
    views = {
        "/api/v1/" + re.sub(r"<uuid:(\w+)>", r"{\1}", str(pattern.pattern)): pattern.callback.cls
        for name, pattern in ours()
        if name.startswith("api:")
    }
    described = {path: METHODS & set(item) for path, item in document["paths"].items()}
    assert described == {path: METHODS & set(dir(view)) for path, view in views.items()}


def test_every_operation_has_a_name_of_its_own_words_a_tag_and_one_way_in(document):
    found = [item[method] for item in document["paths"].values() for method in METHODS & set(item)]
    names = [operation["operationId"] for operation in found]
    assert len(names) == len(set(names)) == 31
    assert [one["operationId"] for one in found if not (one["description"] and len(one["tags"]) == 1)] == []
    ways = {one["operationId"]: one["security"] for one in found}
    mine = {name for name, way in ways.items() if way == [{"cookieAuth": []}]}
    assert {name for name, way in ways.items() if way == [{"apiKey": []}]} == set(ways) - mine
    assert mine == {name for name in names if "_my_" in name}
    assert set(document["components"]["securitySchemes"]) == {"apiKey", "cookieAuth"}


def test_an_operation_for_keys_names_the_scope(document):
    words = {name: operation["description"] for name, (_path, _method, operation) in operations(document).items()}
    assert words["list_tasks"].endswith("Needs a key with the scope `tasks:read`.")
    assert words["add_tasks"].endswith("Needs a key with the scope `tasks:write`.")
    assert "scope" not in words["list_my_offers"]


def test_every_list_says_how_it_is_paged(document):
    asked = {
        name: {one["name"] for one in operation.get("parameters", []) if one["in"] == "query"}
        for name, (_path, _method, operation) in operations(document).items()
        if name.startswith("list_")
    }
    assert len(asked) == 19
    assert asked.pop("list_my_payslips") == {"before"}  # by week
    assert {name for name, parameters in asked.items() if not {"cursor", "limit"} <= parameters} == set()


@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("list_projects", "400 401 403 404 429"),
        ("create_project", "400 401 403 409 413 415 422 429"),
        ("read_project", "401 403 404 429"),
        ("publish_project", "401 403 404 409 422 429"),
        ("add_tasks", "400 401 403 404 409 413 415 422 429"),
        ("download_export", "401 403 404 416 422 429"),
        ("read_my_profile", "401 403 404 429"),
    ],
)
def test_errors_are_described_where_they_can_be_met(document, name, statuses):
    _path, _method, operation = operations(document)[name]
    assert " ".join(sorted(status for status in operation["responses"] if status >= "400")) == statuses


def test_every_error_is_described_as_a_problem(document):
    for name, (_path, _method, operation) in operations(document).items():
        for status, answer in operation["responses"].items():
            if status >= "400" and (name, status) != ("download_export", "416"):
                content = resolved(document, answer)["content"]
                assert list(content) == [PROBLEM], (name, status)
                assert content[PROBLEM]["schema"] == {"$ref": "#/components/schemas/Problem"}


# ------------------------------------------------------------------------------------------- what the API answers


def fits(document: Document, name: str, answer: HttpResponse) -> None:
    """Require that the description of an operation knows this answer: its status, its type, its shape."""
    _path, _method, operation = operations(document)[name]
    status = str(answer.status_code)
    assert status in operation["responses"], (name, status, answer.content[:300])
    content = resolved(document, operation["responses"][status])["content"]
    kind = answer["Content-Type"].partition(";")[0]
    assert kind in content, (name, kind)
    schema = content[kind]["schema"] | {"components": document["components"]}
    problems = [problem.message for problem in Draft202012Validator(schema).iter_errors(answer.json())]
    assert problems == [], (name, answer.json())


@pytest.fixture
def work(db):
    """A lab's project with accepted work, and its expert with a credential."""
    contract = make_contract(make_gig())
    make_batch(contract.project, tasks=2)
    review(make_submitted(contract), ReviewDecision.SEND_BACK, comment="Say why.")
    make_npi(contract.expert)
    return contract


def program(lab: Any, *scopes: Scope) -> Client:
    _key, text = make_key(lab, *scopes)
    return Client(headers={"Authorization": f"Bearer {text}"})


def test_what_a_program_reads_has_the_shape_that_is_described(document, work):
    api, batch = program(work.lab, *Scope), work.project.batches.get()
    place = {"project_id": work.project.public_id, "batch_id": batch.public_id}
    read = {name for name, (_p, method, _o) in operations(document).items() if method == "get" and "_my_" not in name}
    for name in sorted(read - {"read_export", "download_export"}):
        path = operations(document)[name][0].format(**place)
        answer = api.get(path)
        assert answer.status_code == 200, (name, answer.content)
        fits(document, name, answer)
    exports = f"/api/v1/projects/{work.project.public_id}/exports/"
    made = api.post(exports, {}, content_type="application/json")
    assert made.status_code == 202
    fits(document, "create_export", made)
    fits(document, "list_exports", api.get(exports))
    fits(document, "read_export", api.get(f"/api/v1/exports/{made.json()['id']}/"))
    fits(document, "download_export", api.get(f"/api/v1/exports/{made.json()['id']}/download/"))  # 422: not ready yet


def test_what_an_expert_reads_has_the_shape_that_is_described(document, work):
    me = browse(work.expert.user)
    mine = {name: path for name, (path, _method, _o) in operations(document).items() if "_my_" in name}
    assert len(mine) == 12
    for name, path in sorted(mine.items()):
        answer = me.get(path)
        assert answer.status_code == 200, name
        fits(document, name, answer)


def test_what_a_program_writes_has_the_shape_that_is_described(document, work):
    api = program(work.lab, *Scope)

    def post(path: str, body: Any = None) -> HttpResponse:
        return api.post(f"/api/v1/{path}", {} if body is None else body, content_type="application/json")

    made = post("projects/", {"title": "Cardiology, second round"})
    fits(document, "create_project", made)
    path = f"projects/{made.json()['id']}/"
    fits(document, "edit_project", api.patch(f"/api/v1/{path}", {"places_wanted": 3}, content_type="application/json"))
    batch = post(f"projects/{work.project.public_id}/batches/", {"name": "Nightly", "kind": "ANSWER_REVIEW"})
    fits(document, "create_batch", batch)
    fits(document, "add_tasks", post(f"batches/{batch.json()['id']}/tasks/", {"tasks": [{"external_id": "a"}]}))
    refused = post(f"batches/{batch.json()['id']}/finalize/")
    assert refused.status_code == 422
    fits(document, "finalize_batch", refused)
    wrong_state = post(f"batches/{work.project.batches.earliest('pk').public_id}/finalize/")
    assert wrong_state.status_code == 409
    fits(document, "finalize_batch", wrong_state)
    not_ready = post(path + "publish/")
    assert not_ready.status_code == 422
    fits(document, "publish_project", not_ready)


def test_problems_have_the_shape_that_is_described(document, work):
    api = program(work.lab, *Scope)
    met = {
        400: ("create_project", api.post("/api/v1/projects/", {"title": ""}, content_type="application/json")),
        401: ("list_projects", Client().get("/api/v1/projects/")),
        403: ("list_projects", program(work.lab, Scope.EXPORTS).get("/api/v1/projects/")),
        404: ("read_project", api.get(f"/api/v1/projects/{uuid4()}/")),
        413: ("create_project", api.post("/api/v1/projects/", b"x" * 1_100_000, content_type="application/json")),
        415: ("create_project", api.post("/api/v1/projects/", b"x", content_type="text/plain")),
    }
    for status, (name, answer) in met.items():
        assert answer.status_code == status
        fits(document, name, answer)
    fits(document, "create_project", api.post("/api/v1/projects/", b"{nonsense", content_type="application/json"))
    fits(document, "list_projects", api.get("/api/v1/projects/?cursor=made-up"))


def test_too_many_requests_are_a_problem_that_says_when_to_come_back(document, work, monkeypatch):
    monkeypatch.setattr("marketplace.kernel.access.ActorRateThrottle.THROTTLE_RATES", {"actor": "1/min"})
    api = program(work.lab, *Scope)
    assert api.get("/api/v1/projects/").status_code == 200
    answer = api.get("/api/v1/projects/")
    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert 0 < int(answer["Retry-After"]) <= 60
    fits(document, "list_projects", answer)


@pytest.mark.django_db
def test_the_readable_page_opens_and_brings_its_script_from_our_own_host():
    answer = Client().get("/api/v1/docs/")
    page = answer.content.decode()
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/html; charset=utf-8")
    *files, starter = re.findall(r'<script[^>]* src="([^"]+)"', page)
    assert files != []
    assert [one for one in files if finders.find(one.removeprefix("/static/")) is None] == []
    assert starter.startswith("/api/v1/docs/?")
    assert "/api/v1/schema/" in Client().get(starter).content.decode()
