"""A lab's program: batches, tasks and submissions through the API, with the right scope and nothing of other labs."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from projects.labs.enums import Scope
from projects.listings.models import Project
from projects.work.enums import ReviewDecision
from projects.work.models import Batch, Task
from tests.factories.projects_labs import browse, make_key, owner_of
from tests.factories.projects_listings import make_gig
from tests.factories.projects_work import KIND, asks, make_batch, make_contract, make_submitted, prompt, review, submit


def program(project: Project, *scopes: Scope) -> Client:
    _key, text = make_key(project.lab, *scopes)
    return Client(headers={"Authorization": f"Bearer {text}"})


@pytest.fixture
def client(project) -> Client:
    return program(project)


def post(client: Client, address: str, body: Any) -> Any:
    return client.post(f"/api/v1/{address}", body, content_type="application/json")


def task(name: str, number: int, **extra: Any) -> dict[str, Any]:
    return {"external_id": name, "prompt": prompt(number), "metadata": {"model": "m-1"}} | extra


def test_a_program_creates_fills_and_starts_a_batch(project, client):
    made = post(client, f"projects/{project.public_id}/batches/", {"name": "Nightly", "kind": KIND, "overlap": 2})
    assert (made.status_code, made.json()["state"], made.json()["code"]) == (201, "DRAFT", "B-1")
    batch = made.json()["id"]

    filled = post(client, f"batches/{batch}/tasks/", {"tasks": [task("a", 1), task("b", 2)]})
    assert filled.json() == {"created": ["a", "b"], "duplicates": [], "known": [], "changed": [], "refused": []}
    started = post(client, f"batches/{batch}/finalize/", {})

    assert (started.status_code, started.json()["state"], started.json()["tasks_total"]) == (200, "LIVE", 2)
    assert Task.objects.get(external_id="a").metadata == {"model": "m-1"}
    assert Task.objects.get(external_id="a").open_slots == 2


def test_sending_tasks_again_changes_nothing_and_says_what_differs(project, client):
    batch = make_batch(project, live=False, rows=[]).public_id
    post(client, f"batches/{batch}/tasks/", {"tasks": [task("a", 1), task("b", 2)]})
    again = post(client, f"batches/{batch}/tasks/", {"tasks": [task("a", 1), task("b", 9), task("c", 1), task("d", 4)]})
    assert again.json() == {
        "created": ["d"],
        "duplicates": ["c"],
        "known": ["a", "b"],
        "changed": ["b"],
        "refused": [],
    }
    assert Task.objects.get(external_id="b").prompt == prompt(2)


def test_one_broken_task_does_not_keep_the_others_out(project, client):
    batch = make_batch(project, live=False, rows=[]).public_id
    tasks = [
        task("good", 1),
        task("x", 2) | {"prompt": {"question": "Q"}},
        {"prompt": prompt(3)},
        task("y", 4, metadata=[1]),
        "nonsense",
        task("z", 5, priority=3),
        task("n\x00ul", 6),
        task("w", 7) | {"prompt": prompt(7) | {"model": "gpt"}},
    ]
    answer = post(client, f"batches/{batch}/tasks/", {"tasks": tasks}).json()
    assert answer["created"] == ["good"]
    assert [(one["index"], one["error"]) for one in answer["refused"]] == [
        (1, "The answer is empty."),
        (2, "The external_id is missing."),
        (3, "The metadata is not an object."),
        (4, "A task is an object with external_id, prompt and, if you like, metadata."),
        (5, "A task is an object with external_id, prompt and, if you like, metadata."),
        (6, "The external_id holds a NUL character."),
        (7, "The prompt has a key that this kind does not know: model."),
    ]


def test_limits_are_refused_in_words(project, client):
    batch = make_batch(project, live=False, rows=[]).public_id
    too_many = post(client, f"batches/{batch}/tasks/", {"tasks": [{}] * 1001})
    assert (too_many.status_code, too_many.json()["code"]) == (400, "invalid")
    assert post(client, f"batches/{batch}/tasks/", {"tasks": []}).status_code == 400
    assert post(client, f"batches/{batch}/tasks/", {}).status_code == 400
    large = client.post(
        f"/api/v1/batches/{batch}/tasks/", b"{}", content_type="application/json", CONTENT_LENGTH=26 * 1024 * 1024
    )
    assert (large.status_code, large.json()["code"]) == (413, "too_large")
    no_kind = post(client, f"projects/{project.public_id}/batches/", {"name": "x", "kind": "RED_TEAM"})
    assert no_kind.json()["detail"] == "There is no workbench for this kind of task yet."


def test_a_started_batch_takes_no_more_tasks(project, client):
    batch = make_batch(project)
    answer = post(client, f"batches/{batch.public_id}/tasks/", {"tasks": [task("a", 1)]})
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        (Scope.TASKS_READ, {"GET batches", "GET batch", "GET tasks", "GET submissions"}),
        (Scope.TASKS_WRITE, {"POST batches", "POST tasks", "POST finalize"}),
        (Scope.PROJECTS_READ, set()),
        (Scope.EXPORTS, set()),
    ],
)
def test_a_key_does_what_its_scope_says_and_nothing_else(project, scope, allowed):
    batch = make_batch(project, live=False)
    client = program(project, scope)
    calls = {
        "GET batches": lambda: client.get(f"/api/v1/projects/{project.public_id}/batches/"),
        "POST batches": lambda: post(client, f"projects/{project.public_id}/batches/", {"name": "x", "kind": KIND}),
        "GET batch": lambda: client.get(f"/api/v1/batches/{batch.public_id}/"),
        "GET tasks": lambda: client.get(f"/api/v1/batches/{batch.public_id}/tasks/"),
        "POST tasks": lambda: post(client, f"batches/{batch.public_id}/tasks/", {"tasks": [task("a", 1)]}),
        "POST finalize": lambda: post(client, f"batches/{batch.public_id}/finalize/", {}),
        "GET submissions": lambda: client.get(f"/api/v1/projects/{project.public_id}/submissions/"),
    }
    answered = {name: call().status_code for name, call in calls.items()}
    assert {name for name, status in answered.items() if status in {200, 201}} == allowed
    assert {status for name, status in answered.items() if name not in allowed} <= {403}


def test_without_a_key_nothing_answers(project):
    batch = make_batch(project)
    for client in (Client(), browse(owner_of(project.lab))):
        assert client.get(f"/api/v1/batches/{batch.public_id}/tasks/").status_code in {401, 403}


def test_another_lab_is_as_absent_as_none(project):
    batch = make_batch(project)
    stranger = program(make_gig())
    for address in (
        f"projects/{{}}/batches/ {project.public_id}",
        f"projects/{{}}/submissions/ {project.public_id}",
        f"batches/{{}}/ {batch.public_id}",
        f"batches/{{}}/tasks/ {batch.public_id}",
    ):
        shape, foreign = address.split(" ")
        one = stranger.get("/api/v1/" + shape.format(foreign))
        none = stranger.get("/api/v1/" + shape.format(uuid4()))
        assert (one.status_code, one.content) == (404, none.content)
    assert post(stranger, f"batches/{batch.public_id}/finalize/", {}).status_code == 404


def test_submissions_come_with_their_review_and_in_their_order(project, client):
    make_batch(project, tasks=2)
    contract = make_contract(project)
    first = review(make_submitted(contract), ReviewDecision.SEND_BACK, comment="Again.")
    submit(first, why="Five millimole is the limit, and the remedy starts above it; the check comes too late.")
    review(first, ReviewDecision.ACCEPT)
    make_submitted(contract)

    rows = client.get(f"/api/v1/projects/{project.public_id}/submissions/").json()["results"]
    assert [(row["revision"], row["state"], row["expert"]) for row in rows] == [
        (1, "ACCEPTED", "E-1"),
        (2, "ACCEPTED", "E-1"),
        (1, "SUBMITTED", "E-1"),
    ]
    assert (rows[0]["review"]["decision"], rows[0]["review"]["comment"]) == ("SEND_BACK", "Again.")
    assert rows[2]["review"] is None
    assert rows[0]["answer"]["verdict"] == "not_acceptable"
    accepted = client.get(f"/api/v1/projects/{project.public_id}/submissions/?state=ACCEPTED").json()["results"]
    assert [row["revision"] for row in accepted] == [1, 2]
    assert client.get(f"/api/v1/projects/{project.public_id}/submissions/?state=NONSENSE").status_code == 400
    later = client.get(f"/api/v1/projects/{project.public_id}/submissions/?submitted_after=2099-01-01T00:00:00Z")
    assert later.json()["results"] == []


def test_pages_follow_each_other_without_a_gap(project, client):
    batch = make_batch(project, tasks=120)
    address, seen = f"/api/v1/batches/{batch.public_id}/tasks/?limit=50", []
    while address:
        page = client.get(address).json()
        seen += [row["external_id"] for row in page["results"]]
        address = page["next"]
    assert seen == list(Task.objects.in_order().values_list("external_id", flat=True))


@pytest.mark.parametrize("how_many", [1, 3])
def test_lists_ask_the_database_the_same_however_long(project, client, how_many):
    make_batch(project, tasks=how_many)
    contract = make_contract(project)
    for _ in range(how_many):
        make_submitted(contract)
    batch = Batch.objects.get()
    for address, queries in (
        (f"projects/{project.public_id}/submissions/", 1),
        (f"batches/{batch.public_id}/tasks/", 2),
        (f"projects/{project.public_id}/batches/", 1),
    ):
        client.get(f"/api/v1/{address}")
        with asks(of="work_", times=queries):
            client.get(f"/api/v1/{address}")
