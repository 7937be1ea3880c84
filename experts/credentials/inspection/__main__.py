"""The child process: `python -m experts.credentials.inspection EXTENSION < file` writes one verdict."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module

from experts.credentials.inspection.limits import leave_the_network, limit_self
from experts.credentials.inspection.mixtures import refuse_known_virus
from experts.credentials.inspection.verdict import FileRefused, Readout, Verdict, clean_text

INSPECTORS = {
    "pdf": ("pdf", "inspect_pdf"),
    "docx": ("word", "inspect_docx"),
    "png": ("picture", "inspect_png"),
    "jpg": ("picture", "inspect_jpeg"),
    "jpeg": ("picture", "inspect_jpeg"),
}
TOO_MUCH = "This file needs too much to be opened. Print it to a new PDF and send that one."


def inspector_of(extension: str) -> Callable[[bytes], Readout]:
    """Return the function that looks into this kind of file; only its own libraries are loaded, which saves time."""
    module, function = INSPECTORS[extension]
    return getattr(import_module(f"experts.credentials.inspection.{module}"), function)


def look_into(data: bytes, inspect: Callable[[bytes], Readout]) -> Verdict:
    """Return the verdict on a file; one that breaks the parser is refused like any other."""
    try:
        refuse_known_virus(data)
        found = inspect(data)
    except FileRefused as refused:
        return Verdict(is_clean=False, sentence=str(refused))
    except (MemoryError, RecursionError):
        return Verdict(is_clean=False, sentence=TOO_MUCH)
    return Verdict(
        is_clean=True, text=clean_text(found.text), pages=found.pages, unreadable_pages=found.unreadable_pages
    )


def main() -> int:
    """Read the file, inspect it, write the verdict."""
    limit_self()
    inspect = inspector_of(sys.argv[1])
    leave_the_network()
    sys.stdout.write(look_into(sys.stdin.buffer.read(), inspect).as_json())
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
