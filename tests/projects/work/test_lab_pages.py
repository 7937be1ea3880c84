"""The lab's pages: from the file to the finished batch, one task's whole history, and the review queue."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from marketplace.kernel import clock
from projects.hiring.models import Contract
from projects.labs.enums import LabRole
from projects.listings.models import Project
from projects.work.actions import claims, staging
from projects.work.enums import ReviewDecision, SkipReason
from projects.work.models import Assignment, Batch, Task
from tests.factories.projects_labs import browse, join, owner_of
from tests.factories.projects_listings import make_gig
from tests.factories.projects_work import (
    KIND,
    SMALL_FILE,
    asks,
    claim,
    make_accepted,
    make_batch,
    make_contract,
    make_submitted,
    read_file,
    review,
    send_small_file,
    submit,
)


@pytest.fixture
def client(project) -> Client:
    return browse(owner_of(project.lab))


@pytest.fixture
def contract(project) -> Contract:
    return make_contract(project)


def url(name: str, lab_slug: str, *ids: object) -> str:
    return reverse(f"work:{name}", args=[lab_slug, *ids])


def of_batch(name: str, batch: Batch) -> str:
    return url(name, batch.lab.slug, batch.public_id)


# ---------------------------------------------------------------------------------------------------- file to batch


def send(client: Client, project: Project, content: bytes, name: str = "answers_small.csv") -> object:
    data = {"file": SimpleUploadedFile(name, content), "kind": KIND, "name": ""}
    return client.post(url("batch_upload", project.lab.slug, project.public_id), data)


def test_a_file_goes_from_the_upload_page_to_a_live_batch(project, client):
    response = send(client, project, SMALL_FILE.read_bytes())
    batch = Batch.objects.get()
    assert response.url == of_batch("batch_columns", batch)

    page = client.get(response.url).content.decode()
    assert "Can an adult take cold remedy Alfazin" in page
    targets = ["external_id", "question", "context", "answer", "lab_only", "lab_only", "lab_only"]
    data = {f"column_{number}": target for number, target in enumerate(targets)}
    data |= {"name": "Small", "instructions": "Be careful.", "overlap": "2", "minutes_expected": "10", "priority": "0"}
    assert client.post(response.url, data).url == of_batch("batch", batch)
    assert "Reading the file" in client.get(of_batch("batch", batch)).content.decode()

    staging.read_batch(batch_id=batch.pk, now=clock.now())
    page = client.get(of_batch("batch", batch)).content.decode()
    assert "Start with 12 tasks" in page

    client.post(of_batch("batch_finalize", batch), {})
    batch.refresh_from_db()
    assert (batch.state, batch.tasks_total, batch.overlap, batch.template.instructions) == (
        "LIVE",
        12,
        2,
        "Be careful.",
    )


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"a,a\n1,2\n", "x.csv", "Two columns are called"),
        (b"", "x.csv", "0 bytes"),
        (b"%PDF-1.7", "x.pdf", "not a kind of file we take here"),
        (b"\x00\x01", "x.csv", "not text"),
    ],
)
def test_a_file_that_cannot_be_read_is_explained_beside_its_field(project, client, content, name, words):
    response = send(client, project, content, name)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert Batch.objects.count() == 0


def test_columns_that_make_no_task_are_named_on_the_page(project, client):
    batch = send_small_file(project)
    data = {f"column_{number}": "lab_only" for number in range(7)}
    data |= {"name": "x", "overlap": "1", "minutes_expected": "10", "priority": "0"}
    response = client.post(of_batch("batch_columns", batch), data)
    assert response.status_code == 422
    assert "No column becomes “Question”. Every task needs it." in response.content.decode()


def test_the_progress_is_a_fragment_while_it_runs_and_a_refresh_when_it_is_over(project, client):
    batch = send_small_file(project)
    Batch.objects.update(state="STAGED", rows_read=5, bytes_read=batch.bytes_total // 2)
    fragment = client.get(of_batch("batch_progress", batch), headers={"HX-Request": "true"})
    assert b"<html" not in fragment.content
    assert b'id="reading-progress"' in fragment.content
    assert client.get(of_batch("batch_progress", batch)).url == of_batch("batch", batch)

    Batch.objects.update(state="READY")
    over = client.get(of_batch("batch_progress", batch), headers={"HX-Request": "true"})
    assert over["HX-Refresh"] == "true"


def test_refused_rows_stand_on_the_page_with_their_numbers(project, client):
    batch = read_file(send_small_file(project, text=SMALL_FILE.read_bytes() + b"R-013,,,No question,,,\n"))
    page = client.get(of_batch("batch", batch)).content.decode()
    assert "The question is empty." in page
    assert '<td class="num">13</td>' in page


def test_pause_resume_and_cancel_from_the_page(project, client):
    batch = make_batch(project)
    for name, state in (("batch_pause", "PAUSED"), ("batch_resume", "LIVE"), ("batch_cancel", "CANCELLED")):
        client.post(of_batch(name, batch))
        batch.refresh_from_db()
        assert batch.state == state


# ------------------------------------------------------------------------------------------------------------ walls


LAB_PAGES = ["batches", "review_queue"]
BATCH_PAGES = ["batch", "batch_columns", "batch_progress", "batch_cancel", "tasks"]
BATCH_POSTS = ["batch_finalize", "batch_pause", "batch_resume", "batch_cancel"]


def test_another_lab_sees_none_of_it(project, contract):
    batch = make_batch(project)
    assignment = make_submitted(contract)
    task = assignment.task
    stranger = browse(owner_of(make_gig().lab))
    slug = project.lab.slug
    gets = [url(name, slug) for name in LAB_PAGES] + [of_batch(name, batch) for name in BATCH_PAGES]
    gets += [url("task", slug, task.public_id), url("review", slug, assignment.public_id)]
    gets += [url("batch_upload", slug, project.public_id)]
    posts = [of_batch(name, batch) for name in BATCH_POSTS]
    posts += [url(name, slug, task.public_id) for name in ("task_reopen", "task_cancel")]
    posts += [url(name, slug, assignment.public_id) for name in ("review_take", "review_decide", "review_put_back")]
    assert {stranger.get(address).status_code for address in gets} == {404}
    assert {stranger.post(address).status_code for address in posts} == {404}


def test_a_batch_of_another_lab_is_absent_under_ones_own_address(project):
    other = make_gig()
    batch = make_batch(project)
    client = browse(owner_of(other.lab))
    assert client.get(url("batch", other.lab.slug, batch.public_id)).status_code == 404
    assert client.get(url("batch", other.lab.slug, uuid4())).status_code == 404


@pytest.mark.parametrize("role", [LabRole.REVIEWER, LabRole.MEMBER])
def test_who_does_not_run_batches_reads_and_changes_nothing(project, role):
    batch = make_batch(project)
    client = browse(join(project.lab, role))
    page = client.get(of_batch("batch", batch))
    assert page.status_code == 200
    assert "Cancel batch" not in page.content.decode()
    assert {client.post(of_batch(name, batch)).status_code for name in BATCH_POSTS} == {403}
    assert client.get(url("batch_upload", project.lab.slug, project.public_id)).status_code == 403


# ------------------------------------------------------------------------------------------------------------ lists


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_batches_ask_the_database_the_same_however_many(project, client, contract, how_many):
    for number in range(how_many):
        make_batch(project, tasks=2, name=f"Batch {number}")
        make_submitted(contract)
    address = url("batches", project.lab.slug)
    client.get(address)
    with asks(of="work_", times=4):
        page = client.get(address).content.decode()
    assert page.count('<th scope="row">') == how_many


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_tasks_ask_the_database_the_same_however_many(project, client, how_many):
    batch = make_batch(project, tasks=how_many)
    client.get(of_batch("tasks", batch))
    with asks(of="work_", times=3):
        page = client.get(of_batch("tasks", batch)).content.decode()
    assert page.count('<th scope="row"') == how_many


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_review_queue_asks_the_database_the_same_however_long(project, client, contract, how_many):
    make_batch(project, tasks=how_many)
    for _ in range(how_many):
        make_submitted(contract)
    address = url("review_queue", project.lab.slug)
    client.get(address)
    with asks(of="work_", times=4):
        page = client.get(address).content.decode()
    assert page.count("then accepted") == how_many


def test_the_tasks_are_paged_by_position_and_none_is_lost(project, client):
    batch = make_batch(project, tasks=120)
    address, seen = of_batch("tasks", batch), []
    while address:
        page = client.get(address)
        seen += [task.external_id for task, _title in page.context["tasks"]]
        older = page.context["page"].older
        address = f"{of_batch('tasks', batch)}?after={older}" if older else ""
    assert seen == list(Task.objects.in_order().values_list("external_id", flat=True))


def test_tasks_are_found_by_the_beginning_of_their_id_and_by_state(project, client):
    batch = make_batch(project, tasks=3)
    first = Task.objects.in_order()[0]
    Task.objects.filter(pk=first.pk).update(state="BLOCKED", external_id="Special 1")
    for query in ("q=special", "state=BLOCKED"):
        page = client.get(f"{of_batch('tasks', batch)}?{query}")
        assert [task.pk for task, _title in page.context["tasks"]] == [first.pk]
    assert "No task found" in client.get(f"{of_batch('tasks', batch)}?q=nothing").content.decode()


def test_the_batches_can_be_narrowed_to_a_project_and_a_state(project, client):
    batch = make_batch(project)
    other = make_gig(project.lab, title="Another network")
    make_batch(other)
    address = url("batches", project.lab.slug)
    page = client.get(f"{address}?project={project.public_id}&state=LIVE")
    assert [one.pk for one, _tally in page.context["batches"]] == [batch.pk]
    assert client.get(f"{address}?state=NONSENSE&after=x").status_code == 200


# ------------------------------------------------------------------------------------------------------------- task


def test_one_task_tells_its_whole_history(project, client, contract):
    make_batch(project, tasks=1)
    other = make_contract(project)
    claims.skip_task(
        assignment_id=claim(other).pk,
        reason=SkipReason.OUTSIDE_EXPERTISE,
        note="No surgeon.",
        by=other.expert.user,
        now=clock.now(),
    )
    assignment = review(make_submitted(contract), ReviewDecision.SEND_BACK, comment="Name the limit.")
    submit(assignment, why="Above five millimole the remedy waits, and a check after three months is far too late.")
    review(assignment, ReviewDecision.ACCEPT)

    page = client.get(url("task", project.lab.slug, assignment.task.public_id))

    kinds = [event.kind for event in page.context["history"]]
    assert kinds == ["ACCEPTED", "SUBMITTED", "RETURNED", "SUBMITTED", "CLAIMED", "SKIPPED", "CLAIMED"]
    words = page.content.decode()
    assert "No surgeon." in words
    assert "Name the limit." in words
    assert "hidden-model-7" in words
    assert "Imani Okafor" not in words


def test_a_reported_task_is_handed_out_again_from_its_page(project, client, contract):
    make_batch(project, tasks=1)
    for expert in (contract, make_contract(project)):
        claims.skip_task(
            assignment_id=claim(expert).pk, reason=SkipReason.BAD_TASK, note="Cut.", by=expert.expert.user, now=clock.now()
        )  # fmt: skip
    task = Task.objects.get()
    assert "Hand it out again" in client.get(url("task", project.lab.slug, task.public_id)).content.decode()
    client.post(url("task_reopen", project.lab.slug, task.public_id))
    task.refresh_from_db()
    assert task.state == "OPEN"


# ----------------------------------------------------------------------------------------------------------- review


def test_a_reviewer_takes_the_next_one_and_sends_it_back_with_anchored_words(project, contract):
    make_batch(project, tasks=1)
    assignment = make_submitted(contract, now=clock.now())
    client = browse(join(project.lab, LabRole.REVIEWER))
    address = url("review", project.lab.slug, assignment.public_id)
    assert "Take it for review" in client.get(address).content.decode()

    assert client.post(url("review_next", project.lab.slug)).url == address
    page = client.get(address).content.decode()
    assert "Imani Okafor" not in page  # the reviewer knows the expert by the alias only
    assert "E-1" in page
    data = {
        "revision": "1",
        "decision": "SEND_BACK",
        "comment": "Name the limit.",
        "on_verdict": "Too strict.",
        "then": "",
    }
    response = client.post(url("review_decide", project.lab.slug, assignment.public_id), data)

    assert response.url == url("review_queue", project.lab.slug)
    assignment.refresh_from_db()
    assert assignment.state == "RETURNED"
    said = assignment.submissions.get().review
    assert said.field_comments == [{"field": "verdict", "text": "Too strict."}]


def test_a_decision_without_words_comes_back_with_the_reason_beside_the_field(project, contract):
    make_batch(project, tasks=1)
    assignment = make_submitted(contract, now=clock.now())
    client = browse(join(project.lab, LabRole.REVIEWER))
    client.post(url("review_take", project.lab.slug, assignment.public_id))
    address = url("review_decide", project.lab.slug, assignment.public_id)
    response = client.post(address, {"revision": "1", "decision": "REJECT", "comment": ""})
    page = response.content.decode()
    assert response.status_code == 422
    assert "Say in words why. The expert reads it." in page
    assert "Choose the reason for the rejection." in page


def test_decide_and_next_opens_the_next_one(project, contract):
    now = clock.now()
    make_batch(project, tasks=2)
    first, second = make_submitted(contract, now=now), make_submitted(contract, now=now + timedelta(seconds=1))
    client = browse(join(project.lab, LabRole.REVIEWER))
    client.post(url("review_take", project.lab.slug, first.public_id))
    data = {"revision": "1", "decision": "ACCEPT", "comment": "", "then": "next"}
    response = client.post(url("review_decide", project.lab.slug, first.public_id), data)
    assert response.url == url("review", project.lab.slug, second.public_id)
    assert Assignment.objects.get(pk=first.pk).state == "ACCEPTED"


def test_the_second_revision_shows_what_changed_and_what_was_asked(project, contract):
    make_batch(project, tasks=1)
    assignment = review(make_submitted(contract), ReviewDecision.SEND_BACK, comment="Name the limit.")
    submit(assignment, why="Five millimole is the limit, and the remedy starts above it; the check comes too late.")
    page = browse(owner_of(project.lab)).get(url("review", project.lab.slug, assignment.public_id)).content.decode()
    assert "Changed since revision 1" in page
    assert "Name the limit." in page
    assert "<ins>" in page


def test_ones_own_work_offers_no_decision(project, contract):
    from projects.labs.models import Membership

    make_batch(project, tasks=1)
    assignment = make_submitted(contract, now=clock.now())
    Membership.objects.create(lab=project.lab, user=contract.expert.user, role=LabRole.REVIEWER, joined_at=clock.now())
    page = browse(contract.expert.user).get(url("review", project.lab.slug, assignment.public_id)).content.decode()
    assert "This is your own work." in page
    assert "Decide and next" not in page


def test_a_finished_batch_says_so(project, client, contract):
    batch = make_batch(project, tasks=1)
    make_accepted(contract)
    page = client.get(of_batch("batch", batch)).content.decode()
    assert "Finished" in page
    assert "1 of 1 tasks done" in page
