"""A batch on its way: staged once whatever dies, read again, cancelled, started; by whom and when."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice

import pytest
from django.db import transaction

from marketplace.kernel.errors import NotAllowed, WrongState
from marketplace.kernel.jobs import JobState
from projects.labs.enums import LabRole
from projects.listings.enums import ProjectState
from projects.listings.models import Project
from projects.work.actions import batches, staging
from projects.work.actions.batches import BatchTerms
from projects.work.enums import BatchState
from projects.work.models import Batch, BatchRowError, Task, TaskTemplate
from projects.work.reading import Read, rows_of
from tests.factories.projects_labs import join, make_key, owner_of
from tests.factories.projects_listings import make_gig
from tests.factories.projects_work import (
    KIND,
    NOW,
    make_batch,
    make_contract,
    mapping_of,
    prompt,
    read_file,
    reads,
    send_small_file,
)
from tests.support.races import Beside, waits_for_a_lock

# ------------------------------------------------------------------------------------------------ killed in the middle


def start(batch: Batch) -> Batch:
    """Confirm the suggested columns; no worker has come yet."""
    return batches.start_reading(
        batch_id=batch.pk, name="x", mapping=mapping_of(batch), terms=BatchTerms(), by=owner_of(batch.lab), now=NOW
    )


def stage(batch: Batch, rows: int) -> bool:
    """Do what a worker does for one chunk, and no more: as if it died, or slept, right after the commit."""
    with batch.file.open("rb") as file:
        chunk = list(islice(rows_of(file, "csv", after=batch.rows_read, offset=batch.bytes_read), rows))
    return staging.stage_chunk(batch, chunk, now=NOW)


def test_a_worker_that_dies_between_chunks_is_followed_by_one_that_goes_on(project):
    batch = start(send_small_file(project))
    batch = claimed(batch)
    stage(batch, 5)
    stage(batch, 5)
    batch.refresh_from_db()
    assert (batch.rows_read, batch.rows_staged, batch.job_state) == (10, 10, JobState.RUNNING)

    assert staging.read_batch(batch_id=batch.pk, now=NOW + timedelta(minutes=5)) is False  # the lease still runs
    assert staging.read_batch(batch_id=batch.pk, now=NOW + timedelta(minutes=7)) is True

    batch.refresh_from_db()
    assert (batch.state, batch.job_state, batch.rows_read, batch.rows_staged) == ("READY", JobState.DONE, 12, 12)
    assert Task.objects.count() == 12


def claimed(batch: Batch, now=NOW) -> Batch:
    """Return the batch as the worker has it that claims it now."""
    assert Batch.objects.filter(pk=batch.pk).claim(now=now) == 1
    return Batch.objects.get(pk=batch.pk)


def test_a_worker_that_wakes_up_after_another_went_on_stages_nothing(project):
    sleeper = claimed(start(send_small_file(project)))
    ahead = claimed(sleeper, now=NOW + timedelta(minutes=7))
    assert stage(sleeper, 5) is False  # although nobody is ahead yet: the lease is the other's
    assert stage(ahead, 5) is True

    assert stage(sleeper, 5) is False
    assert Task.objects.count() == 5


def test_a_worker_that_wakes_up_after_another_went_on_removes_and_ends_nothing(project):
    """It would clear what an earlier reading left, pass the batch on, or say that all has been read."""
    sleeper = claimed(start(send_small_file(project)))
    ahead = claimed(sleeper, now=NOW + timedelta(minutes=7))
    assert stage(ahead, 5) is True

    staging._clear(sleeper)
    staging._pass_on(sleeper, now=NOW)
    staging._finish_reading(sleeper, problem="", now=NOW)

    row = Batch.objects.get(pk=sleeper.pk)
    assert (row.state, row.job_state, row.attempts, row.lease_until) == (
        "STAGED", JobState.RUNNING, 2, ahead.lease_until
    )  # fmt: skip
    assert Task.objects.count() == 5
    assert stage(ahead, 5) is True


def test_two_workers_on_one_file_stage_each_row_once(project):
    batch = start(send_small_file(project))
    assert staging.read_batch(batch_id=batch.pk, now=NOW) is True
    assert staging.read_batch(batch_id=batch.pk, now=NOW) is False
    assert Task.objects.count() == 12


def test_a_slice_that_is_over_passes_the_rest_on(project):
    batch = start(send_small_file(project))
    staging.read_batch(batch_id=batch.pk, now=NOW, chunk_rows=5, slice_seconds=-1)
    batch.refresh_from_db()
    assert (batch.state, batch.job_state, batch.rows_read, batch.attempts) == ("STAGED", JobState.QUEUED, 5, 0)

    while Batch.objects.with_file_work().exists():
        staging.read_batch(batch_id=batch.pk, now=NOW, chunk_rows=5, slice_seconds=-1)

    batch.refresh_from_db()
    assert (batch.state, batch.rows_staged) == ("READY", 12)


def test_an_unclosed_quote_ends_the_reading_in_words(project):
    batch = read_file(send_small_file(project, text=b'id,question,answer\nA,Q,X\nB,"Q2,Y\n' + b"Z,Z,Z\n" * 40_000))

    assert batch.state == BatchState.READY
    assert batch.rows_staged == 1
    assert BatchRowError.objects.get().message.startswith("A cell is longer than 131,072 characters; perhaps a quote")


# ----------------------------------------------------------------------------------------- reading again, cancelling


def test_other_columns_may_be_chosen_after_the_dry_run(project):
    batch = read_file(send_small_file(project))
    mapping = mapping_of(batch) | {"year": "fact"}
    batches.start_reading(
        batch_id=batch.pk, name="x", mapping=mapping, terms=BatchTerms(overlap=2), by=owner_of(project.lab), now=NOW
    )
    staging.read_batch(batch_id=batch.pk, now=NOW)

    batch.refresh_from_db()
    assert (batch.state, batch.rows_staged, Task.objects.count()) == ("READY", 12, 12)
    task = Task.objects.get(external_id="R-001")
    assert (task.prompt["facts"], task.overlap, task.open_slots) == ([{"label": "Year", "value": "2026"}], 2, 2)


def test_cancelling_an_unstarted_batch_frees_its_ids_for_the_corrected_file(project):
    batch = read_file(send_small_file(project))
    batches.cancel_batch(batch_id=batch.pk, by=owner_of(project.lab), now=NOW)
    assert Batch.objects.with_file_work().get() == batch
    staging.read_batch(batch_id=batch.pk, now=NOW)

    assert Task.objects.count() == 0
    assert not Batch.objects.with_file_work().exists()
    assert read_file(send_small_file(project)).rows_staged == 12


def test_cancelling_while_a_worker_reads_stops_it(project):
    batch = start(send_small_file(project))
    stage(batch, 5)
    batches.cancel_batch(batch_id=batch.pk, by=owner_of(project.lab), now=NOW)

    assert stage(batch, 5) is False
    staging.read_batch(batch_id=batch.pk, now=NOW)
    assert Task.objects.count() == 0


def test_a_started_batch_keeps_its_tasks_when_it_is_cancelled_and_work_in_hand_is_taken(project):
    from tests.factories.projects_work import claim, submit

    batch = make_batch(project, tasks=2)
    assignment = claim(make_contract(project))
    batches.cancel_batch(batch_id=batch.pk, by=owner_of(project.lab), now=NOW)

    assert Task.objects.count() == 2
    assert submit(assignment).state == "SUBMITTED"


# --------------------------------------------------------------------------------------------- who, when, what else


@pytest.mark.parametrize("role", [LabRole.REVIEWER, LabRole.MEMBER])
def test_only_managers_run_batches(project, role):
    person = join(project.lab, role)
    batch = make_batch(project, live=False)
    with pytest.raises(NotAllowed):
        send_small_file(project, by=person)
    for action in (batches.finalize_batch, batches.pause_batch, batches.resume_batch, batches.cancel_batch):
        with pytest.raises(NotAllowed):
            action(batch_id=batch.pk, by=person, now=NOW)


def test_a_key_needs_the_scope_to_write_tasks(project):
    from projects.labs.enums import Scope

    reader, _ = make_key(project.lab, Scope.TASKS_READ)
    writer, _ = make_key(project.lab, Scope.TASKS_WRITE)
    with pytest.raises(NotAllowed):
        batches.create_batch(project=project, kind=KIND, name="x", terms=BatchTerms(), by=reader, now=NOW)
    batch = batches.create_batch(project=project, kind=KIND, name="x", terms=BatchTerms(), by=writer, now=NOW)
    assert (batch.created_by_kind, batch.created_by_ref) == ("api_key", str(writer.public_id))


def test_a_started_batch_takes_no_more_rows(project):
    batch = make_batch(project)
    with pytest.raises(WrongState, match="not finalized yet"):
        batches.add_tasks(batch_id=batch.pk, rows=reads(1), by=owner_of(project.lab), now=NOW)
    with pytest.raises(WrongState):
        batches.finalize_batch(batch_id=batch.pk, by=owner_of(project.lab), now=NOW)


def test_a_paused_or_finished_batch_is_not_started_a_second_time(project):
    batch, by = make_batch(project), owner_of(project.lab)
    batches.pause_batch(batch_id=batch.pk, by=by, now=NOW)
    with pytest.raises(WrongState, match="started before"):
        batches.finalize_batch(batch_id=batch.pk, by=by, now=NOW + timedelta(days=1))
    Batch.objects.update(state=BatchState.FINISHED)
    with pytest.raises(WrongState, match="finished now"):
        batches.finalize_batch(batch_id=batch.pk, by=by, now=NOW + timedelta(days=1))
    assert Batch.objects.get().live_at == NOW


def test_adding_the_same_rows_twice_through_a_program_adds_them_once(project):
    batch = make_batch(project, live=False, rows=[])
    rows = [Read("A", prompt(1), {}), Read("B", prompt(2), {})]
    first = batches.add_tasks(batch_id=batch.pk, rows=rows, by=owner_of(project.lab), now=NOW)
    again = batches.add_tasks(batch_id=batch.pk, rows=rows, by=owner_of(project.lab), now=NOW)

    assert (first.created, first.known) == (["A", "B"], [])
    assert (again.created, again.known, again.changed) == ([], ["A", "B"], [])
    assert Task.objects.count() == 2


def test_the_same_instructions_are_one_template_version_and_new_ones_another(project):
    for instructions in ("One", "One", "Two"):
        terms = BatchTerms(instructions=instructions)
        batches.create_batch(project=project, kind=KIND, name="x", terms=terms, by=owner_of(project.lab), now=NOW)
    assert list(TaskTemplate.objects.order_by("version").values_list("version", "instructions")) == [
        (1, "One"),
        (2, "Two"),
    ]
    assert list(Batch.objects.order_by("number").values_list("template__version", flat=True)) == [1, 1, 2]


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_waited_while_its_project_was_closed_is_not_made():
    project = make_gig()
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        making = Beside(lambda: make_batch(project))
        assert waits_for_a_lock(making)
        Project.objects.filter(pk=project.pk).update(state=ProjectState.CLOSED)

    with pytest.raises(WrongState, match="takes no more tasks"):
        making.done()
    assert not Batch.objects.exists()
