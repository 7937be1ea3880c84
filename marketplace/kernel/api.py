"""The API's manners: refusals as problem+json (RFC 9457), keyset pages, and how large a body may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http import HTTPStatus
from io import BytesIO
from typing import Any, Final

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import exceptions, serializers
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from marketplace.kernel.errors import Refused, TooLarge, TooMany
from marketplace.kernel.uploads import MEGABYTE

PROBLEM: Final = "application/problem+json"
MAX_BODY_BYTES: Final = MEGABYTE
"""What a request may carry, unless its view says otherwise in `max_body_bytes`."""
MAX_UNMEASURED_BYTES: Final = MEGABYTE
"""What a body may have whose length nobody said: it is read before anybody knows who sent it."""

ANSWERS: Final[dict[str, tuple[str, int]]] = {
    "parse_error": ("This cannot be read", 400),
    "not_authenticated": ("This needs a key or a signed-in person", 401),
    "authentication_failed": ("This key is not accepted", 401),
    "not_found": ("Not found", 404),
    "method_not_allowed": ("This address has no such method", 405),
    "not_acceptable": ("The answer is JSON", 406),
    "unsupported_media_type": ("The body must be JSON", 415),
    "throttled": ("Too many requests", 429),
    "error": ("Something went wrong on our side", 500),
}
"""(title, status) by code, for what the API answers beside our own refusals. /help/errors lists both."""


# ---------------------------------------------------------------------------------------------------------- problems


def problem_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Return every refusal and every DRF error as `application/problem+json` with a stable `code`."""
    if isinstance(exc, RequestDataTooBig):
        exc = too_large(MAX_BODY_BYTES)
    if isinstance(exc, Refused):
        return _response(exc.status, _problem_of(exc), headers=_retry(exc))
    if isinstance(exc, Http404 | exceptions.NotFound):
        return _answer("not_found", "There is nothing here that you may see.")
    if isinstance(exc, PermissionDenied | exceptions.PermissionDenied):
        words = getattr(exc, "detail", "Your key or account does not allow this.")
        return _response(403, _problem(403, "not_allowed", "You may not do this", str(words)))
    if isinstance(exc, exceptions.ValidationError):
        body = _problem(400, "invalid", "Something needs a correction", "See errors.") | {"errors": exc.detail}
        return _response(400, body)
    response = exception_handler(exc, context)
    if response is not None and isinstance(exc, exceptions.APIException):
        codes = exc.get_codes()
        headers = {name: value for name, value in response.items() if name in {"WWW-Authenticate", "Retry-After"}}
        code = codes if isinstance(codes, str) and codes in ANSWERS else "error"
        return _answer(code, str(exc.detail), status=response.status_code, headers=headers)
    return response


def _answer(code: str, detail: str, *, status: int | None = None, headers: dict[str, str] | None = None) -> Response:
    title, usual = ANSWERS[code]
    return _response(status or usual, _problem(status or usual, code, title, detail), headers=headers)


def _problem_of(exc: Refused) -> dict[str, Any]:
    facts = {name: value for name, value in exc.facts.items() if isinstance(value, str | int | list | dict)}
    return _problem(exc.status, exc.code, exc.title, exc.sentence) | facts


def _problem(status: int, code: str, title: str, detail: str) -> dict[str, Any]:
    return {"type": f"/help/errors#{code}", "title": title, "status": status, "code": code, "detail": detail}


def plain_problem(status: int, code: str, detail: str, **extra: Any) -> JsonResponse:
    """Return a problem that happened outside of the API's own views: before them, or by a fault in one."""
    body = _problem(status, code, HTTPStatus(status).phrase, detail) | extra
    return JsonResponse(body, status=status, content_type=PROBLEM)


def _response(status: int, body: dict[str, Any], *, headers: dict[str, str] | None = None) -> Response:
    response = Response(body, status=status, headers=headers)
    response.content_type = PROBLEM
    return response


def _retry(exc: Refused) -> dict[str, str]:
    if isinstance(exc, TooMany) and "retry_after_seconds" in exc.facts:
        return {"Retry-After": str(exc.facts["retry_after_seconds"])}
    return {}


# ------------------------------------------------------------------------------------------------------------- pages


class KeysetPagination(CursorPagination):
    """Pages by position, not by number: constant time at any depth, and no row is skipped while others arrive."""

    page_size = 50
    max_page_size = 100
    page_size_query_param = "limit"
    ordering = "-id"


class OldestFirst(KeysetPagination):
    """Pages in the order in which rows came, so that a program can go on where it stopped."""

    ordering = "id"


PAGING = [
    OpenApiParameter("cursor", str, description="Where a page begins: taken from `next` or `previous`."),
    OpenApiParameter("limit", int, description="Rows on a page, 50 unless said, 100 at most."),
]
"""The parameters of every keyset page, for the API's description."""


def page_of(name: str, rows: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """Return how the API's description shows one keyset page of these rows."""
    link = serializers.URLField(allow_null=True)
    return inline_serializer(name, {"next": link, "previous": link, "results": rows(many=True)})


def paged(
    request: Request,
    view: APIView,
    rows: QuerySet[Any],
    output: type[serializers.Serializer[Any]],
    *,
    order: type[KeysetPagination] = KeysetPagination,
    context: Callable[[list[Any]], dict[str, Any]] | None = None,
) -> Response:
    """
    Answer with one keyset page of the rows, the newest first unless `order` says otherwise.

    :param context: what the output needs to know of all rows of the page, loaded at once.
    """
    pages = order()
    found = list(pages.paginate_queryset(rows, request, view=view) or [])
    known = context(found) if context is not None else {}
    return pages.get_paginated_response(output(found, many=True, context=known).data)


# ------------------------------------------------------------------------------------------------------------ bodies


class BodyLimitMiddleware:
    """
    Refuse a body that is larger than the view of the API takes, before anybody reads it.

    A body whose length was said is measured by it; the server hands out no more than that. A chunked one is read here,
    up to its own limit, and gets a length: without one Django takes every body for empty.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        api = getattr(view, "cls", None)
        if api is None or request.method not in {"POST", "PUT", "PATCH"}:
            return None
        limit = getattr(api, "max_body_bytes", MAX_BODY_BYTES)
        if not request.META.get("CONTENT_LENGTH") and request.META.get("wsgi.input_terminated"):
            limit = min(limit, MAX_UNMEASURED_BYTES)
            body = b"".join(_pieces(request.META["wsgi.input"], limit + 1))
            request.META["CONTENT_LENGTH"] = str(len(body))
            request._stream = BytesIO(body)  # what request.read() reads
        if int(request.META.get("CONTENT_LENGTH") or 0) <= limit:
            return None
        refusal = too_large(limit)
        return JsonResponse(_problem_of(refusal), status=refusal.status, content_type=PROBLEM)


def too_large(limit: int) -> TooLarge:
    """Return the refusal of a body that has more than `limit` bytes."""
    return TooLarge(f"One request to this address may carry {limit // MEGABYTE} MB. Send less at once.")


def _pieces(stream: Any, most: int) -> Iterator[bytes]:
    """Read a stream to its end, but no more than so many bytes."""
    while most > 0 and (piece := stream.read(min(most, 64 * 1024))):
        most -= len(piece)
        yield piece
