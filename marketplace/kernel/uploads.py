"""
What a file really is, before anybody opens it (design 7): allow-list by extension, magic bytes and size together.

Deeper checks (archives, scripts in PDFs, parsing in a limited child process) belong to the credentials room; this is
the door that every upload passes first.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO, Final
from unicodedata import category

from django.core.files.base import File

from marketplace.kernel.errors import Invalid

MEGABYTE: Final = 1024 * 1024
MAX_DOCUMENT_BYTES: Final = 10 * MEGABYTE
MOST_NAME: Final = 200
HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode's categories of letters that nobody sees: control, format (as right-to-left override), surrogates, private."""

_MAGIC: Final[dict[str, tuple[bytes, ...]]] = {
    "pdf": (b"%PDF-",),
    "docx": (b"PK\x03\x04",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "wav": (b"RIFF",),
    "ogg": (b"OggS",),
    "webm": (b"\x1a\x45\xdf\xa3",),
    "mp3": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa"),
    "m4a": (b"ftyp",),
}
_OLD_WORD: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""What a file of an old Word begins with, and a new one that is locked with a password (MS-CFB 2.2)."""
_MAGIC_AT: Final = {"m4a": 4}
"""Where the signature stands when it is not at the beginning."""
MEDIA_TYPES: Final = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "csv": "text/csv",
    "jsonl": "application/jsonl",
    "wav": "audio/wav",
    "ogg": "audio/ogg",
    "webm": "audio/webm",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
}


@dataclass(frozen=True, slots=True)
class Upload:
    """What the door found out: extension, media type, size in bytes and SHA-256 of the content."""

    extension: str
    media_type: str
    size_bytes: int
    sha256: str
    original_name: str


def examine(upload: File[bytes], *, allowed: frozenset[str], max_bytes: int) -> Upload:
    """
    Return what this file is, or refuse it with a sentence that helps. Reads it once in chunks.

    :raises Invalid: if it is empty, too large, of a kind not allowed, or not what its name says.
    """
    name, extension = examine_name(upload.name or "file", upload.size, allowed=allowed, max_bytes=max_bytes)
    head = _head(upload)
    signatures = _MAGIC.get(extension)
    if extension == "docx" and head.startswith(_OLD_WORD):
        raise Invalid(
            f"“{name}” is locked with a password, or was written by a Word from before 2007. Save a copy without a password, "
            "as PDF or DOCX, and send that.",
            field="file",
        )
    if signatures and not head.startswith(signatures, _MAGIC_AT.get(extension, 0)):
        raise Invalid(f"“{name}” ends in .{extension}, but its content is something else.", field="file")
    if signatures is None and b"\x00" in head:
        raise Invalid(f"“{name}” is not text, so it cannot be read as {extension.upper()}.", field="file")
    return Upload(extension, MEDIA_TYPES[extension], upload.size, _sha256(upload), name)


def examine_name(name: str, size: int, *, allowed: frozenset[str], max_bytes: int) -> tuple[str, str]:
    """
    Return the bare name and the extension of a file that somebody wants to send, before any of it is here.

    :raises Invalid: if it is empty, too large, or of a kind not allowed.
    """
    bare = _without_path(name)
    extension = PurePath(bare).suffix.lstrip(".").lower()
    kinds = ", ".join(sorted(kind.upper() for kind in allowed if kind != "jpeg"))
    if extension not in allowed:
        raise Invalid(f"“{bare}” is not a kind of file we take here. Send one of: {kinds}.", field="file")
    if not size:
        raise Invalid(f"“{bare}” is empty: it has 0 bytes. Choose the file again.", field="file")
    if size > max_bytes:
        limit = max_bytes // MEGABYTE
        raise Invalid(f"“{bare}” is larger than {limit} MB. Make it smaller and send it again.", field="file")
    return bare, extension


def _without_path(name: str) -> str:
    """
    Return the last part of a path, without the characters that hide or turn around what it says, and at most 200
    characters of it with the extension in sight.
    """
    bare = PurePath("".join(letter for letter in name.replace("\\", "/") if category(letter) not in HIDDEN)).name
    if len(bare) <= MOST_NAME:
        return bare
    extension = PurePath(bare).suffix[:10]
    return bare[: MOST_NAME - len(extension)] + extension


def _head(upload: IO[bytes] | File[bytes]) -> bytes:
    upload.seek(0)
    head = upload.read(2048)
    upload.seek(0)
    return head


def _sha256(upload: File[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()
