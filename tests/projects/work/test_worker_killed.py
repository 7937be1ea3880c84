"""A real worker is killed in the middle of a file and of an export; another one goes on."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from marketplace.kernel import clock, registry
from marketplace.kernel.jobs import JobState
from projects.delivery.actions import request_export
from projects.work.actions import batches
from projects.work.actions.batches import BatchTerms
from projects.work.models import Batch, Task
from tests.factories.projects_labs import owner_of
from tests.factories.projects_listings import make_gig
from tests.factories.projects_work import (
    KIND,
    claim,
    make_batch,
    make_contract,
    make_submitted,
    mapping_of,
    send_small_file,
)
from tests.support.processes import Worker, wait_until

ROWS = 30_000


def large_file() -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["external_id", "question", "answer"])
    writer.writerows([f"L-{number}", f"Question {number}?", f"Answer {number}, " + "x" * 200] for number in range(ROWS))
    return text.getvalue().encode()


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_of_a_file_loses_and_doubles_no_row(
    make_worker: Callable[..., Worker], tmp_path: Path
):
    project = make_gig()
    batch = send_small_file(project, text=large_file())
    stored = Path(settings.MEDIA_ROOT) / batch.file.name
    there = tmp_path / "data" / "files" / batch.file.name
    there.parent.mkdir(parents=True)
    shutil.copy(stored, there)
    batches.start_reading(
        batch_id=batch.pk,
        name="Large",
        mapping=mapping_of(batch),
        terms=BatchTerms(),
        by=owner_of(project.lab),
        now=clock.now(),
    )

    worker = make_worker(queues="default")
    wait_until(lambda: Batch.objects.get(pk=batch.pk).rows_read > 0, what="the first rows", within=60)
    worker.kill()
    batch.refresh_from_db()
    assert 0 < batch.rows_read < ROWS
    assert batch.job_state == JobState.RUNNING
    assert Task.objects.count() == batch.rows_staged == batch.rows_read

    worker.restart()
    later = clock.now() + timedelta(minutes=7)  # when the dead worker's lease is over
    Batch.objects.filter(pk=batch.pk).update(lease_until=clock.now() - timedelta(seconds=1))
    assert registry.sweeps["work.batches"](later) == 1
    wait_until(lambda: Batch.objects.get(pk=batch.pk).state == "READY", what="the rest", within=120)

    batch.refresh_from_db()
    assert (batch.rows_read, batch.rows_staged, batch.rows_known, batch.rows_refused) == (ROWS, ROWS, 0, 0)
    assert Task.objects.count() == ROWS
    assert Task.objects.values("external_id").distinct().count() == ROWS


@pytest.mark.django_db
def test_the_sweeps_ring_what_a_flushed_broker_forgot(valkey: str):
    """The rows are the queue: files, exports, leases and silent reviews are found without any message."""
    now = clock.now()
    contract = make_contract(make_gig())
    make_batch(contract.project, tasks=3)
    make_submitted(contract, now=now - timedelta(days=8))
    claim(contract, now=now - timedelta(hours=1))
    batch = send_small_file(contract.project)
    batches.start_reading(
        batch_id=batch.pk, name="x", mapping=mapping_of(batch), terms=BatchTerms(), by=owner_of(batch.lab), now=now
    )
    request_export(project=contract.project, kind=KIND, by=owner_of(batch.lab), now=now)

    names = ("work.batches", "work.leases", "work.silent_reviews", "work.corrections", "delivery.exports")
    assert {name: registry.sweeps[name](now) for name in names} == {
        "work.batches": 1,
        "work.leases": 1,
        "work.silent_reviews": 1,
        "work.corrections": 0,
        "delivery.exports": 1,
    }
