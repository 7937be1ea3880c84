"""
Reading a batch's file: a durable job that stages rows chunk by chunk and can be killed at any moment.

Each chunk commits its tasks together with the checkpoint (`rows_read`, `bytes_read`), so a row is staged once,
whatever dies when. A slice of work ends after SLICE_SECONDS and rings for the next one, long before the task's time
limit.
"""

from __future__ import annotations

import time
from datetime import datetime
from itertools import islice
from typing import Final

from django.db import transaction

from marketplace.accounts.models import User
from marketplace.kernel.jobs import JobState, finish, perform
from marketplace.kernel.states import require_move
from marketplace.notices.actions import notify
from projects.work import tasks
from projects.work.actions.inserting import insert_tasks
from projects.work.enums import BATCH_MOVES, BatchState
from projects.work.kinds import kind_of
from projects.work.kinds.base import RowError
from projects.work.models import Batch, BatchRowError, Task
from projects.work.reading import Read, Row, UnreadableFileError, read_row, rows_of

CHUNK_ROWS: Final = 1000
CLEAR_ROWS: Final = 5000
ERRORS_KEPT: Final = 1000
SLICE_SECONDS: Final = 150.0


def read_batch(
    *, batch_id: int, now: datetime, chunk_rows: int = CHUNK_ROWS, slice_seconds: float = SLICE_SECONDS
) -> bool:
    """
    Go on with a batch's file as far as one slice goes; return whether this call did it.

    Right when run twice, late, or after a crash: who reads slower than their lease stops at the next chunk, and whoever
    took over goes on from the last checkpoint. For a batch that was cancelled before it started it removes the
    staged tasks instead, so that the file can be sent again.
    """

    def work(batch: Batch) -> None:
        until = time.monotonic() + slice_seconds
        if batch.state == BatchState.CANCELLED:
            _clear(batch)
        elif batch.state == BatchState.STAGED:
            if batch.rows_read == 0:
                _clear(batch)  # What an earlier reading with other columns left.
            _read(batch, until=until, chunk_rows=chunk_rows, now=now)

    return perform(Batch.objects.all(), pk=batch_id, now=now, work=work)


def _read(batch: Batch, *, until: float, chunk_rows: int, now: datetime) -> None:
    problem = ""
    try:
        with batch.file.open("rb") as file:
            rows = rows_of(file, batch.file_format, after=batch.rows_read, offset=batch.bytes_read)
            while chunk := list(islice(rows, chunk_rows)):
                if not stage_chunk(batch, chunk, now=now):
                    return  # Cancelled meanwhile, or in other hands.
                if time.monotonic() > until:
                    _pass_on(batch, now=now)
                    return
    except UnreadableFileError as error:
        problem = str(error)
    _finish_reading(batch, problem=problem, now=now)


@transaction.atomic(durable=True)
def stage_chunk(batch: Batch, rows: list[Row], *, now: datetime) -> bool:
    """Stage one chunk and move the checkpoint; return False if the batch is not ours to read any more."""
    locked = _held(batch)
    if locked is None or locked.state != BatchState.STAGED or locked.rows_read != batch.rows_read:
        return False
    good, refused = _sort(batch, rows)
    done = insert_tasks(batch, good, now=now)
    refused += [(number, "Its external_id is already used by an earlier row of this file.") for number in done.repeated]
    room = ERRORS_KEPT - min(ERRORS_KEPT, locked.rows_refused)
    errors = [BatchRowError(batch=batch, row=number, message=words[:300]) for number, words in sorted(refused)]
    BatchRowError.objects.bulk_create(errors[:room])
    repeated = set(done.repeated)
    locked.rows_read = batch.rows_read = rows[-1].number
    locked.bytes_read = batch.bytes_read = rows[-1].end
    locked.rows_staged += len(done.created)
    locked.rows_duplicate += len(done.duplicates)
    locked.rows_known += len(done.known) - len(repeated)
    locked.rows_changed += len(set(done.changed) - repeated)
    locked.rows_refused += len(refused)
    locked.save(
        update_fields=[
            "rows_read", "bytes_read", "rows_staged", "rows_duplicate", "rows_known", "rows_changed", "rows_refused"
        ]
    )  # fmt: skip
    return True


def _held(batch: Batch) -> Batch | None:
    """Lock and return the row as long as this worker holds it. Needs an open transaction."""
    row: Batch | None = Batch.objects.held(by=batch).select_for_update(of=("self",), no_key=True).first()
    return row


def _sort(batch: Batch, rows: list[Row]) -> tuple[list[tuple[int, Read]], list[tuple[int, str]]]:
    """Return the rows that become tasks, and why the others do not."""
    kind, mapping = kind_of(batch.kind), batch.mapping
    good: list[tuple[int, Read]] = []
    refused: list[tuple[int, str]] = []
    for row in rows:
        if row.problem:
            refused.append((row.number, row.problem))
            continue
        try:
            good.append((row.number, read_row(row.cells, mapping, kind)))
        except RowError as error:
            refused.append((row.number, str(error)))
    return good, refused


@transaction.atomic(durable=True)
def _pass_on(batch: Batch, *, now: datetime) -> None:
    """Give the job back after a slice that made progress."""
    locked = _held(batch)
    if locked is None:
        return
    locked.job_state, locked.attempts, locked.lease_until, locked.not_before = JobState.QUEUED, 0, None, now
    locked.save(update_fields=["job_state", "attempts", "lease_until", "not_before"])
    tasks.read_batch.delay_on_commit(batch_id=str(batch.pk))


@transaction.atomic(durable=True)
def _finish_reading(batch: Batch, *, problem: str, now: datetime) -> None:
    locked = _held(batch)
    if locked is None or locked.state != BatchState.STAGED:
        return
    require_move(BATCH_MOVES, current=locked.state, target=BatchState.READY, what="batch")
    locked.state = BatchState.READY
    locked.read_problem = problem[:300]
    locked.save(update_fields=["state", "read_problem"])
    finish(locked, now=now)
    _tell_sender(locked, now=now)


def _tell_sender(batch: Batch, *, now: datetime) -> None:
    person = User.objects.filter(public_id=batch.created_by_ref).first() if batch.created_by_kind == "user" else None
    if person is None:
        return
    found = [f"{batch.rows_staged} tasks are ready"]
    found += [f"{batch.rows_refused} rows were refused"] * bool(batch.rows_refused)
    found += [f"{batch.rows_duplicate} are duplicates"] * bool(batch.rows_duplicate)
    notify(
        user=person,
        kind="work",
        title=f"{batch} has been read",
        body=", ".join(found) + ". Nothing is handed out before you start the batch.",
        path=f"/lab/{batch.lab.slug}/batches/{batch.public_id}/",
        button="See the result",
        now=now,
    )


def _clear(batch: Batch) -> None:
    """Remove the staged tasks of a batch that never was live, piece by piece."""
    while _clear_some(batch):
        continue


@transaction.atomic(durable=True)
def _clear_some(batch: Batch) -> int:
    locked = _held(batch)
    if locked is None or locked.live_at is not None:
        return 0  # Whoever took over stages rows by now, which are not ours to remove.
    some = Task.objects.filter(batch=batch).order_by("pk").values_list("pk", flat=True)[:CLEAR_ROWS]
    removed, _ = Task.objects.filter(pk__in=list(some)).delete()
    return removed
