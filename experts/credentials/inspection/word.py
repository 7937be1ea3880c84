"""DOCX: an archive of XML. Counted and measured before anything is unpacked, then read with python-docx."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

import docx
from docx.oxml.ns import qn
from lxml import etree

from experts.credentials.inspection.mixtures import refuse_known_virus
from experts.credentials.inspection.verdict import GAP, PAGE_BREAK, FileRefused, Readout

MAX_MEMBERS = 200
MAX_UNPACKED = 50 * 1024 * 1024
MAX_RATIO = 100
SMALL = 1024 * 1024  # Below this a member may be packed as tightly as it likes.
NEW_COPY = "Save it as PDF and send that instead."

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_RELATIONSHIP = re.compile(rb"<Relationship\b[^>]*>", re.IGNORECASE)
# A link that somebody may click loads nothing by itself; templates, frames, pictures and objects from outside do.
_HYPERLINK = re.compile(rb"""Type\s*=\s*["'][^"']*/hyperlink["']""", re.IGNORECASE)
_EXTERNAL = re.compile(rb"""TargetMode\s*=\s*["']External["']""", re.IGNORECASE)


def inspect_docx(data: bytes) -> Readout:
    """
    Return the text of a harmless Word document.

    :raises FileRefused: if it is a bomb, holds macros or objects, reaches outside, or is no Word document.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _refuse_bombs(members, len(data))
            _refuse_odd_names(members)
            parts = {info.filename: _read(archive, info) for info in members if not info.is_dir()}
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as broken:
        raise FileRefused(f"This document is damaged and cannot be opened. {NEW_COPY}") from broken
    _refuse_active_parts(parts)
    return Readout(_text(data))


def _refuse_bombs(members: list[zipfile.ZipInfo], size: int) -> None:
    unpacked = sum(info.file_size for info in members)
    if len(members) > MAX_MEMBERS:
        raise FileRefused(f"This document has more than {MAX_MEMBERS} parts. {NEW_COPY}")
    tight = [i for i in members if i.file_size > SMALL and i.file_size > MAX_RATIO * max(1, i.compress_size)]
    if unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(size, SMALL // MAX_RATIO) or tight:
        raise FileRefused(f"This document unpacks to far more than it should. {NEW_COPY}")


def _refuse_odd_names(members: list[zipfile.ZipInfo]) -> None:
    names = [info.filename for info in members]
    if len({name.lower() for name in names}) != len(names):
        raise FileRefused(f"This document holds two parts of one name. {NEW_COPY}")
    if any(name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") for name in names):
        raise FileRefused(f"This document has parts that point outside it. {NEW_COPY}")
    if any(info.flag_bits & 0x1 for info in members):
        raise FileRefused("This document is locked with a password. Save a copy without one and send that.")
    if "[Content_Types].xml" not in names or "word/document.xml" not in names:
        raise FileRefused("This file is an archive, but not a Word document. Save it as PDF or DOCX and send that.")


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Return a member, and refuse it if it holds more than its head says."""
    with archive.open(info) as stream:
        content = stream.read(info.file_size + 1)
    if len(content) > info.file_size:
        raise FileRefused(f"This document unpacks to far more than it says. {NEW_COPY}")
    return content


def _refuse_active_parts(parts: dict[str, bytes]) -> None:
    for name, content in parts.items():
        lower = name.lower()
        refuse_known_virus(content)
        if "vbaproject" in lower or "vbadata" in lower:
            raise FileRefused(f"This document contains macros. {NEW_COPY}")
        if (
            "/embeddings/" in lower
            or "/activex/" in lower
            or content.startswith((b"PK\x03\x04", b"MZ", b"\xd0\xcf\x11\xe0"))
        ):
            raise FileRefused(f"This document contains another file. {NEW_COPY}")
        if lower.endswith((".xml", ".rels")):
            _refuse_active_xml(lower, content)


def _refuse_active_xml(name: str, content: bytes) -> None:
    flat = content.replace(b"\x00", b"")  # UTF-16 reads like this too
    if b"<!doctype" in flat.lower() or b"<!entity" in flat.lower():
        raise FileRefused(f"This document declares its own XML, which Word never does. {NEW_COPY}")
    if name == "[content_types].xml" and b"macroenabled" in flat.lower():
        raise FileRefused(f"This document contains macros. {NEW_COPY}")
    if name.endswith(".rels"):
        for relationship in _RELATIONSHIP.findall(flat):
            if _EXTERNAL.search(relationship) and not _HYPERLINK.search(relationship):
                raise FileRefused(f"This document loads parts from elsewhere. {NEW_COPY}")


def _text(data: bytes) -> str:
    try:
        document = docx.Document(io.BytesIO(data))
        return "\n".join([*_heads(document), *_lines(document)]).replace(PAGE_BREAK, "\n")
    except (KeyError, ValueError, AttributeError, etree.XMLSyntaxError) as broken:
        raise FileRefused(f"This document is damaged and cannot be read. {NEW_COPY}") from broken


def _heads(document: docx.document.Document) -> Iterator[str]:
    """A name often stands in the page head."""
    for section in document.sections:
        yield from (paragraph.text for paragraph in section.header.paragraphs)


def _lines(document: docx.document.Document) -> Iterator[str]:
    for block in document.iter_inner_content():
        if hasattr(block, "rows"):
            for row in block.rows:
                yield from _row(row)
        else:
            yield block.text
            yield from _boxes(block._element)


def _boxes(paragraph: etree._Element) -> Iterator[str]:
    """
    Text in boxes that hang on a paragraph, which python-docx leaves out and templates of résumés are made of. Word writes
    each a second time for older programs; that one is skipped.
    """
    for box in paragraph.iter(qn("w:txbxContent")):
        if next(box.iterancestors(_FALLBACK), None) is None:
            for line in box.iter(qn("w:p")):
                yield "".join(
                    part.text or "" if part.tag == qn("w:t") else GAP for part in line.iter(qn("w:t"), qn("w:tab"))
                )


def _row(row: docx.table._Row) -> Iterator[str]:
    """
    A row of a table as lines. Cells of one line each are one line with gaps; where a cell holds more, the table makes
    columns of the page, and each cell is read to its end before the next.
    """
    cells = list(dict.fromkeys(cell.text.strip() for cell in row.cells))
    if any("\n" in cell for cell in cells):
        yield from (line for cell in cells for line in cell.split("\n"))
    else:
        yield GAP.join(cell for cell in cells if cell)
