"""Files as people send them: harmless ones, and bad ones with the words of their refusal."""

from __future__ import annotations

import io
import zipfile

import pikepdf

from experts.credentials import actions
from experts.credentials.enums import DocumentKind, DocumentState
from experts.credentials.models import Document
from tests.factories.experts_credentials import (
    RESUME_LINES,
    docx_bytes,
    pdf_bytes,
    png_bytes,
    repacked,
    upload,
)
from tests.factories.experts_profiles import NOW, make_expert

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
    """Send a file and have it checked, in the real child process."""
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


EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS" + b"-TEST-FILE!$H+H*"
"""The test file of eicar.org, in two parts here so that no scanner takes this file for it."""


def jpeg_and_zip() -> bytes:
    """A picture that a program for archives opens too."""
    out = io.BytesIO(jpeg())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("evil.js", "alert(1)")
    return out.getvalue()


def many_bombs() -> bytes:
    """Many small members that together are far too much, none of them tight enough alone."""
    return repacked(docx_bytes("x"), {f"word/media/{n}.xml": b"0" * (1000 << 10) for n in range(60)})


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
    "eicar.pdf": (pdf_bytes("cv")[:-6] + b"%" + EICAR + b"\n%%EOF", "test signature of a virus"),
    "eicar.docx": (repacked(docx_bytes("x"), {"word/media/note.txt": EICAR}), "test signature of a virus"),
    "eicar.png": (png_bytes() + EICAR, "test signature of a virus"),
    "picture-and-zip.jpg": (jpeg_and_zip(), "also an archive"),
    "many-bombs.docx": (many_bombs(), "unpacks to far more"),
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
