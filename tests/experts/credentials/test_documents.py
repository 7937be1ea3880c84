"""Documents of experts: what is taken, what the door refuses with which words, and that nothing is ever stuck."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage

from experts.credentials import actions
from experts.credentials.actions import documents
from experts.credentials.enums import DocumentKind, DocumentState
from experts.credentials.inspection.verdict import Verdict
from experts.credentials.models import Document
from marketplace.kernel.errors import Invalid, NotAllowed, TooMany, WrongState
from marketplace.kernel.jobs import LEASE, MAX_ATTEMPTS, JobState
from marketplace.notices.models import Notification
from tests.factories.experts_credentials import (
    make_licence,
    make_resume,
    pdf_bytes,
    png_bytes,
    upload,
)
from tests.factories.experts_files import BAD, CLEAN, checked
from tests.factories.experts_profiles import NOW, make_expert, make_person, make_vetter

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["resume.docx", "resume.pdf", "scan.png"])
def test_a_harmless_file_is_taken(name):
    document = checked(CLEAN[name], name)
    assert (document.state, document.refusal, document.job_state) == (DocumentState.CLEAN, "", JobState.DONE)
    assert default_storage.exists(document.file.name)


@pytest.mark.parametrize("name", ["script-on-open.pdf", "bomb.docx", "huge.png", "not-really.jpg"])
def test_nothing_is_left_behind_of_a_refused_file(name, django_capture_on_commit_callbacks):
    content, words = BAD[name]
    with django_capture_on_commit_callbacks(execute=True):
        document = checked(content, name)
    assert document.state == DocumentState.REFUSED
    assert words in document.refusal
    assert document.extracted_text == ""
    assert not default_storage.exists(document.file.name)
    assert Notification.objects.get(user=document.expert.user).body == document.refusal


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "empty.pdf", "0 bytes"),
        (b"%PDF-" + b"0" * (10 << 20), "large.pdf", "larger than 10 MB"),
        (b"<svg/>", "picture.svg", "not a kind of file"),
        (b"<svg/>", "picture.png", "content is something else"),
        (b"MZ", "resume.pdf.exe", "not a kind of file"),
        (pdf_bytes("cv"), "resume.docx", "content is something else"),
    ],
    ids=["empty", "large", "vector picture", "renamed vector picture", "program", "renamed PDF"],
)
def test_the_door_refuses_before_anything_is_kept(content, name, words):
    expert = make_expert()
    with pytest.raises(Invalid, match=words):
        upload(expert, content, name, DocumentKind.EVIDENCE)
    assert not Document.objects.exists()


def test_a_resume_is_no_picture():
    with pytest.raises(Invalid, match="not a kind of file"):
        upload(make_expert(), png_bytes(), "resume.png", DocumentKind.RESUME)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\temp\\cv.pdf", "cv.pdf"),
        ("cv\u202efdp.pdf", "cvfdp.pdf"),
        ("cv\r\nX-Evil: 1.pdf", "cvX-Evil: 1.pdf"),
        ("x" * 194 + ".pdf", "x" * 180 + ".pdf"),
    ],
)
def test_a_hostile_name_is_shown_harmless_and_never_reaches_the_disk(sent, shown):
    document = upload(make_expert(), pdf_bytes("cv"), sent)
    assert document.original_name == shown
    folder, _, stored = document.file.name.partition("/")
    assert (folder, len(stored), stored.endswith(".pdf")) == ("documents", 44, True)
    assert "passwd" not in document.file.name


def test_a_file_that_cannot_be_read_is_tried_again_and_at_last_refused():
    document = upload(make_expert(), pdf_bytes("cv"), "cv.pdf")
    default_storage.delete(document.file.name)
    now = NOW
    for attempt in range(1, MAX_ATTEMPTS + 1):
        document.refresh_from_db()
        assert (document.state, document.attempts) == (DocumentState.QUARANTINED, attempt - 1)
        actions.check_document(document_id=document.pk, now=now)
        now += timedelta(hours=2)
    document.refresh_from_db()
    assert (document.state, document.job_state) == (DocumentState.REFUSED, JobState.DONE)
    assert "the fault is ours" in document.refusal


def test_a_file_over_which_workers_die_is_refused_in_the_end():
    document = upload(make_expert(), pdf_bytes("cv"), "cv.pdf")
    late = NOW + LEASE + timedelta(seconds=1)
    Document.objects.filter(pk=document.pk).update(job_state=JobState.RUNNING, lease_until=NOW, attempts=MAX_ATTEMPTS)
    actions.check_document(document_id=document.pk, now=late)
    document.refresh_from_db()
    assert (document.state, document.job_state) == (DocumentState.REFUSED, JobState.DONE)


def test_who_looks_into_a_file_slower_than_their_lease_leaves_the_verdict_to_the_second():
    document = upload(make_expert(), pdf_bytes("cv"), "cv.pdf")
    mine = Document.objects.filter(pk=document.pk)
    mine.claim(now=NOW)
    slow = mine.get()
    mine.claim(now=NOW + LEASE + timedelta(seconds=1))
    second = mine.values().get()
    refusal = Verdict(is_clean=False, sentence="too slow to count")
    documents._record_verdict(Document.objects.held(by=slow), verdict=refusal, now=NOW)
    assert mine.values().get() == second
    documents._record_verdict(Document.objects.held(by=mine.get()), verdict=Verdict(is_clean=True), now=NOW)
    assert mine.values_list("state", "job_state").get() == (DocumentState.CLEAN, JobState.DONE)


def test_the_sweep_refuses_a_parked_file_so_that_nobody_waits():
    document = upload(make_expert(), pdf_bytes("cv"), "cv.pdf")
    Document.objects.filter(pk=document.pk).update(job_state=JobState.PARKED)
    assert actions.refuse_parked_documents(now=NOW) == 1
    assert actions.refuse_parked_documents(now=NOW) == 0
    document.refresh_from_db()
    assert document.state == DocumentState.REFUSED


def test_a_doubled_check_changes_nothing():
    document = make_resume(make_expert())
    actions.check_document(document_id=document.pk, now=NOW)
    document.refresh_from_db()
    assert (document.state, document.attempts) == (DocumentState.CLEAN, 1)


def test_a_refused_document_stands_behind_no_credential():
    expert = make_expert()
    licence = make_licence(expert)
    document = upload(expert, BAD["macro.docx"][0], "m.docx", DocumentKind.EVIDENCE, credential_id=licence.public_id)
    licence.refresh_from_db()
    assert licence.document == document
    actions.check_document(document_id=document.pk, now=NOW)
    licence.refresh_from_db()
    assert licence.document is None
    with pytest.raises(WrongState, match="refused"):
        actions.attach_document(
            credential_id=licence.public_id, document_id=document.public_id, by=expert.user, now=NOW
        )


def test_the_file_goes_when_its_row_cannot_be_written():
    expert = make_expert()
    stored = set(default_storage.listdir("documents")[1]) if default_storage.exists("documents") else set()
    with pytest.raises(NotAllowed):
        actions.upload_document(
            expert_id=expert.public_id, kind=DocumentKind.RESUME, by=make_person(), now=NOW,
            upload=upload_of(pdf_bytes("cv")),
        )  # fmt: skip
    assert set(default_storage.listdir("documents")[1]) == stored


def upload_of(content: bytes):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("cv.pdf", content)


def test_thirty_documents_are_enough(monkeypatch):
    monkeypatch.setattr("experts.credentials.actions.documents.MOST_DOCUMENTS", 1)
    expert = make_expert()
    upload(expert, pdf_bytes("a"), "a.pdf")
    with pytest.raises(TooMany):
        upload(expert, pdf_bytes("b"), "b.pdf")


def test_the_owner_deletes_file_and_text(django_capture_on_commit_callbacks):
    document = make_resume(make_expert())
    with pytest.raises(NotAllowed):
        actions.remove_document(document_id=document.public_id, by=make_vetter(), now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        actions.remove_document(document_id=document.public_id, by=document.expert.user, now=NOW)
    assert not Document.objects.exists()
    assert not default_storage.exists(document.file.name)


def test_a_file_is_opened_only_when_it_was_checked():
    expert = make_expert()
    document = upload(expert, pdf_bytes("cv"), "cv.pdf")
    with pytest.raises(WrongState, match="still being checked"):
        actions.open_document(document_id=document.public_id, by=expert.user, now=NOW)
    refused = checked(BAD["tail.pdf"][0], "tail.pdf")
    with pytest.raises(WrongState, match="refused and is gone"):
        actions.open_document(document_id=refused.public_id, by=make_vetter(), now=NOW)
