"""
Every bad file through the real child process, sent whole or in pieces: refused with a sentence that helps, and nothing of
it left in storage or in the database.
"""

from __future__ import annotations

import hashlib

import pytest
from django.core.files.storage import default_storage

from experts.credentials import actions
from experts.credentials.enums import DocumentKind, DocumentState
from experts.credentials.models import Document, FileEvent, PartialUpload
from marketplace.kernel.errors import Invalid
from marketplace.kernel.uploads import MAX_DOCUMENT_BYTES
from marketplace.notices.models import Notification
from tests.factories.experts_credentials import pdf_bytes, upload
from tests.factories.experts_files import BAD, checked
from tests.factories.experts_profiles import NOW, make_expert

pytestmark = pytest.mark.django_db


def stored() -> set[str]:
    """Every file in storage, whatever folder it lies in."""
    found: set[str] = set()
    folders = [""]
    while folders:
        folder = folders.pop()
        inner, files = default_storage.listdir(folder or ".")
        folders += [f"{folder}/{name}".strip("/") for name in inner]
        found |= {f"{folder}/{name}".strip("/") for name in files}
    return found


@pytest.mark.full
@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_and_gone(name, django_capture_on_commit_callbacks):
    before = stored()
    content, words = BAD[name]
    with django_capture_on_commit_callbacks(execute=True):
        document = checked(content, name)
    assert document.state == DocumentState.REFUSED
    assert words in document.refusal
    assert (document.extracted_text, document.pages) == ("", 0)
    assert Notification.objects.get(user=document.expert.user).body == document.refusal
    assert stored() == before
    assert not FileEvent.objects.exists()


@pytest.mark.parametrize("name", ["script-on-open.pdf", "eicar.docx"])
def test_a_bad_file_in_pieces_is_refused_by_the_same_door(name, django_capture_on_commit_callbacks):
    before, expert = stored(), make_expert()
    content, words = BAD[name]
    with django_capture_on_commit_callbacks(execute=True):
        document = in_pieces(expert, content, name)
        actions.check_document(document_id=document.pk, now=NOW)
    document.refresh_from_db()
    assert (document.state, words in document.refusal) == (DocumentState.REFUSED, True)
    assert stored() == before
    assert not PartialUpload.objects.exists()


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "empty.pdf", "0 bytes"),
        (b"%PDF-" + b"0" * (MAX_DOCUMENT_BYTES - 4), "large.pdf", "larger than 10 MB"),
        (b"MZ", "resume.pdf.exe", "not a kind of file"),
        (b"MZ\x90", "resume.pdf", "content is something else"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "resume.docx", "locked with a password"),
    ],
    ids=["0 bytes", "10 MB and a byte", "a program", "a program called PDF", "a locked DOCX"],
)
def test_what_the_door_refuses_is_refused_in_pieces_too(content, name, words, django_capture_on_commit_callbacks):
    before, expert = stored(), make_expert()
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(Invalid, match=words):
        in_pieces(expert, content, name)
    assert not PartialUpload.objects.exists()
    assert not Document.objects.exists()
    assert stored() == before


HOSTILE = {
    "../../../etc/cron.d/job.pdf": "job.pdf",
    "..\\..\\windows\\system32\\cv.pdf": "cv.pdf",
    "/etc/passwd.pdf": "passwd.pdf",
    "cv\x00.exe.pdf": "cv.exe.pdf",
    "\u202efdp.vc\u202c.pdf": "fdp.vc.pdf",
    "a" * 300 + ".pdf": "a" * 180 + ".pdf",
    "CON.pdf": "CON.pdf",
    "<img src=x onerror=alert(1)>.pdf": "<img src=x onerror=alert(1)>.pdf",
    "%2e%2e%2fcv.pdf": "%2e%2e%2fcv.pdf",
    "'; DROP TABLE credentials_document; --.pdf": "'; DROP TABLE credentials_document; --.pdf",
}


@pytest.mark.parametrize("sent", HOSTILE)
def test_a_hostile_name_never_reaches_the_disk_and_is_shown_harmless(sent, client):
    expert = make_expert()
    document = upload(expert, pdf_bytes("cv"), sent)
    assert document.original_name == HOSTILE[sent]
    folder, _, name = document.file.name.partition("/")
    assert (folder, len(name), name.endswith(".pdf"), name[:40].isalnum()) == ("documents", 44, True, True)
    client.force_login(expert.user)
    page = client.get("/me/credentials/").text
    assert "<img src=x" not in page
    assert "\u202e" not in page


def in_pieces(expert, content: bytes, name: str, size: int = 256 * 1024) -> Document:
    """Send a file piece by piece, as the page's script does."""
    row = actions.start_upload(
        expert_id=expert.public_id, kind=DocumentKind.EVIDENCE, name=name, size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(), by=expert.user, now=NOW,
    )  # fmt: skip
    for at in range(0, len(content), size):
        actions.take_piece(upload_id=row.public_id, offset=at, content=content[at : at + size], by=expert.user, now=NOW)
    return actions.complete_upload(upload_id=row.public_id, by=expert.user, now=NOW)
