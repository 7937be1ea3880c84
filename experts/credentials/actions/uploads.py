"""
Files that come in pieces, so that a dropped connection costs one piece and not the whole.

The server says how much has arrived, and takes only the piece that comes next; so two windows that send the same file
help each other and never write over each other. Complete, the file goes in by the one door that every file goes in by.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import tempfile
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.core.files.base import ContentFile, File
from django.db import transaction

from experts.credentials import policies
from experts.credentials.actions.documents import require_room, upload_document
from experts.credentials.enums import EXTENSIONS, MAX_PIECE_BYTES, PARTIAL_FOLDER, DocumentKind
from experts.credentials.models import Credential, Document, PartialUpload
from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.errors import Conflict, Invalid, Refused, TooLarge, TooMany, WrongState
from marketplace.kernel.sweeping import each
from marketplace.kernel.uploads import MAX_DOCUMENT_BYTES, examine_name

KEPT: Final = timedelta(hours=24)
"""How long a file that stopped on its way is kept, counted from its last piece."""
MOST_OPEN = 5
MOST_PIECES = 400
SHA256 = re.compile(r"[0-9a-f]{64}")
NOT_THE_FILE = "What arrived is not the file that you chose. It was thrown away; send the file again."
HAS_ENDED = "This upload has ended. Choose the file again."
PART_IS_LOST = "A part of this file was lost on our side. It was thrown away; send the file again."


@transaction.atomic(durable=True)
def start_upload(
    *,
    expert_id: UUID,
    kind: str,
    name: str,
    size_bytes: int,
    sha256: str,
    by: User,
    now: datetime,
    credential_id: UUID | None = None,
) -> PartialUpload:
    """
    Say that a file will come in pieces; return the upload that is open for the very same file, if there is one.

    :param sha256: of the whole file, in hexadecimal; what arrives is held against it.
    :raises Invalid: if no such file would be taken.
    :raises TooMany: if five are open, or the expert has thirty documents.
    """
    kind = DocumentKind(kind)
    bare, _extension = examine_name(name, size_bytes, allowed=EXTENSIONS[kind], max_bytes=MAX_DOCUMENT_BYTES)
    if not SHA256.fullmatch(sha256):
        raise Invalid("The checksum of the file is missing. Reload the page and send it again.", field="file")
    expert = Expert.objects.select_for_update(of=("self",), no_key=True).get(public_id=expert_id)
    policies.require_owner(by, expert)
    credential = None
    if credential_id is not None:
        credential = Credential.objects.standing().get(public_id=credential_id, expert=expert)
    mine = PartialUpload.objects.filter(expert=expert).open_at(now)
    same = mine.filter(kind=kind, credential=credential, sha256=sha256, size_bytes=size_bytes)
    standing: PartialUpload | None = same.select_for_update(of=("self",), no_key=True).first()
    if standing is not None:
        standing.expires_at = now + KEPT
        standing.save(update_fields=["expires_at"])
        return standing
    require_room(expert)
    if mine.count() >= MOST_OPEN:
        raise TooMany(f"{MOST_OPEN} files of yours are on their way. Finish or discard one of them first.")
    # One that has expired, or told another size, makes room: the sweep takes its pieces away.
    PartialUpload.objects.filter(expert=expert, kind=kind, credential=credential, sha256=sha256).delete()
    upload: PartialUpload = PartialUpload.objects.create(
        expert=expert, kind=kind, credential=credential, name=bare, size_bytes=size_bytes, sha256=sha256,
        started_at=now, expires_at=now + KEPT,
    )  # fmt: skip
    record(what="credentials.start_upload", by=by, about=upload, now=now,
           after={"kind": str(kind), "size_bytes": size_bytes, "sha256": sha256})  # fmt: skip
    return upload


def take_piece(*, upload_id: UUID, offset: int, content: bytes, by: User, now: datetime) -> PartialUpload:
    """
    Keep the next piece of a file. It is written before the transaction opens, and taken away again when that fails.

    :param offset: how many bytes came before it.
    :raises Conflict: if another piece comes next; `offset` in its facts says which.
    :raises TooLarge: if the piece is larger than one request may carry.
    :raises Invalid: if it is empty, or more than the file was said to have.
    """
    if len(content) > MAX_PIECE_BYTES:
        raise TooLarge(f"One piece has at most {MAX_PIECE_BYTES // 1024} kB.")
    if not content:
        raise Invalid("This piece is empty.", field="file")
    upload: PartialUpload | None = PartialUpload.objects.visible_to(by).filter(public_id=upload_id).first()
    if upload is None:
        raise WrongState(HAS_ENDED)
    storage = _storage()
    stored = storage.save(f"{upload.folder}/{offset:09d}-{secrets.token_hex(8)}", ContentFile(content))
    try:
        return _add_piece(upload.pk, offset, stored, len(content), by=by, now=now)
    except BaseException:
        storage.delete(stored)
        raise


@transaction.atomic(durable=True)
def _add_piece(pk: int, offset: int, stored: str, length: int, *, by: User, now: datetime) -> PartialUpload:
    rows = PartialUpload.objects.select_related("expert").select_for_update(of=("self",), no_key=True)
    upload: PartialUpload | None = rows.filter(pk=pk).first()
    if upload is None or upload.expires_at <= now:
        raise WrongState(HAS_ENDED)
    policies.require_owner(by, upload.expert)
    if offset != upload.received_bytes:
        raise Conflict("Another piece comes next.", offset=upload.received_bytes)
    if offset + length > upload.size_bytes:
        raise Invalid("More arrived than the file was said to have. Choose it again.", field="file")
    if len(upload.pieces) >= MOST_PIECES:
        raise TooMany("This file came in too many pieces. Discard it and send it again.")
    upload.received_bytes += length
    upload.pieces = [*upload.pieces, stored]
    upload.expires_at = now + KEPT
    upload.save(update_fields=["received_bytes", "pieces", "expires_at"])
    return upload


def complete_upload(*, upload_id: UUID, by: User, now: datetime) -> Document:
    """
    Make a document of a file that has arrived whole, by the door that every file goes in by. Whatever is refused there
    leaves nothing behind.

    :raises WrongState: if some of it has not arrived yet, or another request has done it.
    :raises Invalid: if it is not the file that was announced, or no file that we take.
    """
    rows = PartialUpload.objects.select_related("expert", "credential")
    upload: PartialUpload | None = rows.filter(public_id=upload_id).first()
    if upload is None:
        raise WrongState("This file has arrived already.")
    policies.require_owner(by, upload.expert)
    if not upload.is_complete:
        raise WrongState("Some of this file has not arrived yet.")
    try:
        with tempfile.TemporaryFile() as whole:
            _put_together(upload, whole)
            document = upload_document(
                expert_id=upload.expert.public_id, kind=upload.kind, upload=File(whole, name=upload.name), by=by, now=now,
                credential_id=upload.credential.public_id if upload.credential else None, came_as=upload,
            )  # fmt: skip
    except Refused:
        if PartialUpload.objects.filter(pk=upload.pk).exists():
            discard_upload(upload_id=upload_id, by=by, now=now)
        raise
    _clear(upload.folder)
    return document


def _put_together(upload: PartialUpload, whole: Any) -> None:
    """Write the pieces one behind the other, and hold the result against the checksum that was announced."""
    digest, storage = hashlib.sha256(), _storage()
    for name in upload.pieces:
        try:
            with storage.open(name, "rb") as piece:
                content = piece.read()
        except FileNotFoundError as lost:
            raise Conflict(PART_IS_LOST) from lost
        digest.update(content)
        whole.write(content)
    whole.seek(0)
    if digest.hexdigest() != upload.sha256:
        raise Invalid(NOT_THE_FILE, field="file")


@transaction.atomic(durable=True)
def discard_upload(*, upload_id: UUID, by: User, now: datetime) -> None:
    """
    Throw away what has arrived of a file.

    :raises NotAllowed: if it is somebody else's.
    """
    rows = PartialUpload.objects.select_related("expert").select_for_update(of=("self",), no_key=True)
    upload: PartialUpload = rows.get(public_id=upload_id)
    policies.require_owner(by, upload.expert)
    record(what="credentials.discard_upload", by=by, about=upload, now=now)
    _end(upload)


def drop_old_uploads(*, now: datetime) -> int:
    """
    Throw away the files that stopped on their way a day ago, and stored pieces that belong to no upload any more, which
    a kill at the wrong moment leaves; return how many. Run by a sweep.
    """
    old = PartialUpload.objects.filter(expires_at__lte=now).order_by("pk").values_list("pk", flat=True)[:200]
    dropped = each(list(old), lambda pk: _drop_if_old(pk, now=now), sweep="credentials.partial_uploads")
    return dropped + _clear_orphans()


@transaction.atomic(durable=True)
def _drop_if_old(pk: int, *, now: datetime) -> bool:
    rows = PartialUpload.objects.select_for_update(of=("self",), no_key=True)
    upload: PartialUpload | None = rows.filter(pk=pk, expires_at__lte=now).first()
    if upload is not None:
        _end(upload)
    return upload is not None


def _end(upload: PartialUpload) -> None:
    folder = upload.folder
    upload.delete()
    transaction.on_commit(lambda: _clear(folder))


def _clear_orphans() -> int:
    """Empty the folders that no upload names. A row is committed before its first piece is stored, so none is ahead of it."""
    with suppress(FileNotFoundError):
        folders = set(_storage().listdir(PARTIAL_FOLDER)[0])
        known = {key.hex for key in PartialUpload.objects.values_list("public_id", flat=True)} if folders else set()
        for folder in folders - known:
            _clear(f"{PARTIAL_FOLDER}/{folder}")
        return len(folders - known)
    return 0


def _clear(folder: str) -> None:
    storage = _storage()
    with suppress(OSError):  # What another request puts there at this moment is found by the next sweep.
        for name in storage.listdir(folder)[1]:
            storage.delete(f"{folder}/{name}")
        storage.delete(folder)


def _storage() -> Any:
    return Document._meta.get_field("file").storage
