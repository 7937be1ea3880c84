"""
Whether a recording is built like one, from its first byte to its last: nothing is decoded, and nothing is played.

The door looked at the first bytes only. Here the containers are walked, so that something else behind a true beginning
is found. A file is read in small pieces and never more than its own size.
"""

from __future__ import annotations

from typing import IO

NOT_AUDIO = "This is not a recording that can be played: it begins like one, but is built like something else."
TOO_SHORT = "This recording is shorter than a second. Record it again."
FEWEST_BYTES = 512
VIDEO = "This file holds a picture. Send the voice alone."


def look_into(content: IO[bytes], extension: str) -> str:
    """Return the sentence of the refusal, or "" for a recording that may be heard."""
    size = content.seek(0, 2)
    content.seek(0)
    if size < FEWEST_BYTES:
        return TOO_SHORT
    return {"wav": _wav, "ogg": _ogg, "m4a": _mp4, "mp3": _mp3, "webm": _webm}[extension](content, size)


def _wav(content: IO[bytes], size: int) -> str:
    """Walk the chunks of a RIFF file (Microsoft, Multimedia Programming Interface 1.0): a format and data must be there."""
    head = content.read(12)
    place, found = 12, set()
    while place + 8 <= size:
        content.seek(place)
        name, length = content.read(4), int.from_bytes(content.read(4), "little")
        found.add(name)
        place += 8 + length + length % 2
    ends_where_it_says = int.from_bytes(head[4:8], "little") + 8 == size and size <= place <= size + 1
    is_whole = head[8:] == b"WAVE" and {b"fmt ", b"data"} <= found and ends_where_it_says
    return "" if is_whole else NOT_AUDIO


def _ogg(content: IO[bytes], size: int) -> str:
    """Walk the pages of an Ogg file (RFC 3533), which follow each other without a gap; the codec is Opus or Vorbis."""
    place, first = 0, b""
    while place < size:
        content.seek(place)
        head = content.read(27)
        if len(head) < 27 or head[:4] != b"OggS":
            return NOT_AUDIO
        segments = content.read(head[26])
        first = first or content.read(8)
        place += 27 + len(segments) + sum(segments)
    return "" if first.startswith((b"OpusHead", b"\x01vorbis")) and place == size else NOT_AUDIO


def _mp4(content: IO[bytes], size: int) -> str:
    """Walk the boxes of an ISO base media file (ISO/IEC 14496-12) to the very end; no picture may be in it."""
    place, found = 0, set()
    while place + 8 <= size:
        content.seek(place)
        length, name = int.from_bytes(content.read(4), "big"), content.read(4)
        if length == 1:
            length = int.from_bytes(content.read(8), "big")
        length = length or size - place
        if length < 8 or place + length > size:
            return NOT_AUDIO
        found.add(name)
        if name == b"moov" and b"vide" in content.read(min(length - 8, 1 << 20)):
            return VIDEO
        place += length
    return "" if place == size and {b"ftyp", b"mdat"} <= found else NOT_AUDIO


def _mp3(content: IO[bytes], size: int) -> str:
    """Skip an ID3v2 tag (id3.org, 2.4.0), then two frames of MPEG audio layer III must follow each other."""
    head = content.read(10)
    place = 0
    if head.startswith(b"ID3"):
        place = 10 + sum((byte & 0x7F) << 7 * (3 - index) for index, byte in enumerate(head[6:10]))
    for _frame in range(2):
        content.seek(place)
        length = _frame_bytes(content.read(4))
        if not length or place + length > size:
            return NOT_AUDIO
        place += length
    return ""


RATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
RATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
SAMPLES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def _frame_bytes(head: bytes) -> int:
    """Return the length of a layer III frame with this header (ISO/IEC 11172-3, 13818-3), 0 if it is none."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return 0
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    rate, sample = head[2] >> 4, head[2] >> 2 & 3
    if layer != 1 or version not in SAMPLES or not 0 < rate < 15 or sample == 3:
        return 0
    kilobits, factor = (RATES_1[rate], 144) if version == 3 else (RATES_2[rate], 72)
    return factor * kilobits * 1000 // SAMPLES[version][sample] + (head[2] >> 1 & 1)


def _webm(content: IO[bytes], size: int) -> str:
    """Read the EBML header (RFC 8794) and the tracks: the document is WebM with Opus or Vorbis and without a picture."""
    head = content.read(min(size, 1 << 16))
    if b"webm" not in head[:64] or b"\x18\x53\x80\x67" not in head[:128]:
        return NOT_AUDIO
    if b"V_VP8" in head or b"V_VP9" in head or b"V_AV1" in head:
        return VIDEO
    return "" if b"A_OPUS" in head or b"A_VORBIS" in head else NOT_AUDIO
