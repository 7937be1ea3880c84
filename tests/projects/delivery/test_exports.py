"""Exports: a snapshot of accepted work, the same bytes however often it is written, taken only by who may."""

from __future__ import annotations

import hashlib
import json
import tracemalloc
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import jsonschema
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.audit.models import AuditEvent
from marketplace.kernel import clock, registry
from marketplace.kernel.errors import Invalid, NotAllowed, Refused
from marketplace.kernel.jobs import MAX_ATTEMPTS, JobState
from marketplace.notices.models import Notification
from projects.delivery import actions
from projects.delivery.actions import record_download, request_export, try_exports_again, write_export
from projects.delivery.models import Export
from projects.delivery.rows import rows_of
from projects.hiring.models import Contract
from projects.labs.enums import LabRole, Scope
from projects.work.actions.reviews import accept_silent
from projects.work.enums import ReviewDecision
from projects.work.kinds import kind_of
from projects.work.models import Submission
from tests.factories.projects_labs import browse, join, make_key, owner_of
from tests.factories.projects_listings import make_gig
from tests.factories.projects_work import (
    KIND,
    NOW,
    asks,
    make_accepted,
    make_batch,
    make_contract,
    make_submitted,
    review,
    submit,
)

LATER = NOW + timedelta(days=8)


@pytest.fixture
def contract(db) -> Contract:
    return make_contract(make_gig())


def export_of(contract: Contract, *, now=LATER) -> Export:
    project = contract.project
    export = request_export(project=project, kind="", by=owner_of(project.lab), now=now)
    write_export(export_id=export.pk, now=now)
    export.refresh_from_db()
    return export


def lines_of(export: Export) -> list[dict[str, object]]:
    with export.file.open("rb") as file:
        return [json.loads(line) for line in file]


def test_an_export_holds_accepted_work_and_nothing_else(contract):
    make_batch(contract.project, tasks=5)
    accepted = make_accepted(contract)
    make_submitted(contract)
    review(make_submitted(contract), ReviewDecision.REJECT, comment="No.")
    review(make_submitted(contract), ReviewDecision.SEND_BACK, comment="Again.")

    export = export_of(contract)

    rows = lines_of(export)
    assert [row["external_id"] for row in rows] == [accepted.task.external_id]
    assert (export.state, export.rows_written, export.rows_total) == ("READY", 1, 1)


def test_a_row_says_what_was_answered_and_where_it_came_from(contract):
    make_batch(contract.project, tasks=1)
    assignment = review(make_submitted(contract), ReviewDecision.SEND_BACK, comment="Name the limit.")
    submit(assignment, why="Five millimole is the limit, and the remedy starts above it; the check comes too late.")
    review(assignment, ReviewDecision.ACCEPT, comment="Good now.")

    row = lines_of(export_of(contract))[0]

    newest = Submission.objects.get(revision=2)
    assert row["submission_id"] == str(newest.public_id)
    assert (row["expert"], row["batch"], row["template_version"]) == ("E-1", "B-1", 1)
    assert (row["revision"], row["times_sent_back"], row["accepted_by"]) == (2, 1, "reviewer")
    assert row["review_comment"] == "Good now."
    assert row["why"].startswith("Five millimole")
    assert row["answer"][row["marks"][0]["start"] : row["marks"][0]["end"]] == row["marks"][0]["quote"]
    assert json.loads(row["metadata"]) == {"model": "hidden-model-7", "verdict": "no"}
    assert row["accepted_at"] == "2026-11-18T09:30:00.000000Z"
    answer = {key: row[key] for key in ("marks", "ratings", "verdict", "why", "confidence")}
    jsonschema.validate(answer, kind_of(KIND).answer_schema)


def test_every_row_has_the_same_keys_in_the_same_order_and_no_null(contract):
    make_batch(contract.project, tasks=3)
    make_accepted(contract)
    make_submitted(contract)
    accept_silent(now=NOW + timedelta(days=7))
    rows = lines_of(export_of(contract))
    assert len({tuple(row) for row in rows}) == 1
    assert [row["accepted_by"] for row in rows] == ["reviewer", "silence"]
    assert [value for row in rows for value in row.values() if value is None] == []


def test_no_name_and_no_address_of_an_expert_is_in_the_file(contract):
    make_batch(contract.project, tasks=1)
    make_accepted(contract)
    export = export_of(contract)
    text = Path(export.file.path).read_text()
    user = contract.expert.user
    for secret in (user.full_name, user.email, str(user.public_id), str(contract.expert.public_id)):
        assert secret not in text


def test_the_fingerprint_is_of_the_very_bytes_and_writing_again_gives_them_again(contract):
    make_batch(contract.project, tasks=2)
    make_accepted(contract)
    export = export_of(contract)
    content = Path(export.file.path).read_bytes()
    assert export.sha256 == hashlib.sha256(content).hexdigest()
    assert export.size_bytes == len(content)
    make_accepted(contract, now=LATER + timedelta(hours=1))  # accepted after the moment of the export

    Export.objects.update(state="QUEUED", job_state="QUEUED", sha256="", file="", ready_at=None)
    write_export(export_id=export.pk, now=LATER + timedelta(hours=1))

    export.refresh_from_db()
    assert Path(export.file.path).read_bytes() == content


def test_a_worker_that_died_half_way_is_followed_by_one_that_writes_it_whole(contract):
    make_batch(contract.project, tasks=1)
    make_accepted(contract)
    export = request_export(project=contract.project, kind=KIND, by=owner_of(contract.project.lab), now=LATER)
    Export.objects.filter(pk=export.pk).claim(now=LATER)  # the worker that dies
    default_storage.save(f"exports/{export.public_id}.jsonl", ContentFile(b'{"half": '))

    assert write_export(export_id=export.pk, now=LATER + timedelta(minutes=5)) is False
    assert write_export(export_id=export.pk, now=LATER + timedelta(minutes=7)) is True
    assert write_export(export_id=export.pk, now=LATER + timedelta(minutes=7)) is False

    export.refresh_from_db()
    assert export.file.name == f"exports/{export.public_id}.jsonl"
    assert len(lines_of(export)) == 1
    assert Notification.objects.filter(kind="exports", title="Your export is ready").count() == 1


def test_an_export_that_keeps_failing_is_given_up_in_words(contract, settings):
    make_batch(contract.project, tasks=1)
    make_accepted(contract)
    export = request_export(project=contract.project, kind=KIND, by=owner_of(contract.project.lab), now=LATER)
    Export.objects.filter(pk=export.pk).update(kind="RED_TEAM", attempts=7)  # a kind without a module
    make = contract.project.batches.update(kind="RED_TEAM")
    assert make == 1

    write_export(export_id=export.pk, now=LATER)

    export.refresh_from_db()
    assert (export.state, export.job_state) == ("FAILED", JobState.PARKED)
    assert Notification.objects.filter(title="An export could not be written").count() == 1


def test_who_writes_slower_than_their_lease_leaves_the_file_and_the_row_to_the_second(contract):
    make_batch(contract.project, tasks=1)
    make_accepted(contract)
    export = request_export(project=contract.project, kind=KIND, by=owner_of(contract.project.lab), now=LATER)
    mine = Export.objects.filter(pk=export.pk)
    mine.claim(now=LATER)
    slow = mine.get()
    mine.claim(now=LATER + timedelta(minutes=7))
    second = mine.values().get()

    actions._note_progress(slow, written=0, total=99)
    actions._finish(slow, file="exports/other.jsonl", rows=99, sha256="0" * 64, size=1, now=LATER)

    assert mine.values().get() == second
    assert write_export(export_id=export.pk, now=LATER + timedelta(minutes=14)) is True
    assert mine.values_list("file", "rows_written").get() == (f"exports/{export.public_id}.jsonl", 1)
    assert Notification.objects.filter(title="Your export is ready").count() == 1


def test_an_export_whose_worker_died_each_time_is_given_up_by_the_sweeps_and_written_when_tried_again(contract):
    make_batch(contract.project, tasks=1)
    make_accepted(contract)
    export = request_export(project=contract.project, kind=KIND, by=owner_of(contract.project.lab), now=LATER)
    mine = Export.objects.filter(pk=export.pk)
    mine.update(job_state=JobState.RUNNING, lease_until=LATER, attempts=MAX_ATTEMPTS)

    later = LATER + timedelta(minutes=7)
    assert registry.sweeps["delivery.exports"](later) == 1  # parks it; no worker is needed for that
    assert [registry.sweeps["delivery.parked_exports"](later) for _ in range(2)] == [1, 0]
    assert mine.values_list("state", "job_state").get() == ("FAILED", JobState.PARKED)
    assert Notification.objects.filter(title="An export could not be written").count() == 1

    assert [try_exports_again(mine, now=later) for _ in range(2)] == [1, 0]
    assert write_export(export_id=export.pk, now=later) is True
    export.refresh_from_db()
    assert (export.state, export.as_of, len(lines_of(export))) == ("READY", LATER, 1)


def test_rows_are_read_in_pieces_with_a_constant_number_of_queries_each(contract):
    make_batch(contract.project, tasks=9)
    for _ in range(9):
        make_accepted(contract)
    export = export_of(contract)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        names = [row["external_id"] for row in rows_of(export, chunk=4)]
    assert len(set(names)) == 9
    assert len(queries) == 2 + 2 * 3 + 1  # project and batches; three pieces with their revisions; the empty one


def test_memory_does_not_grow_with_the_number_of_rows(contract):
    make_batch(contract.project, tasks=40)
    for _ in range(40):
        make_accepted(contract)
    export = export_of(contract)

    def peak(chunk: int) -> int:
        tracemalloc.start()
        for _row in rows_of(export, chunk=chunk):
            pass
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1)
    assert peak(1) < 0.6 * peak(40)


# -------------------------------------------------------------------------------------------------------------- who


def test_only_managers_and_keys_with_the_scope_take_exports(contract):
    make_batch(contract.project, tasks=1)
    make_accepted(contract)
    export = export_of(contract)
    lab = contract.project.lab
    for role in (LabRole.REVIEWER, LabRole.MEMBER):
        person = join(lab, role)
        with pytest.raises(NotAllowed):
            request_export(project=contract.project, kind=KIND, by=person, now=LATER)
        with pytest.raises(NotAllowed):
            record_download(export=export, by=person, now=LATER)
        address = reverse("delivery:export_download", args=[lab.slug, export.public_id])
        assert browse(person).get(address).status_code == 403
    weak, _text = make_key(lab, Scope.TASKS_READ)
    with pytest.raises(NotAllowed):
        request_export(project=contract.project, kind=KIND, by=weak, now=LATER)


def test_nothing_started_is_nothing_to_export(contract):
    owner = owner_of(contract.project.lab)
    with pytest.raises(Refused, match="nothing to export"):
        request_export(project=contract.project, kind="", by=owner, now=LATER)
    make_batch(contract.project, tasks=1)
    with pytest.raises(Invalid, match="no batch of this kind"):
        request_export(project=contract.project, kind="RED_TEAM", by=owner, now=LATER)


def test_a_download_is_an_attachment_and_stands_in_the_audit_trail(contract):
    make_batch(contract.project, tasks=1)
    make_accepted(contract)
    export = export_of(contract)
    lab = contract.project.lab
    client = browse(owner_of(lab))

    response = client.get(reverse("delivery:export_download", args=[lab.slug, export.public_id]))

    assert b"".join(response.streaming_content) == Path(export.file.path).read_bytes()
    assert response["Content-Disposition"].startswith('attachment; filename="larkfield-labs')
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    noted = AuditEvent.objects.get(what="delivery.download_export")
    assert (noted.about_ref, noted.after) == (str(export.public_id), {"sha256": export.sha256})


@pytest.mark.parametrize(
    ("wanted", "status", "part"),
    [
        ("bytes=10-19", 206, slice(10, 20)),
        ("bytes=100-", 206, slice(100, None)),
        ("bytes=-7", 206, slice(-7, None)),
        ("bytes=0-999999999", 206, slice(0, None)),
        ("bytes=999999999-", 416, slice(0, 0)),
        ("bytes=20-10", 416, slice(0, 0)),
        ("bytes=1-2,5-6", 200, slice(0, None)),
        ("elephants=1-2", 200, slice(0, None)),
    ],
)
def test_a_broken_download_goes_on_where_it_stopped(contract, wanted, status, part):
    make_batch(contract.project, tasks=1)
    make_accepted(contract)
    export = export_of(contract)
    lab = contract.project.lab
    address = reverse("delivery:export_download", args=[lab.slug, export.public_id])
    response = browse(owner_of(lab)).get(address, headers={"Range": wanted})
    content = b"".join(response.streaming_content) if response.streaming else response.content
    assert (response.status_code, content) == (status, Path(export.file.path).read_bytes()[part])


def test_a_part_of_a_changed_file_is_answered_with_the_whole(contract):
    make_batch(contract.project, tasks=1)
    make_accepted(contract)
    export = export_of(contract)
    lab = contract.project.lab
    address = reverse("delivery:export_download", args=[lab.slug, export.public_id])
    client = browse(owner_of(lab))
    assert client.get(address, headers={"Range": "bytes=5-9", "If-Range": '"another"'}).status_code == 200
    assert client.get(address, headers={"Range": "bytes=5-9", "If-Range": f'"{export.sha256}"'}).status_code == 206


# ------------------------------------------------------------------------------------------------------------ pages


def test_the_page_asks_for_an_export_and_shows_it(contract):
    make_batch(contract.project, tasks=1)
    make_accepted(contract)
    lab = contract.project.lab
    client = browse(owner_of(lab))
    address = reverse("delivery:exports", args=[lab.slug])
    assert "No export yet" in client.get(address).content.decode()

    response = client.post(address, {"what": f"{contract.project.public_id}:{KIND}"})
    export = Export.objects.get()
    assert response.url == reverse("delivery:export", args=[lab.slug, export.public_id])
    assert "Writing the file" in client.get(response.url).content.decode()
    progress = reverse("delivery:export_progress", args=[lab.slug, export.public_id])
    assert b"<html" not in client.get(progress, headers={"HX-Request": "true"}).content

    write_export(export_id=export.pk, now=clock.now())
    export.refresh_from_db()
    assert client.get(progress, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert export.sha256 in client.get(response.url).content.decode()
    assert client.post(address, {"what": "nonsense"}).status_code == 422


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_exports_ask_the_database_the_same_however_many(contract, how_many):
    make_batch(contract.project, tasks=1)
    for _ in range(how_many):
        export_of(contract)
    client = browse(owner_of(contract.project.lab))
    address = reverse("delivery:exports", args=[contract.project.lab.slug])
    client.get(address)
    with asks(of="delivery_", times=1):
        page = client.get(address).content.decode()
    assert page.count('<th scope="row"') == how_many


def test_another_labs_export_is_as_absent_as_none(contract):
    make_batch(contract.project, tasks=1)
    export = export_of(contract)
    stranger = make_gig().lab
    client = browse(owner_of(stranger))
    for name in ("export", "export_progress", "export_download"):
        for slug in (contract.project.lab.slug, stranger.slug):
            assert client.get(reverse(f"delivery:{name}", args=[slug, export.public_id])).status_code == 404


# -------------------------------------------------------------------------------------------------------------- API


def test_a_program_asks_polls_and_downloads(contract):
    make_batch(contract.project, tasks=1)
    make_accepted(contract)
    _key, text = make_key(contract.project.lab, Scope.EXPORTS)
    client = Client(headers={"Authorization": f"Bearer {text}"})

    asked = client.post(f"/api/v1/projects/{contract.project.public_id}/exports/", {}, content_type="application/json")
    assert (asked.status_code, asked.json()["state"], asked.json()["download"]) == (202, "QUEUED", "")
    address = f"/api/v1/exports/{asked.json()['id']}/"
    early = client.get(address + "download/")
    assert (early.status_code, early.json()["code"]) == (422, "refused")

    write_export(export_id=Export.objects.get().pk, now=clock.now())
    ready = client.get(address).json()
    assert (ready["state"], ready["rows_written"]) == ("READY", 1)
    content = b"".join(client.get(ready["download"]).streaming_content)
    assert hashlib.sha256(content).hexdigest() == ready["sha256"]
    part = client.get(ready["download"], headers={"Range": "bytes=0-3"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, content[:4])
    assert len(client.get(f"/api/v1/projects/{contract.project.public_id}/exports/").json()["results"]) == 1


def test_a_key_without_the_scope_or_of_another_lab_gets_nothing(contract):
    make_batch(contract.project, tasks=1)
    export = export_of(contract)
    _key, weak = make_key(contract.project.lab, Scope.TASKS_READ, Scope.TASKS_WRITE)
    _key, foreign = make_key(make_gig().lab, Scope.EXPORTS)
    for text, status in ((weak, 403), (foreign, 404)):
        client = Client(headers={"Authorization": f"Bearer {text}"})
        for address in (f"exports/{export.public_id}/", f"exports/{export.public_id}/download/"):
            assert client.get(f"/api/v1/{address}").status_code == status
    client = Client(headers={"Authorization": f"Bearer {foreign}"})
    assert client.get(f"/api/v1/exports/{uuid4()}/").status_code == 404
