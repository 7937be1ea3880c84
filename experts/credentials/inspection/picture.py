"""PNG and JPEG: walked along their own structure, without decoding a single pixel."""

from __future__ import annotations

import struct
import zlib

from experts.credentials.inspection.mixtures import refuse_archive_inside, refuse_page_inside
from experts.credentials.inspection.verdict import FileRefused, Readout

MAX_SIDE = 16_000
MAX_PIXELS = 120_000_000
DAMAGED = "This picture is damaged. Take or export it again and send the new one."
TOO_LARGE = "This picture has too many pixels. Make it smaller and send it again."


def inspect_png(data: bytes) -> Readout:
    """
    Return no text: a person reads pictures.

    :raises FileRefused: if it is damaged, too large, or also something else (PNG, third edition, section 5).
    """
    at, first = 8, True
    while True:
        length, kind, body, crc = _png_chunk(data, at)
        if first and kind != b"IHDR":
            raise FileRefused(DAMAGED)
        if kind == b"IHDR":
            _refuse_size(*struct.unpack(">II", body[:8]))
        if zlib.crc32(kind + body) != crc:
            raise FileRefused(DAMAGED)
        at, first = at + 12 + length, False
        if kind == b"IEND":
            break
    if len(data) > at:
        raise FileRefused("Something else is appended to this picture. Export it again and send the new one.")
    return Readout()


def _png_chunk(data: bytes, at: int) -> tuple[int, bytes, bytes, int]:
    if at + 12 > len(data):
        raise FileRefused(DAMAGED)
    length, kind = struct.unpack(">I4s", data[at : at + 8])
    if at + 12 + length > len(data):
        raise FileRefused(DAMAGED)
    return (
        length,
        kind,
        data[at + 8 : at + 8 + length],
        struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0],
    )


def inspect_jpeg(data: bytes) -> Readout:
    """
    Return no text: a person reads pictures.

    :raises FileRefused: if it is damaged, too large, or also something else (ITU-T T.81, annex B).
    """
    refuse_archive_inside(data, "picture")
    refuse_page_inside(data[:512] + data[-1024:], "picture")
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            break
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        length = int(struct.unpack(">H", data[at + 2 : at + 4])[0])
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:  # a start of frame tells the size
            if at + 9 > len(data):
                break
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            _refuse_size(width, height)
            if b"\xff\xd9" not in data[at:]:
                break
            return Readout()
        at += 2 + max(length, 2)
    raise FileRefused(DAMAGED)


def _refuse_size(width: int, height: int) -> None:
    if not width or not height:
        raise FileRefused(DAMAGED)
    if width > MAX_SIDE or height > MAX_SIDE or width * height > MAX_PIXELS:
        raise FileRefused(TOO_LARGE)
