"""Recordings are walked from the first byte to the last: true ones pass, whatever hides behind a true beginning does not."""

from __future__ import annotations

import io
import struct

import pytest

from experts.assessments.inspection import look_into
from tests.factories.experts_assessments import wav_bytes


def page(payload: bytes, number: int) -> bytes:
    segments = bytes([255] * (len(payload) // 255) + [len(payload) % 255])
    return b"OggS" + b"\x00" * 14 + struct.pack("<II", number, 0) + bytes([len(segments)]) + segments + payload


def box(name: bytes, payload: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(payload), name) + payload


OGG = page(b"OpusHead" + b"\x01" * 11, 0) + page(b"\x02" * 900, 1)
M4A = box(b"ftyp", b"M4A \x00\x00\x00\x00") + box(b"moov", b"\x00" * 40 + b"soun") + box(b"mdat", b"\x01" * 900)
FRAME = b"\xff\xfb\x90\x00" + b"\x00" * 413  # MPEG 1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes
MP3 = b"ID3\x04\x00\x00\x00\x00\x00\x05" + b"\x00" * 5 + FRAME * 3
WEBM = (
    b"\x1a\x45\xdf\xa3"
    + b"\x00" * 20
    + b"webm"
    + b"\x00" * 8
    + b"\x18\x53\x80\x67"
    + b"\x00" * 30
    + b"A_OPUS"
    + b"\x01" * 900
)
TRUE = {"wav": wav_bytes(), "ogg": OGG, "m4a": M4A, "mp3": MP3, "webm": WEBM}


@pytest.mark.parametrize("extension", sorted(TRUE))
def test_true_recordings_pass(extension):
    assert look_into(io.BytesIO(TRUE[extension]), extension) == ""


@pytest.mark.parametrize("extension", sorted(TRUE))
def test_a_true_beginning_is_not_enough(extension):
    false = TRUE[extension][:12] + b"<script>alert(1)</script>" * 60
    assert "built like something else" in look_into(io.BytesIO(false), extension)


@pytest.mark.parametrize("extension", ["wav", "ogg", "m4a"])
def test_what_was_cut_off_or_hung_on_is_found(extension):
    for content in (TRUE[extension][:-200], TRUE[extension] + b"PK\x03\x04" + b"\x00" * 60):
        assert look_into(io.BytesIO(content), extension) != ""


def test_a_picture_is_not_taken_with_the_voice():
    film = box(b"ftyp", b"isom\x00\x00\x00\x00") + box(b"moov", b"\x00" * 40 + b"vide") + box(b"mdat", b"\x01" * 900)
    assert "picture" in look_into(io.BytesIO(film), "m4a")
    assert "picture" in look_into(io.BytesIO(WEBM + b"V_VP9" + b"\x00" * 9), "webm")


def test_an_empty_recording_is_said_to_be_too_short():
    assert "shorter than a second" in look_into(io.BytesIO(b"RIFF"), "wav")


def test_boxes_that_claim_too_much_end_the_walk():
    for length in (0xFFFFFFFF, 2, 7):
        content = box(b"ftyp", b"M4A \x00\x00\x00\x00") + struct.pack(">I4s", length, b"mdat") + b"\x01" * 900
        assert look_into(io.BytesIO(content), "m4a") != ""
