"""How large a body the API takes: by its length, by what arrives, and by what the view says."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.views import View
from rest_framework.views import APIView

from marketplace.kernel import api
from marketplace.kernel.api import BodyLimitMiddleware
from marketplace.kernel.uploads import MEGABYTE
from projects.labs.enums import Scope
from projects.listings.models import Project
from tests.factories.projects_labs import make_key, make_lab

LONG = b'{"title": "' + b"x" * MEGABYTE + b'"}'


class CountingStream(BytesIO):
    """A body on its way in, which remembers how much of it was taken."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(size)
        self.taken += len(piece)
        return piece


def post(body: bytes, *, view: Any = APIView, chunked: bool = False, declared: int | None = None, method: str = "POST"):
    """What the middleware answers, and what the view would read when it answers nothing."""
    stream = CountingStream(body)
    facts: dict[str, Any] = {"wsgi.input": stream, "CONTENT_LENGTH": str(len(body) if declared is None else declared)}
    if chunked:
        facts |= {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    request = RequestFactory().generic(method, "/api/v1/somewhere/", content_type="application/json", **facts)
    answer = BodyLimitMiddleware(lambda _request: HttpResponse()).process_view(request, view.as_view(), (), {})
    return answer, request, stream


def test_a_body_that_says_it_is_too_large_is_refused_unread():
    answer, _request, stream = post(b"{}", declared=MEGABYTE + 1)
    assert (answer.status_code, answer["Content-Type"], stream.taken) == (413, "application/problem+json", 0)
    assert json.loads(answer.content) == {
        "type": "/help/errors#too_large",
        "title": "Too much at once",
        "status": 413,
        "code": "too_large",
        "detail": "One request to this address may carry 1 MB. Send less at once.",
    }


def test_a_body_at_the_limit_passes_and_is_left_to_the_view():
    answer, request, stream = post(b"x" * MEGABYTE)
    assert (answer, stream.taken) == (None, 0)
    assert len(request.read()) == MEGABYTE


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_chunked_body_is_read_up_to_the_limit_and_no_further(method):
    answer, _request, stream = post(b"x" * 3 * MEGABYTE, chunked=True, method=method)
    assert (answer.status_code, stream.taken) == (413, MEGABYTE + 1)


def test_a_chunked_body_within_the_limit_reaches_the_view_whole():
    answer, request, _stream = post(LONG[: MEGABYTE // 2], chunked=True)
    assert (answer, request.read(), request.META["CONTENT_LENGTH"]) == (None, LONG[: MEGABYTE // 2], str(MEGABYTE // 2))


def test_a_view_that_takes_more_takes_more_only_of_what_has_a_length():
    class Roomy(APIView):
        max_body_bytes = 25 * MEGABYTE

    assert post(b"", view=Roomy, declared=25 * MEGABYTE)[0] is None
    assert post(b"", view=Roomy, declared=25 * MEGABYTE + 1)[0].status_code == 413
    assert post(b"x" * (MEGABYTE + 1), view=Roomy, chunked=True)[0].status_code == 413


def test_pages_and_readers_are_left_alone():
    class Page(View):
        pass

    assert post(b"", view=Page, declared=100 * MEGABYTE)[0] is None
    assert post(b"x" * 100, chunked=True, method="GET")[2].taken == 0


@pytest.mark.django_db
def test_every_address_of_the_api_has_the_limit():
    """Refused before anybody asks who it is; the same for a form with a file, which CSRF protection would read."""
    for kind in ("application/json", "multipart/form-data; boundary=x"):
        answer = Client().post("/api/v1/me/applications/", b"x" * (MEGABYTE + 1), content_type=kind)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_the_real_server_limits_chunked_bodies(live_stack):
    """Through granian: a chunked project arrives whole, a chunked flood ends with 413 and no more than its limit read."""
    lab = make_lab()
    _key, text = make_key(lab, Scope.PROJECTS_WRITE)
    small = json.dumps({"title": "Sent in pieces"}).encode()
    status, body = _send_chunked(live_stack.url, text, iter([small[:5], small[5:]]))
    assert (status, body["title"]) == (201, "Sent in pieces")
    assert Project.objects.get().title == "Sent in pieces"

    status, body = _send_chunked(live_stack.url, text, (b"x" * 64 * 1024 for _ in range(17)))
    assert (status, body["code"]) == (413, "too_large")
    assert Project.objects.count() == 1


def _send_chunked(url: str, key: str, pieces: Iterator[bytes]) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Transfer-Encoding": "chunked"}
    connection.request("POST", "/api/v1/projects/", body=pieces, headers=headers, encode_chunked=True)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def test_the_limit_of_what_has_no_length_is_no_larger_than_the_usual_one():
    assert api.MAX_UNMEASURED_BYTES <= api.MAX_BODY_BYTES
