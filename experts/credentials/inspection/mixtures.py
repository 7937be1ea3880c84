"""Files that are two things at once: a PDF that is also an archive or a page, a picture with a program behind it."""

from __future__ import annotations

import io
import zipfile

from experts.credentials.inspection.verdict import FileRefused

# The harmless test file of EICAR (eicar.org, Anti-Malware Testfile): who sends it tests us, or a scanner put it there.
# It stands here in two parts, so that no scanner takes this file for it.
VIRUS_TEST = b"EICAR-STANDARD-ANTIVIRUS" + b"-TEST-FILE!"

PAGE_MARKS = (b"<html", b"<!doctype", b"<script", b"<svg", b"<?php")


def refuse_archive_inside(data: bytes, kind: str) -> None:
    """Refuse a file that a program for archives would open too."""
    if zipfile.is_zipfile(io.BytesIO(data)):
        raise FileRefused(f"This {kind} is also an archive. Print it to a new file and send that one.")


def refuse_page_inside(part: bytes, kind: str) -> None:
    """Refuse a file whose beginning or end a browser would read as a page."""
    lower = part.lower()
    if any(mark in lower for mark in PAGE_MARKS):
        raise FileRefused(f"This {kind} also holds a web page. Print it to a new file and send that one.")


def refuse_known_virus(data: bytes) -> None:
    """Refuse what every scanner knows, wherever in the file it stands in the clear."""
    if VIRUS_TEST in data:
        raise FileRefused("This file holds the test signature of a virus. Send a copy of your document without it.")
