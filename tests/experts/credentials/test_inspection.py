"""Looking into files: what is let through, what is refused, and how little the looking process may do."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pikepdf
import pypdf
import pytest

from experts.credentials.enums import DocumentState
from experts.credentials.inspection import runner
from experts.credentials.inspection.mixtures import refuse_known_virus
from experts.credentials.inspection.pdf import inspect_pdf
from experts.credentials.inspection.picture import inspect_jpeg, inspect_png
from experts.credentials.inspection.verdict import FileRefused, Readout, Verdict, clean_text
from experts.credentials.inspection.word import inspect_docx
from tests.factories.experts_credentials import (
    RESUME_LINES,
    pdf_bytes,
)
from tests.factories.experts_files import BAD, CLEAN, checked

pytestmark = pytest.mark.django_db
INSPECTORS = {"pdf": inspect_pdf, "docx": inspect_docx, "png": inspect_png, "jpg": inspect_jpeg, "jpeg": inspect_jpeg}


def look_into(content: bytes, name: str) -> str:
    """Inspect in this process, which is faster; all of them go through the real child in test_bad_files.py."""
    refuse_known_virus(content)
    return INSPECTORS[name.lower().rpartition(".")[2]](content).text


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


def test_the_text_of_a_resume_is_read_line_by_line():
    assert checked(CLEAN["resume.docx"], "resume.docx").extracted_text.splitlines() == list(RESUME_LINES)
    assert clean_text(look_into(CLEAN["resume.pdf"], "resume.pdf")).splitlines() == list(RESUME_LINES)


def test_a_scan_is_taken_and_says_that_no_page_holds_text():
    assert inspect_pdf(pdf_bytes()) == Readout("", pages=1, unreadable_pages=1)


def test_a_page_that_no_program_can_read_is_counted_and_the_others_are_read():
    pages = [pdf_bytes("first page"), broken_page(), pdf_bytes(), pdf_bytes("last page")]
    found = inspect_pdf(joined(*pages))
    assert [page.strip() for page in clean_text(found.text).split("\f")] == ["first page", "", "", "last page"]
    assert (found.pages, found.unreadable_pages) == (4, 2)


def test_a_page_with_nothing_on_it_is_no_page_that_cannot_be_read():
    pdf = pikepdf.new()
    pdf.add_blank_page()
    out = io.BytesIO()
    pdf.save(out)
    assert inspect_pdf(out.getvalue()).unreadable_pages == 0


def test_a_page_that_needs_too_much_is_not_counted_as_one_that_cannot_be_read(monkeypatch):
    def too_much(*_given, **_options):
        raise MemoryError

    monkeypatch.setattr(pypdf.PageObject, "extract_text", too_much)
    with pytest.raises(MemoryError):
        inspect_pdf(pdf_bytes("cv"))


def broken_page() -> bytes:
    """A page whose content is packed in a way that no program knows."""
    pdf = pikepdf.open(io.BytesIO(pdf_bytes("lost")))
    pdf.pages[0].Contents = pikepdf.Stream(pdf, b"BT (lost) Tj ET", Filter=pikepdf.Name.NobodyKnows)
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def joined(*files: bytes) -> bytes:
    whole = pikepdf.new()
    for one in files:
        whole.pages.extend(pikepdf.open(io.BytesIO(one)).pages)
    out = io.BytesIO()
    whole.save(out)
    return out.getvalue()


def test_text_is_kept_as_a_database_can_hold_it():
    assert clean_text("a\x00b\ud800 \n\n  c   d ") == "ab?\nc d"
    assert clean_text(" a \t  b\t\n\f\n of\ufb01ce ") == "a\tb\foffice"
    assert len(clean_text("x" * 300_000)) == 200_000


def test_a_file_whose_inspection_dies_is_refused(monkeypatch):
    monkeypatch.setattr(runner, "ROOT", Path("/"))  # where the child finds no code to run
    document = checked(pdf_bytes("cv"), "cv.pdf")
    assert document.state == DocumentState.REFUSED
    assert "cannot be opened safely" in document.refusal


def test_a_file_whose_inspection_takes_too_long_is_refused(monkeypatch):
    monkeypatch.setattr(runner, "WALL_SECONDS", 0.01)
    assert checked(pdf_bytes("cv"), "cv.pdf").state == DocumentState.REFUSED


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
     '{"is_clean": false, "sentence": "", "text": ""}', '{"is_clean": true, "sentence": "", "text": 5}',
     '{"is_clean": true, "sentence": "", "text": "", "pages": -1}', '{"is_clean": true, "sentence": "", "text": "", "x": 1}',
     '{"is_clean": true, "sentence": "", "text": "", "pages": true}'],
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
