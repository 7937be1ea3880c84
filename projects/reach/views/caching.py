"""Answers that are the same for everybody: how long they may be kept, and 304 for who has them already."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date


def cached(
    request: HttpRequest,
    response: HttpResponse,
    *,
    seconds: int,
    changed_at: datetime | None = None,
    is_fixed: bool = False,
) -> HttpResponse:
    """
    Give an answer its ETag, Last-Modified and Cache-Control, and return it, or 304 if the asker has it.

    :param is_fixed: what stands at this address never changes.
    """
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    moment = int(changed_at.timestamp()) if changed_at is not None else None
    answer = get_conditional_response(request, etag=etag, last_modified=moment, response=response)
    kept = answer if isinstance(answer, HttpResponse) else response
    kept["ETag"] = etag
    if moment is not None:
        kept["Last-Modified"] = http_date(moment)
    kept["Cache-Control"] = f"public, max-age={seconds}" + (", immutable" if is_fixed else "")
    return kept
