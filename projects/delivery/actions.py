"""Exports: asking for one, writing it, and noting who took it."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import IO

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.actors import Actor
from marketplace.kernel.errors import Invalid, Refused
from marketplace.kernel.jobs import JobState, finish, perform, try_again
from marketplace.kernel.states import require_move
from marketplace.notices.actions import notify
from projects.delivery import policies, tasks
from projects.delivery.enums import EXPORT_MOVES, ExportState
from projects.delivery.models import Export, ExportQuerySet
from projects.delivery.rows import count_rows, rows_of
from projects.listings.models import Project
from projects.work.kinds import all_kinds
from projects.work.models import Batch

PROGRESS_EVERY = 1000
SWEEP_LIMIT = 200


@transaction.atomic(durable=True)
def request_export(*, project: Project, kind: str, by: Actor, now: datetime) -> Export:
    """
    Ask for a file of the accepted work of a project as it stands now. A worker writes it.

    :param kind: one kind of task; may be empty when the project has batches of one kind only.
    :raises NotAllowed: if `by` may not take exports of this lab.
    :raises Invalid: if the kind must be said, or the project has no batch of it.
    """
    policies.require_may_export(project.lab, by)
    export: Export = Export.objects.create(
        lab=project.lab,
        project=project,
        kind=_one_kind(project, kind),
        as_of=now,
        asked_by_kind=by.actor_kind,
        asked_by_ref=by.actor_ref,
        asked_at=now,
        not_before=now,
        queued_at=now,
    )
    record(what="delivery.request_export", by=by, about=export, now=now, after={"kind": export.kind})
    tasks.write_export.delay_on_commit(export_id=str(export.pk))
    return export


def _one_kind(project: Project, kind: str) -> str:
    started = Batch.objects.filter(project=project, live_at__isnull=False)
    kinds = sorted(set(started.values_list("kind", flat=True)) & set(all_kinds()))
    if not kinds:
        raise Refused("No batch of this project was started yet, so there is nothing to export.")
    if kind and kind not in kinds:
        raise Invalid("This project has no batch of this kind of task.", field="kind")
    if not kind and len(kinds) > 1:
        raise Invalid("This project has several kinds of task. Say which one: a file holds one kind.", field="kind")
    return kind or kinds[0]


def write_export(*, export_id: int, now: datetime) -> bool:
    """
    Write the file of an export; return whether this call did it.

    Right when run twice, late, or after a crash: the rows are a snapshot as of a moment, so writing again gives the
    same bytes, and a half-written file is replaced. Who writes slower than their lease leaves the file to the next.
    """

    def work(export: Export) -> None:
        with tempfile.TemporaryFile() as file:
            rows, digest, size = _write(export, file)
            if not Export.objects.held(by=export).exists():
                return  # The file under this name is somebody else's by now.
            file.seek(0)
            name = f"exports/{export.public_id}.jsonl"
            default_storage.delete(name)
            stored = default_storage.save(name, File(file))
        _finish(export, file=stored, rows=rows, sha256=digest, size=size, now=now)

    exports = Export.objects.select_related("project", "lab")
    done = perform(exports, pk=export_id, now=now, work=work)
    if not done:
        _give_up_if_parked(export_id=export_id, now=now)
    return done


def _write(export: Export, file: IO[bytes]) -> tuple[int, str, int]:
    """Write the rows as JSON Lines, a piece at a time; return how many, their SHA-256 and how many bytes."""
    _note_progress(export, written=0, total=count_rows(export))
    digest, size, written = hashlib.sha256(), 0, 0
    for piece in _pieces(rows_of(export)):
        text = b"".join(json.dumps(row, ensure_ascii=False, allow_nan=False).encode() + b"\n" for row in piece)
        file.write(text)
        digest.update(text)
        size += len(text)
        written += len(piece)
        _note_progress(export, written=written)
    return written, digest.hexdigest(), size


def _pieces(rows: Iterator[dict[str, object]]) -> Iterator[list[dict[str, object]]]:
    while piece := list(islice(rows, PROGRESS_EVERY)):
        yield piece


@transaction.atomic(durable=True)
def _note_progress(export: Export, *, written: int, total: int | None = None) -> None:
    values = {"rows_written": written} | ({} if total is None else {"rows_total": total})
    Export.objects.held(by=export).update(**values)


@transaction.atomic(durable=True)
def _finish(export: Export, *, file: str, rows: int, sha256: str, size: int, now: datetime) -> None:
    mine = Export.objects.held(by=export).select_related("lab")
    locked: Export | None = mine.select_for_update(of=("self",), no_key=True).first()
    if locked is None or locked.state != ExportState.QUEUED:
        return
    require_move(EXPORT_MOVES, current=locked.state, target=ExportState.READY, what="export")
    locked.state, locked.ready_at, locked.file = ExportState.READY, now, file
    locked.rows_written = locked.rows_total = rows
    locked.sha256, locked.size_bytes = sha256, size
    locked.save(update_fields=["state", "ready_at", "file", "rows_written", "rows_total", "sha256", "size_bytes"])
    finish(locked, now=now)
    _tell(locked, title="Your export is ready", body=f"{rows} accepted submissions, {size} bytes.", now=now)


def give_up_parked_exports(*, now: datetime) -> int:
    """Tell those who asked for exports that were parked that none comes for now; return how many. Run by a sweep."""
    ids = list(Export.objects.parked().to_write().order_by("pk").values_list("pk", flat=True)[:SWEEP_LIMIT])
    for pk in ids:
        _give_up_if_parked(export_id=pk, now=now)
    return len(ids)


def try_exports_again(parked: ExportQuerySet, *, now: datetime) -> int:
    """
    Have parked exports of this set written after all, as of the moment they were asked for; return how many.

    Their lab was told that none comes; it is told again when the file is there.
    """
    require_move(EXPORT_MOVES, current=ExportState.FAILED, target=ExportState.QUEUED, what="export")
    given_up = parked.filter(state__in=[ExportState.FAILED, ExportState.QUEUED])
    return try_again(given_up, now=now, state=ExportState.QUEUED)


@transaction.atomic(durable=True)
def _give_up_if_parked(*, export_id: int, now: datetime) -> None:
    export = Export.objects.select_for_update(of=("self",), no_key=True).select_related("lab").get(pk=export_id)
    if export.job_state != JobState.PARKED or export.state != ExportState.QUEUED:
        return
    require_move(EXPORT_MOVES, current=export.state, target=ExportState.FAILED, what="export")
    export.state = ExportState.FAILED
    export.save(update_fields=["state"])
    body = "It failed several times for a reason on our side. Nothing is lost; ask for another one, or write to us."
    _tell(export, title="An export could not be written", body=body, now=now)


def _tell(export: Export, *, title: str, body: str, now: datetime) -> None:
    person = User.objects.filter(public_id=export.asked_by_ref).first() if export.asked_by_kind == "user" else None
    if person is not None:
        path = f"/lab/{export.lab.slug}/exports/{export.public_id}/"
        notify(user=person, kind="exports", title=title, body=body, path=path, button="Open the export", now=now)


@transaction.atomic(durable=True)
def record_download(*, export: Export, by: Actor, now: datetime) -> None:
    """
    Note in the audit trail who took the file.

    :raises NotAllowed: if `by` may not take exports of this lab.
    :raises Refused: if it is not written yet.
    """
    policies.require_may_export(export.lab, by)
    if export.state != ExportState.READY:
        raise Refused("This export is not ready, so there is no file to download yet.")
    record(what="delivery.download_export", by=by, about=export, now=now, after={"sha256": export.sha256})
