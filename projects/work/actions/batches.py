"""Batches: sending a file, saying what its columns are, starting, pausing, resuming and cancelling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import IO, Any, cast

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max

from marketplace.audit.actions import record
from marketplace.kernel.actors import Actor
from marketplace.kernel.errors import Invalid, Refused, WrongState
from marketplace.kernel.ids import new_public_id
from marketplace.kernel.jobs import JobState
from marketplace.kernel.states import require_move
from marketplace.kernel.uploads import Upload, examine
from marketplace.notices.actions import notify
from projects.listings.enums import ProjectState
from projects.listings.models import Project
from projects.work import policies, tasks
from projects.work.actions.inserting import id_of, insert_tasks
from projects.work.enums import BATCH_MOVES, TASK_MOVES, BatchState, TaskState
from projects.work.kinds import all_kinds, kind_of
from projects.work.kinds.base import EXTERNAL_ID, SHARED_TARGETS
from projects.work.models import Batch, BatchRowError, Task, TaskTemplate
from projects.work.queries.batches import experts_waiting, newest_template
from projects.work.reading import MAX_FILE_BYTES, Read, UnreadableFileError, peek

BATCH_FILES = frozenset({"csv", "jsonl"})


@dataclass(frozen=True, slots=True)
class BatchTerms:
    """How a batch is worked on."""

    instructions: str = ""
    overlap: int = 1
    minutes_expected: int = 15
    priority: int = 0


def send_file(*, project: Project, upload: File[bytes], kind: str, name: str, by: Actor, now: datetime) -> Batch:
    """
    Keep a lab's file and make a batch of it whose columns are still to be confirmed.

    Two steps, and no transaction is open while the file is written. A crash between them leaves a file without a row.

    :raises NotAllowed: if `by` may not run batches of this lab.
    :raises Invalid: if it is no CSV or JSON Lines file, too large, or has no row that can be read.
    """
    policies.require_may_run_batches(project.lab, by)
    found = require_table(upload)
    stored = default_storage.save(f"batches/{new_public_id()}.{found.extension}", upload)
    return _create(project=project, kind=kind, name=name, by=by, now=now, file=stored, found=found)


def require_table(upload: File[bytes]) -> Upload:
    """
    Return what the file is, if it is one that can become tasks. Reads it once for its fingerprint, and its first rows.

    :raises Invalid: if it is no CSV or JSON Lines file, too large, or has no row that can be read.
    """
    found = examine(upload, allowed=BATCH_FILES, max_bytes=MAX_FILE_BYTES)
    try:
        peek(cast("IO[bytes]", upload), found.extension)
    except UnreadableFileError as error:
        raise Invalid(str(error), field="file") from error
    upload.seek(0)
    return found


@transaction.atomic(durable=True)
def create_batch(*, project: Project, kind: str, name: str, terms: BatchTerms, by: Actor, now: datetime) -> Batch:
    """
    Make an empty batch that a program fills through the API and then finalizes.

    :raises NotAllowed: if `by` may not run batches of this lab.
    :raises Invalid: if no workbench runs this kind.
    """
    policies.require_may_run_batches(project.lab, by)
    return _new_batch(project=project, kind=kind, name=name, terms=terms, by=by, now=now)


@transaction.atomic(durable=True)
def _create(*, project: Project, kind: str, name: str, by: Actor, now: datetime, file: str, found: Upload) -> Batch:
    newest = newest_template(project, kind)
    terms = BatchTerms(
        instructions=newest.instructions if newest else "",
        minutes_expected=kind_of(kind).minutes if kind in all_kinds() else 15,
    )
    return _new_batch(
        project=project,
        kind=kind,
        name=name.strip() or PurePath(found.original_name).stem.replace("_", " ").strip()[:120],
        terms=terms,
        by=by,
        now=now,
        file=file,
        file_format=found.extension,
        original_name=found.original_name,
        bytes_total=found.size_bytes,
    )


def _new_batch(
    *, project: Project, kind: str, name: str, terms: BatchTerms, by: Actor, now: datetime, **file: Any
) -> Batch:
    if kind not in all_kinds():
        raise Invalid("There is no workbench for this kind of task yet.", field="kind")
    # Locked, so that numbers are given one by one; and the state is that of now, not of the page that asks.
    project = Project.objects.select_for_update(of=("self",), no_key=True).select_related("lab").get(pk=project.pk)
    if project.state == ProjectState.CLOSED:
        raise WrongState("This project is closed, so it takes no more tasks.")
    last = Batch.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0
    batch: Batch = Batch.objects.create(
        lab=project.lab,
        project=project,
        number=last + 1,
        name=name,
        kind=kind,
        template=_template(project, kind, terms.instructions, now=now),
        overlap=terms.overlap,
        priority=terms.priority,
        minutes_expected=terms.minutes_expected,
        created_by_kind=by.actor_kind,
        created_by_ref=by.actor_ref,
        created_at=now,
        job_state=JobState.DONE,  # There is nothing to read before the columns are confirmed.
        not_before=now,
        queued_at=now,
        **file,
    )
    record(what="work.create_batch", by=by, about=batch, now=now, after={"name": name, "kind": kind})
    return batch


def _template(project: Project, kind: str, instructions: str, *, now: datetime) -> TaskTemplate:
    """Return the newest version if it says the same, else a new one. Needs an open transaction."""
    newest = newest_template(project, kind)
    if newest is not None and newest.instructions == instructions:
        return newest
    version = newest.version + 1 if newest else 1
    return TaskTemplate.objects.create(
        project=project, kind=kind, version=version, instructions=instructions, created_at=now
    )


@transaction.atomic(durable=True)
def start_reading(
    *, batch_id: int, name: str, mapping: dict[str, str], terms: BatchTerms, by: Actor, now: datetime
) -> Batch:
    """
    Confirm what each column becomes and let a worker read the file. A batch that was read may be read again.

    :raises NotAllowed: if `by` may not run batches of this lab.
    :raises WrongState: if the batch is being read, was started, or has no file.
    :raises Invalid: if a needed part has no column, or one part has two.
    """
    batch = _locked(batch_id)
    policies.require_may_run_batches(batch.lab, by)
    require_move(BATCH_MOVES, current=batch.state, target=BatchState.STAGED, what="batch")
    if not batch.file:
        raise WrongState("This batch is filled through the API, so there is no file to read.")
    _require_whole_mapping(batch.kind, mapping)
    batch.name = name
    batch.mapping = mapping
    batch.template = _template(batch.project, batch.kind, terms.instructions, now=now)
    batch.overlap, batch.priority, batch.minutes_expected = terms.overlap, terms.priority, terms.minutes_expected
    batch.state = BatchState.STAGED
    for counter in ("rows_read", "bytes_read", "rows_staged", "rows_refused", "rows_known", "rows_changed", "attempts"):
        setattr(batch, counter, 0)
    batch.rows_duplicate, batch.read_problem, batch.last_error = 0, "", ""
    batch.job_state, batch.not_before, batch.queued_at, batch.lease_until = JobState.QUEUED, now, now, None
    batch.save()
    BatchRowError.objects.filter(batch=batch).delete()
    record(what="work.start_reading", by=by, about=batch, now=now, after={"mapping": mapping, "overlap": terms.overlap})
    tasks.read_batch.delay_on_commit(batch_id=str(batch.pk))
    return batch


def _require_whole_mapping(kind: str, mapping: dict[str, str]) -> None:
    columns = kind_of(kind).columns
    single = {column.target: column.label for column in columns} | {EXTERNAL_ID: "Your id of the task"}
    known = set(single) | {target for target, _ in SHARED_TARGETS}
    if set(mapping.values()) - known:
        raise Invalid("A column becomes something that this kind of task does not have.", field="mapping")
    for target, label in single.items():
        if list(mapping.values()).count(target) > 1:
            raise Invalid(f"Two columns become “{label}”. Choose one of them.", field="mapping")
    missing = [column.label for column in columns if column.required and column.target not in mapping.values()]
    if missing:
        raise Invalid(f"No column becomes “{missing[0]}”. Every task needs it.", field="mapping")


@dataclass(frozen=True, slots=True)
class Added:
    """What became of tasks that a program sent, by external_id."""

    created: list[str]
    duplicates: list[str]
    known: list[str]
    changed: list[str]


@transaction.atomic(durable=True)
def add_tasks(*, batch_id: int, rows: Sequence[Read], by: Actor, now: datetime) -> Added:
    """
    Put tasks into a batch that a program fills; those whose external_id the project has are left untouched.

    :raises NotAllowed: if `by` may not run batches of this lab.
    :raises WrongState: if the batch was started, or is read from a file.
    """
    batch = _locked(batch_id)
    policies.require_may_run_batches(batch.lab, by)
    if batch.state != BatchState.DRAFT or batch.file:
        raise WrongState("Tasks can be added to a batch that was created through the API and not finalized yet.")
    numbered = list(enumerate(rows, start=batch.rows_read + 1))
    done = insert_tasks(batch, numbered, now=now)
    batch.rows_read += len(numbered)
    batch.rows_staged += len(done.created)
    batch.rows_duplicate += len(done.duplicates)
    batch.rows_known += len(done.known)
    batch.rows_changed += len(done.changed)
    batch.save(update_fields=["rows_read", "rows_staged", "rows_duplicate", "rows_known", "rows_changed"])
    names = {number: id_of(batch, number, read) for number, read in numbered}
    lists = (done.created, done.duplicates, done.known, done.changed)
    return Added(*([names[number] for number in sorted(one)] for one in lists))


@transaction.atomic(durable=True)
def finalize_batch(*, batch_id: int, by: Actor, now: datetime, include_duplicates: bool = False) -> Batch:
    """
    Start the batch: its tasks are handed out from now on.

    :param include_duplicates: hand out tasks whose content the project already has, instead of leaving them out.
    :raises NotAllowed: if `by` may not run batches of this lab.
    :raises WrongState: if it is being read, or was started before.
    :raises Refused: if there is no task in it.
    """
    batch = _locked(batch_id)
    policies.require_may_run_batches(batch.lab, by)
    if batch.state == BatchState.DRAFT and batch.file:
        raise WrongState("Say what the columns of the file are first; then it is read and can be started.")
    require_move(BATCH_MOVES, current=batch.state, target=BatchState.LIVE, what="batch")
    if batch.live_at is not None:
        raise WrongState("This batch was started before. A paused one is resumed.")
    total = batch.rows_staged + (batch.rows_duplicate if include_duplicates else 0)
    if not total:
        raise Refused("There is no task in this batch, so there is nothing to start.")
    if batch.rows_duplicate:
        target = TaskState.OPEN if include_duplicates else TaskState.CANCELLED
        require_move(TASK_MOVES, current=TaskState.STAGED, target=target, what="task")
        Task.objects.filter(batch=batch, state=TaskState.STAGED).update(state=target)
    batch.state, batch.live_at, batch.tasks_total = BatchState.LIVE, now, total
    batch.save(update_fields=["state", "live_at", "tasks_total"])
    after = {"tasks": total, "duplicates_included": include_duplicates}
    record(what="work.finalize_batch", by=by, about=batch, now=now, after=after)
    for user in experts_waiting(batch.project):
        notify(
            user=user,
            kind="work",
            title=f"New tasks in {batch.project.title}",
            body=f"{total} tasks of the kind “{batch.get_kind_display()}” can be taken now.",
            path="/me/work/",
            button="Go to work",
            now=now,
        )
    return batch


@transaction.atomic(durable=True)
def pause_batch(*, batch_id: int, by: Actor, now: datetime) -> Batch:
    """
    Hand out no more tasks of this batch. Who has one finishes it.

    :raises NotAllowed: if `by` may not run batches of this lab.
    :raises WrongState: if it is not live.
    """
    return _move(batch_id, BatchState.PAUSED, what="work.pause_batch", by=by, now=now)


@transaction.atomic(durable=True)
def resume_batch(*, batch_id: int, by: Actor, now: datetime) -> Batch:
    """
    Hand out tasks of a paused batch again.

    :raises NotAllowed: if `by` may not run batches of this lab.
    :raises WrongState: if it is not paused.
    """
    return _move(batch_id, BatchState.LIVE, what="work.resume_batch", by=by, now=now)


@transaction.atomic(durable=True)
def cancel_batch(*, batch_id: int, by: Actor, now: datetime) -> Batch:
    """
    End the batch for good. Work in hand may still be submitted and is reviewed; nothing more is handed out.

    The staged tasks of a batch that never started are removed, so that the corrected file can be sent again.

    :raises NotAllowed: if `by` may not run batches of this lab.
    :raises WrongState: if it is finished or cancelled already.
    """
    batch = _move(batch_id, BatchState.CANCELLED, what="work.cancel_batch", by=by, now=now)
    if batch.live_at is None:
        batch.job_state, batch.not_before, batch.attempts, batch.lease_until = JobState.QUEUED, now, 0, None
        batch.save(update_fields=["job_state", "not_before", "attempts", "lease_until"])
        tasks.read_batch.delay_on_commit(batch_id=str(batch.pk))
    return batch


def _move(batch_id: int, target: BatchState, *, what: str, by: Actor, now: datetime) -> Batch:
    batch = _locked(batch_id)
    policies.require_may_run_batches(batch.lab, by)
    if target == BatchState.LIVE and batch.state != BatchState.PAUSED:
        raise WrongState("Only a paused batch can be resumed.")
    require_move(BATCH_MOVES, current=batch.state, target=target, what="batch")
    before = batch.state
    batch.state = target
    batch.save(update_fields=["state"])
    record(what=what, by=by, about=batch, now=now, before={"state": before}, after={"state": target})
    return batch


def _locked(batch_id: int) -> Batch:
    rows = Batch.objects.select_related("lab", "project").select_for_update(of=("self",), no_key=True)
    return rows.get(pk=batch_id)
