"""PDF: opened with qpdf (pikepdf), refused when locked or active, then its text is read with pypdf."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
import pypdf

from experts.credentials.inspection.columns import in_reading_order
from experts.credentials.inspection.mixtures import refuse_archive_inside, refuse_page_inside
from experts.credentials.inspection.verdict import MAX_TEXT, PAGE_BREAK, FileRefused, Readout

MAX_PAGES = 200
MAX_OBJECTS = 200_000
LAYOUT_PAGES = 20  # Read by the places of their words, which takes longer; behind them nobody looks for columns.
MAX_TAIL = 1024  # What some scanners write behind the end; more than that is something else.
NEW_COPY = "Print it to a new PDF and send that one."

# Actions and parts that do something when a file is opened or clicked (ISO 32000-1, 12.6 and 7.11.4).
ACTIONS = {
    "/JavaScript": "a script",
    "/Launch": "a command that starts a program",
    "/ImportData": "a command that loads other data",
    "/SubmitForm": "a form that sends data away",
    "/GoToE": "a link into an attached file",
    "/Rendition": "a film or sound with commands",
    "/RichMediaExecute": "a film or sound with commands",
}
PARTS = {
    "/JS": "a script",
    "/JavaScript": "a script",
    "/EmbeddedFiles": "an attached file",
    "/EF": "an attached file",
    "/RichMediaContent": "a film or sound with commands",
    "/XFA": "a form that runs scripts",
}


def inspect_pdf(data: bytes) -> Readout:
    """
    Return the text of a harmless PDF, empty when it is a scan, and how many pages hold none that can be read.

    :raises FileRefused: if it is locked, damaged, active, or also something else.
    """
    refuse_archive_inside(data, "PDF")
    refuse_page_inside(data[:1024], "PDF")
    _refuse_long_tail(data)
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            if pdf.is_encrypted:
                raise FileRefused("This PDF is locked. Save a copy without a password and send that one.")
            if len(pdf.pages) > MAX_PAGES:
                raise FileRefused(f"This PDF has more than {MAX_PAGES} pages. Send the pages that matter.")
            _refuse_active_content(pdf)
    except pikepdf.PasswordError as locked:
        raise FileRefused("This PDF is locked with a password. Save a copy without one and send that.") from locked
    except pikepdf.PdfError as broken:
        raise FileRefused(
            "This PDF is damaged and cannot be opened. Export it again and send the new file."
        ) from broken
    return _text(data)


def _refuse_long_tail(data: bytes) -> None:
    end = data.rfind(b"%%EOF")
    if end == -1:
        raise FileRefused("This PDF has no end; it was probably cut off on the way. Send it again.")
    tail = data[end + 5 :].strip(b"\x00\r\n\t ")
    if len(tail) > MAX_TAIL:
        raise FileRefused(f"Something else is appended to this PDF. {NEW_COPY}")
    refuse_page_inside(tail, "PDF")


def _refuse_active_content(pdf: pikepdf.Pdf) -> None:
    if len(pdf.objects) > MAX_OBJECTS:
        raise FileRefused(f"This PDF is too complicated to check. {NEW_COPY}")
    waiting: list[Any] = [pdf.trailer, *pdf.objects]
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
            waiting.extend(_looked_into(thing))
        elif isinstance(thing, pikepdf.Array):
            waiting.extend(part for part in thing if _is_direct_container(part))


def _looked_into(thing: Any) -> list[Any]:
    """Refuse a dictionary that is active; return the containers written inside it. Others stand in the list of objects."""
    found = None
    inner = []
    for key, value in thing.items():
        found = found or PARTS.get(key)
        if key in {"/S", "/Type", "/Subtype"} and isinstance(value, pikepdf.Name):
            found = found or ACTIONS.get(str(value)) or ("an attached file" if str(value) == "/EmbeddedFile" else None)
        if _is_direct_container(value):
            inner.append(value)
    if found:
        raise FileRefused(f"This PDF contains {found}. {NEW_COPY}")
    return inner


def _is_direct_container(value: Any) -> bool:
    return isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect


def _text(data: bytes) -> Readout:
    pages: list[str] = []
    size, unreadable = 0, 0
    for page in pypdf.PdfReader(io.BytesIO(data)).pages:
        text = _text_of_page(page, with_layout=len(pages) < LAYOUT_PAGES)
        unreadable += text is None
        pages.append(text or "")
        size += len(pages[-1])
        if size > MAX_TEXT:
            break
    return Readout(PAGE_BREAK.join(pages), len(pages), unreadable)


def _text_of_page(page: pypdf.PageObject, *, with_layout: bool) -> str | None:
    """
    Return the text of a page in the order in which people read it, or None when it shows something that no program can
    read as text: a scan, or a font or a filter that nobody knows.
    """
    for read in (_by_place, pypdf.PageObject.extract_text) if with_layout else (pypdf.PageObject.extract_text,):
        try:
            text = read(page).replace(PAGE_BREAK, "\n")
            if text.strip() or not _shows_something(page):
                return text
        except (MemoryError, RecursionError):
            raise
        except Exception:  # noqa: BLE001, S112 -- fonts and filters break in many ways; such a page is counted
            continue
    return None


def _by_place(page: pypdf.PageObject) -> str:
    laid_out = page.extract_text(extraction_mode="layout", layout_mode_space_vertically=False)
    return "\n".join(in_reading_order(laid_out.splitlines()))


def _shows_something(page: pypdf.PageObject) -> bool:
    """Whether a page without text draws anything."""
    contents = page.get_contents()
    return contents is not None and bool(contents.get_data().strip())
