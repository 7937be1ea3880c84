"""Credentials on their ladder, and files as people send them."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from typing import Any

import docx
import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile

from experts.credentials import actions
from experts.credentials.enums import CredentialKind, DocumentKind, DocumentState
from experts.credentials.models import Credential, Document
from experts.profiles.models import Expert
from marketplace.kernel.jobs import JobState
from tests.factories.experts_profiles import NOW

NPI = "1234567893"  # the example of the NPI standard
RESUME_LINES = (
    "Imani Okafor, MD",
    "Cardiologist",
    "2012 to today: heart failure clinic, Boston",
    "2008 to 2012: residency in internal medicine, Lagos",
)


def make_npi(expert: Expert, number: str = NPI, now: datetime = NOW) -> Credential:
    """Declare an NPI; its number is well formed."""
    return actions.declare_credential(
        expert_id=expert.public_id, kind=CredentialKind.NPI, number=number, by=expert.user, now=now
    )


def make_licence(expert: Expert, number: str = "220148", now: datetime = NOW, **facts: Any) -> Credential:
    """Declare a licence of Massachusetts in force for two years."""
    values = {"country": "US", "region": "MA", "title": "Cardiology", "expires_on": date(2028, 11, 1)} | facts
    return actions.declare_credential(
        expert_id=expert.public_id,
        kind=CredentialKind.MEDICAL_LICENCE,
        number=number,
        by=expert.user,
        now=now,
        **values,
    )


def upload(expert: Expert, content: bytes, name: str, kind: str = DocumentKind.RESUME, **facts: Any) -> Document:
    """Send a file; it stays in quarantine until somebody checks it."""
    return actions.upload_document(
        expert_id=expert.public_id,
        kind=kind,
        upload=SimpleUploadedFile(name, content),
        by=expert.user,
        now=NOW,
        **facts,
    )


def make_resume(expert: Expert, lines: tuple[str, ...] = RESUME_LINES) -> Document:
    """Send a résumé that was checked."""
    return passed(upload(expert, docx_bytes(*lines), "resume.docx"), *lines)


def passed(document: Document, *lines: str) -> Document:
    """Have the check of a file found it clean, with this text. The real check costs a process and a second."""
    Document.objects.filter(pk=document.pk).update(
        state=DocumentState.CLEAN, extracted_text="\n".join(lines), job_state=JobState.DONE, attempts=1, finished_at=NOW
    )
    document.refresh_from_db()
    return document


def docx_bytes(*lines: str) -> bytes:
    """Return a Word document with these paragraphs."""
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    return _saved(document)


def _saved(thing: Any, **options: Any) -> bytes:
    buffer = io.BytesIO()
    thing.save(buffer, **options)
    return buffer.getvalue()


def repacked(content: bytes, changes: dict[str, bytes | None]) -> bytes:
    """Return the archive with members added, replaced, or (None) left out."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name not in changes:
                target.writestr(name, source.read(name))
        for name, body in changes.items():
            if body is not None:
                target.writestr(name, body)
    return buffer.getvalue()


def pdf_bytes(*lines: str, encryption: pikepdf.Encryption | None = None, **root: Any) -> bytes:
    """Return a PDF with these lines of text; `root` adds entries to its catalogue."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    font = pdf.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    )
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    shown = " T* ".join(f"({line}) Tj" for line in lines)
    page.Contents = pdf.make_stream(f"BT /F1 12 Tf 14 TL 50 780 Td {shown} ET".encode("latin-1"))
    for name, value in root.items():
        pdf.Root[f"/{name}"] = value
    options = {"encryption": encryption} if encryption else {}
    return _saved(pdf, **options)


def png_bytes(width: int = 2, height: int = 2) -> bytes:
    """Return a small PNG of this size."""
    import struct
    import zlib

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\x00" + bytes(min(width, 64)) for _ in range(min(height, 64))))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
