from __future__ import annotations

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from marketplace.kernel.errors import Invalid
from marketplace.kernel.uploads import MEGABYTE, examine

ALLOWED = frozenset({"pdf", "docx", "png", "jpg", "jpeg", "csv"})
PDF = b"%PDF-1.7\n%..."


def look(name, content, max_bytes=MEGABYTE):
    return examine(SimpleUploadedFile(name, content), allowed=ALLOWED, max_bytes=max_bytes)


def test_an_honest_file_is_described():
    found = look("Résumé of Dr Okafor.PDF", PDF)
    assert (found.extension, found.media_type, found.size_bytes, found.original_name) == (
        "pdf", "application/pdf", len(PDF), "Résumé of Dr Okafor.PDF",
    )  # fmt: skip
    assert found.sha256 == hashlib.sha256(PDF).hexdigest()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.exe", b"MZ", "not a kind of file we take"),
        ("a.pdf", b"", "is empty"),
        ("a.pdf", b"PK\x03\x04", "its content is something else"),
        ("a.png", PDF, "its content is something else"),
        ("a.csv", b"id\x00,b", "is not text"),
        ("noextension", PDF, "not a kind of file we take"),
    ],
)
def test_a_dishonest_file_is_refused_with_a_sentence_that_helps(name, content, words):
    with pytest.raises(Invalid, match=words):
        look(name, content)


def test_one_byte_too_many_is_too_many():
    assert look("a.pdf", PDF.ljust(MEGABYTE)).size_bytes == MEGABYTE
    with pytest.raises(Invalid, match="larger than 1 MB"):
        look("a.pdf", PDF.ljust(MEGABYTE + 1))


@pytest.mark.parametrize("name", ["../../etc/passwd.pdf", "..\\..\\boot.pdf", "a\x00b.pdf"])
def test_a_hostile_name_loses_its_path(name):
    found = look(name, PDF)
    assert "/" not in found.original_name
    assert "\\" not in found.original_name
    assert "\x00" not in found.original_name
