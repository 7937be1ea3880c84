"""The API's manners: refusals as problem+json (RFC 9457), and keyset pages."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, JsonResponse
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import exceptions, serializers
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from marketplace.kernel.errors import Refused, TooMany

PROBLEM = "application/problem+json"


class KeysetPagination(CursorPagination):
    """Pages by position, not by number: constant time at any depth, and no row is skipped while others arrive."""

    page_size = 50
    max_page_size = 100
    page_size_query_param = "limit"
    ordering = "-id"


PAGING = [
    OpenApiParameter("cursor", str, description="Where a page begins: taken from `next` or `previous`."),
    OpenApiParameter("limit", int, description="Rows on a page, 50 unless said, 100 at most."),
]
"""The parameters of every keyset page, for the API's description."""


def page_of(name: str, rows: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """Return how the API's description shows one keyset page of these rows."""
    link = serializers.URLField(allow_null=True)
    return inline_serializer(name, {"next": link, "previous": link, "results": rows(many=True)})


def paged(request: Request, view: APIView, rows: QuerySet[Any], output: type[serializers.Serializer[Any]]) -> Response:
    """Answer with one keyset page of the rows, the newest first."""
    pages = KeysetPagination()
    found = pages.paginate_queryset(rows, request, view=view) or []
    return pages.get_paginated_response(output(found, many=True).data)


def problem_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Return every refusal and every DRF error as `application/problem+json` with a stable `code`."""
    if isinstance(exc, Refused):
        return _problem(exc.status, exc.code, exc.title, exc.sentence, headers=_retry(exc), **_facts(exc))
    if isinstance(exc, Http404):
        return _problem(404, "not_found", "Not found", "There is nothing here that you may see.")
    if isinstance(exc, PermissionDenied):
        return _problem(403, "not_allowed", "You may not do this", "Your key or account does not allow this.")
    if isinstance(exc, exceptions.ValidationError):
        return _problem(400, "invalid", "Something needs a correction", "See errors.", errors=exc.detail)
    response = exception_handler(exc, context)
    if response is not None and isinstance(exc, exceptions.APIException):
        code = exc.get_codes() if isinstance(exc.get_codes(), str) else "error"
        headers = {name: value for name, value in response.items() if name in {"WWW-Authenticate", "Retry-After"}}
        return _problem(response.status_code, str(code), str(exc.default_detail), str(exc.detail), headers=headers)
    return response


def _problem(status: int, code: str, title: str, detail: str, *, headers: Any = None, **extra: Any) -> Response:
    body = {"type": f"/help/errors#{code}", "title": str(title), "status": status, "code": code, "detail": detail}
    response = Response(body | extra, status=status, headers=headers)
    response.content_type = PROBLEM
    return response


def plain_problem(status: int, code: str, detail: str, **extra: Any) -> JsonResponse:
    """Return a problem that happened outside of the API's own views: before them, or by a fault in one."""
    title = HTTPStatus(status).phrase
    body = {"type": f"/help/errors#{code}", "title": title, "status": status, "code": code, "detail": detail}
    return JsonResponse(body | extra, status=status, content_type=PROBLEM)


def _facts(exc: Refused) -> dict[str, Any]:
    return {name: value for name, value in exc.facts.items() if isinstance(value, str | int | list | dict)}


def _retry(exc: Refused) -> dict[str, str]:
    if isinstance(exc, TooMany) and "retry_after_seconds" in exc.facts:
        return {"Retry-After": str(exc.facts["retry_after_seconds"])}
    return {}
