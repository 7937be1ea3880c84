"""Exports: a snapshot of accepted work, the same bytes however often it is written."""

from __future__ import annotations

import hashlib
import json
import tracemalloc
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.kernel import registry
from marketplace.kernel.jobs import MAX_ATTEMPTS, JobState
from marketplace.notices.models import Notification
from projects.delivery import actions
from projects.delivery.actions import request_export, try_exports_again, write_export
from projects.delivery.models import Export
from projects.delivery.rows import rows_of
from projects.work.actions.reviews import accept_silent
from projects.work.enums import ReviewDecision
from projects.work.kinds import kind_of
from projects.work.models import Submission
from tests.factories.projects_delivery import LATER, export_of, lines_of
from tests.factories.projects_labs import owner_of
from tests.factories.projects_work import (
    KIND,
    NOW,
    make_accepted,
    make_batch,
    make_submitted,
    review,
    submit,
)


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


@pytest.mark.full
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
