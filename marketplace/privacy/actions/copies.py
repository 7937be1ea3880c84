"""Copies of one's data: asked for by the person, put together by a worker, taken by the person, deleted after some days."""

from __future__ import annotations

import hashlib
import tempfile
from datetime import datetime
from typing import IO

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.actors import System
from marketplace.kernel.errors import NotAllowed, WrongState
from marketplace.kernel.jobs import JobState, finish, perform, try_again
from marketplace.kernel.states import require_move
from marketplace.notices.actions import notify
from marketplace.privacy import policies, tasks
from marketplace.privacy.actions.archive import given_rooms, write_archive
from marketplace.privacy.enums import COPY_LIFETIME, COPY_MOVES, CopyState
from marketplace.privacy.models import DataCopy, DataCopyQuerySet

PAGE = "/me/privacy/"
SWEEPER = System("privacy.copies")
SWEEP_LIMIT = 200


@transaction.atomic(durable=True)
def request_copy(*, by: User, now: datetime) -> DataCopy:
    """
    Ask for a copy of everything that we hold of oneself. A worker puts it together, and the person is told.

    :raises NotAllowed: for an account that is being erased.
    :raises WrongState: if one is being put together already.
    """
    user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
    if not user.is_active:
        raise NotAllowed("This account is closed.")
    if DataCopy.objects.to_write().filter(user=user).exists():
        raise WrongState("We are putting a copy together already. You are told when it is ready.")
    copy: DataCopy = DataCopy.objects.create(
        user=user, rooms_total=len(given_rooms()), asked_at=now, not_before=now, queued_at=now
    )
    record(what="privacy.request_copy", by=by, about=copy, now=now)
    tasks.write_copy.delay_on_commit(copy_id=str(copy.pk))
    return copy


def write_copy(*, copy_id: int, now: datetime) -> bool:
    """
    Put the copy together; return whether this call did it.

    Right when run twice, late, or after a crash: a half-written file is replaced, and who is slower than their lease
    leaves it to the next.
    """

    def work(copy: DataCopy) -> None:
        with tempfile.TemporaryFile() as file:
            made_at = f"{now:%d %B %Y, %H:%M} UTC"
            rows = write_archive(
                copy.user, file, made_at=made_at, note=lambda done, written: _note_progress(copy, done, written)
            )
            digest, size = _measure(file)
            if not DataCopy.objects.held(by=copy).exists():
                return  # The file under this name is somebody else's by now.
            file.seek(0)
            name = f"copies/{copy.public_id}.zip"
            default_storage.delete(name)
            stored = default_storage.save(name, File(file))
        _finish(copy, stored=stored, rows=rows, sha256=digest, size=size, now=now)

    done = perform(DataCopy.objects.select_related("user"), pk=copy_id, now=now, work=work)
    if not done:
        _give_up_if_parked(copy_id=copy_id, now=now)
    return done


def _measure(file: IO[bytes]) -> tuple[str, int]:
    file.seek(0)
    digest, size = hashlib.sha256(), 0
    while block := file.read(256 * 1024):
        digest.update(block)
        size += len(block)
    return digest.hexdigest(), size


@transaction.atomic(durable=True)
def _note_progress(copy: DataCopy, done: int, rows: int) -> None:
    DataCopy.objects.held(by=copy).update(rooms_done=done, rows=rows)


@transaction.atomic(durable=True)
def _finish(copy: DataCopy, *, stored: str, rows: int, sha256: str, size: int, now: datetime) -> None:
    mine = DataCopy.objects.held(by=copy).select_related("user")
    locked: DataCopy | None = mine.select_for_update(of=("self",), no_key=True).first()
    if locked is None or locked.state != CopyState.QUEUED:
        return
    require_move(COPY_MOVES, current=locked.state, target=CopyState.READY, what="copy")
    locked.state, locked.file, locked.ready_at = CopyState.READY, stored, now
    locked.expires_at = now + COPY_LIFETIME
    locked.rows, locked.sha256, locked.size_bytes = rows, sha256, size
    locked.save(update_fields=["state", "file", "ready_at", "expires_at", "rows", "sha256", "size_bytes"])
    finish(locked, now=now)
    record(what="privacy.finish_copy", by=SWEEPER, about=locked, now=now, after={"rows": rows, "sha256": sha256})
    notify(
        user=locked.user, kind="privacy", now=now, path=PAGE, button="Download it", title="The copy of your data is ready",
        body=f"You can download it until {locked.expires_at:%d %B %Y}; then we delete it again. Did you not ask for it? "
        "Change your password at once.",
    )  # fmt: skip


@transaction.atomic(durable=True)
def record_download(*, copy: DataCopy, by: User, now: datetime) -> None:
    """
    Note in the audit trail that the file was taken.

    :raises NotAllowed: for everybody but the person it is about.
    :raises WrongState: if it is not there yet, or not any more.
    """
    policies.require_own_copy(by, copy)
    if copy.state != CopyState.READY or copy.expires_at is None or copy.expires_at <= now:
        raise WrongState("This copy is not there any more. Ask for a new one.")
    record(what="privacy.download_copy", by=by, about=copy, now=now, after={"sha256": copy.sha256})


def expire_copies(*, now: datetime) -> int:
    """Delete the copies whose days are over; return how many. Run by a sweep."""
    ids = list(DataCopy.objects.outlived(now).values_list("pk", flat=True)[:SWEEP_LIMIT])
    for pk in ids:
        _expire(pk, now=now)
    return len(ids)


@transaction.atomic(durable=True)
def _expire(pk: int, *, now: datetime) -> None:
    copy: DataCopy = DataCopy.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
    if copy.state != CopyState.READY:
        return
    require_move(COPY_MOVES, current=copy.state, target=CopyState.EXPIRED, what="copy")
    copy.file.storage.delete(
        str(copy.file.name)
    )  # First, so that a kill leaves a row without a file and no file without a row.
    copy.state, copy.file = CopyState.EXPIRED, ""
    copy.save(update_fields=["state", "file"])
    record(what="privacy.expire_copy", by=SWEEPER, about=copy, now=now)


def give_up_parked_copies(*, now: datetime) -> int:
    """Tell those whose copy was parked that none comes for now; return how many. Run by a sweep."""
    ids = list(DataCopy.objects.parked().to_write().order_by("pk").values_list("pk", flat=True)[:SWEEP_LIMIT])
    for pk in ids:
        _give_up_if_parked(copy_id=pk, now=now)
    return len(ids)


def try_copies_again(parked: DataCopyQuerySet, *, now: datetime) -> int:
    """Have parked copies of this set put together after all; return how many."""
    require_move(COPY_MOVES, current=CopyState.FAILED, target=CopyState.QUEUED, what="copy")
    given_up = parked.filter(state__in=[CopyState.FAILED, CopyState.QUEUED])
    return try_again(given_up, now=now, state=CopyState.QUEUED)


@transaction.atomic(durable=True)
def _give_up_if_parked(*, copy_id: int, now: datetime) -> None:
    rows = DataCopy.objects.select_related("user").select_for_update(of=("self",), no_key=True)
    copy: DataCopy | None = rows.filter(pk=copy_id).first()
    if copy is None or copy.job_state != JobState.PARKED or copy.state != CopyState.QUEUED:
        return
    require_move(COPY_MOVES, current=copy.state, target=CopyState.FAILED, what="copy")
    copy.state = CopyState.FAILED
    copy.save(update_fields=["state"])
    notify(
        user=copy.user, kind="privacy", now=now, path=PAGE, button="Ask again",
        title="The copy of your data could not be put together",
        body="It failed several times for a reason on our side. Ask for another one; if that fails too, write to us.",
    )  # fmt: skip
