"""Uploaded files: taken in quarantine, looked into by a limited child process, served or refused with a sentence."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.base import File
from django.db import transaction

from experts.credentials import policies, tasks
from experts.credentials.actions.credentials import lose_document
from experts.credentials.actions.events import tell_of_resume
from experts.credentials.enums import DOCUMENT_MOVES, EXTENSIONS, DocumentKind, DocumentState
from experts.credentials.inspection.runner import inspect
from experts.credentials.inspection.verdict import Verdict
from experts.credentials.models import Credential, Document, DocumentQuerySet, PartialUpload
from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.errors import TooMany, WrongState
from marketplace.kernel.jobs import JobState, finish, perform
from marketplace.kernel.states import require_move
from marketplace.kernel.uploads import MAX_DOCUMENT_BYTES, Upload, examine
from marketplace.notices.actions import notify

MOST_DOCUMENTS = 30
NOBODY_COULD = "We could not look into this file, and the fault is ours. Send it again, best as a PDF."
PAGE = "/me/credentials/"


def upload_document(
    *,
    expert_id: UUID,
    kind: str,
    upload: File[bytes],
    by: User,
    now: datetime,
    credential_id: UUID | None = None,
    came_as: PartialUpload | None = None,
) -> Document:
    """
    Take a file into quarantine. This function will store it under a random name and have a worker look into it.

    The file is written before the transaction opens, and taken away again when the transaction fails.

    :param credential_id: the credential that the file stands behind, if any.
    :param came_as: what the file came as, piece by piece; that row ends in the same transaction.
    :raises Invalid: if it is empty, too large, or not a kind of file we take.
    :raises TooMany: if the expert has thirty documents.
    :raises WrongState: if it came in pieces, and another request has made a document of them.
    """
    kind = DocumentKind(kind)
    facts = examine(upload, allowed=EXTENSIONS[kind], max_bytes=MAX_DOCUMENT_BYTES)
    storage = Document._meta.get_field("file").storage
    stored = storage.save(f"documents/{secrets.token_hex(20)}.{facts.extension}", upload)
    try:
        return _take_in(expert_id, kind, facts, stored, credential_id, came_as, by=by, now=now)
    except BaseException:
        storage.delete(stored)
        raise


@transaction.atomic(durable=True)
def _take_in(
    expert_id: UUID, kind: str, facts: Upload, stored: str, credential_id: UUID | None,
    came_as: PartialUpload | None, *, by: User, now: datetime,
) -> Document:  # fmt: skip
    expert = Expert.objects.select_for_update(of=("self",), no_key=True).get(public_id=expert_id)
    policies.require_owner(by, expert)
    if came_as is not None and not PartialUpload.objects.filter(pk=came_as.pk).delete()[0]:
        raise WrongState("This file has arrived already.")
    require_room(expert)
    document: Document = Document.objects.create(
        expert=expert, kind=kind, file=stored, original_name=_shown_name(facts.original_name),
        media_type=facts.media_type, size_bytes=facts.size_bytes, sha256=facts.sha256, uploaded_at=now,
        not_before=now, queued_at=now,
    )  # fmt: skip
    if credential_id is not None:
        _put_behind(credential_id, document, now=now)
    record(what="credentials.upload_document", by=by, about=document, now=now,
           after={"kind": kind, "size_bytes": facts.size_bytes, "sha256": facts.sha256})  # fmt: skip
    tasks.check_document.delay_on_commit(document_id=str(document.pk))
    return document


def require_room(expert: Expert) -> None:
    """
    Let those pass who may send one more.

    :raises TooMany: if the expert has thirty documents.
    """
    if Document.objects.filter(expert=expert).exclude(state=DocumentState.REFUSED).count() >= MOST_DOCUMENTS:
        raise TooMany(f"You have {MOST_DOCUMENTS} documents here. Remove those that nobody needs any more.")


def _put_behind(credential_id: UUID, document: Document, *, now: datetime) -> None:
    rows = Credential.objects.standing().select_related("expert")
    credential = rows.select_for_update(of=("self",), no_key=True).get(public_id=credential_id, expert=document.expert)
    lose_document(credential, now=now)
    credential.document = document
    credential.save(update_fields=["document"])


def _shown_name(name: str) -> str:
    """Return the name so short that a page can show it; the extension stays in sight."""
    stem, dot, extension = name.rpartition(".")
    return f"{stem[:180].strip()}{dot}{extension[:10]}" or "document"


def check_document(*, document_id: int, now: datetime) -> None:
    """
    Look into a file in quarantine, as a durable job. This function will leave it clean or refused, never in between:
    a child that dies refuses, and so does a job that is parked, because it failed or took its worker with it too often.
    """

    def work(document: Document) -> None:
        _record_verdict(Document.objects.held(by=document), verdict=_verdict_on(document), now=now)

    perform(Document.objects.all(), pk=document_id, now=now, work=work)
    _refuse_parked(document_id, now=now)


def _verdict_on(document: Document) -> Verdict:
    extension = str(document.file.name).rpartition(".")[2]
    with document.file.open("rb") as content:
        return inspect(content, extension)


@transaction.atomic(durable=True)
def _record_verdict(one: DocumentQuerySet, *, verdict: Verdict, now: datetime) -> None:
    """Record what was found of the document of this set; nothing if it is not there any more, because others have it."""
    rows = one.select_related("expert__user").select_for_update(of=("self",), no_key=True)
    document: Document | None = rows.first()
    if document is None or document.state != DocumentState.QUARANTINED:
        return
    target = DocumentState.CLEAN if verdict.is_clean else DocumentState.REFUSED
    require_move(DOCUMENT_MOVES, current=document.state, target=target, what="document")
    document.state = target
    document.extracted_text = verdict.text
    document.refusal = verdict.sentence
    document.pages, document.unreadable_pages = verdict.pages, verdict.unreadable_pages
    document.save(update_fields=["state", "extracted_text", "refusal", "pages", "unreadable_pages"])
    finish(document, now=now)
    if target == DocumentState.CLEAN and document.kind == DocumentKind.RESUME:
        tell_of_resume(document, now=now)
    if target == DocumentState.REFUSED:
        _drop_refused(document, now=now)


def _drop_refused(document: Document, *, now: datetime) -> None:
    """Leave nothing behind of a refused file but its name and the reason; tell the owner."""
    for credential in document.credentials.select_for_update(no_key=True).order_by("pk"):
        credential.document = None
        credential.save(update_fields=["document"])
    _delete_file(document)
    notify(
        user=document.expert.user, kind="credentials", now=now, path=PAGE, button="Send it again",
        title=f"We did not take “{document.original_name}”"[:200], body=document.refusal,
    )  # fmt: skip


def _delete_file(document: Document) -> None:
    storage, name = document.file.storage, str(document.file.name)
    transaction.on_commit(lambda: storage.delete(name))


def refuse_parked_documents(*, now: datetime) -> int:
    """Refuse the files whose check was given up, so that nobody waits for them; return how many. Run by a sweep."""
    stuck = Document.objects.parked().filter(state=DocumentState.QUARANTINED)
    ids = list(stuck.order_by("pk").values_list("pk", flat=True)[:200])
    for pk in ids:
        _refuse_parked(pk, now=now)
    return len(ids)


def _refuse_parked(document_id: int, *, now: datetime) -> None:
    parked = Document.objects.parked().filter(pk=document_id)
    if parked.exists():
        _record_verdict(parked, verdict=Verdict(is_clean=False, sentence=NOBODY_COULD), now=now)


@transaction.atomic(durable=True)
def remove_document(*, document_id: UUID, by: User, now: datetime) -> None:
    """
    Delete a file and the text found in it. This function will bring credentials down that stood on it.

    :raises NotAllowed: if it is somebody else's.
    :raises WrongState: if a worker looks into it at this moment.
    """
    rows = Document.objects.select_related("expert").select_for_update(of=("self",), no_key=True)
    document: Document = rows.get(public_id=document_id)
    policies.require_owner(by, document.expert)
    if document.job_state == JobState.RUNNING:
        raise WrongState("It is being checked at this moment. Remove it in a minute.")
    for credential in (
        document.credentials.select_related("expert").select_for_update(of=("self",), no_key=True).order_by("pk")
    ):
        lose_document(credential, now=now)
    record(what="credentials.remove_document", by=by, about=document, now=now, before=_facts(document))
    _delete_file(document)
    document.delete()


@transaction.atomic(durable=True)
def open_document(*, document_id: UUID, by: User, now: datetime) -> Document:
    """
    Return a checked file to be sent to somebody who may have it. This function will write into the trail when
    staff open it.

    :raises WrongState: if it is still in quarantine or was refused.
    """
    document: Document = Document.objects.select_related("expert").get(public_id=document_id)
    policies.require_reader(by, document)
    if document.state == DocumentState.QUARANTINED:
        raise WrongState("This file is still being checked. It can be opened as soon as that is done.")
    if document.state == DocumentState.REFUSED:
        raise WrongState(f"This file was refused and is gone. {document.refusal}")
    if document.expert.user_id != by.pk:
        record(what="credentials.open_document", by=by, about=document, now=now)
    return document


def _facts(document: Document) -> dict[str, Any]:
    return {"kind": document.kind, "state": document.state, "sha256": document.sha256}
