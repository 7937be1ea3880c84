"""Handing out a file, whole or from where a broken download stopped (RFC 9110, one range)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Final

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from projects.delivery.models import Export

BLOCK: Final = 64 * 1024
_RANGE: Final = re.compile(r"bytes=(\d{1,18})?-(\d{1,18})?")


def file_response(request: HttpRequest, export: Export) -> HttpResponseBase:
    """Return the file as an attachment; 206 with the asked part, 416 if there is no such part."""
    span = _span(request, export)
    if span is None:
        whole = FileResponse(export.file.open("rb"), as_attachment=True, filename=export.file_name)
        return _with_manners(whole, export)
    start, end = span
    if start >= export.size_bytes or end < start:
        refused = HttpResponse(status=416, headers={"Content-Range": f"bytes */{export.size_bytes}"})
        return _with_manners(refused, export)
    part = StreamingHttpResponse(_blocks(export.file.open("rb"), start, end - start + 1), status=206)
    part["Content-Range"] = f"bytes {start}-{end}/{export.size_bytes}"
    part["Content-Length"] = str(end - start + 1)
    part["Content-Disposition"] = f'attachment; filename="{export.file_name}"'
    return _with_manners(part, export)


def is_first_part(request: HttpRequest) -> bool:
    """Whether this request begins the file, so that going on with a download is not noted as another one."""
    found = _RANGE.fullmatch(request.headers.get("Range", ""))
    return found is None or found[1] in {None, "0"}


def _span(request: HttpRequest, export: Export) -> tuple[int, int] | None:
    """Return the first and last byte that were asked for, or None for the whole file."""
    found = _RANGE.fullmatch(request.headers.get("Range", ""))
    if found is None or (found[1] is None and found[2] is None):
        return None
    if request.headers.get("If-Range", _tag(export)) != _tag(export):
        return None
    last = export.size_bytes - 1
    if found[1] is None:
        return max(0, export.size_bytes - int(found[2])), last
    return int(found[1]), min(int(found[2]), last) if found[2] else last


def _blocks(file: IO[bytes], start: int, length: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        while length > 0 and (block := file.read(min(BLOCK, length))):
            length -= len(block)
            yield block


def _tag(export: Export) -> str:
    return f'"{export.sha256}"'


def _with_manners(response: HttpResponseBase, export: Export) -> HttpResponseBase:
    response["Content-Type"] = "application/jsonl"
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = _tag(export)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
