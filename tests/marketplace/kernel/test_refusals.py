from __future__ import annotations

import json

import pytest
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from rest_framework import exceptions, serializers

from marketplace.kernel.api import problem_handler
from marketplace.kernel.errors import Conflict, NotAllowed, Refused, TooMany, WrongState
from marketplace.kernel.http import RefusalMiddleware
from marketplace.kernel.markdown import render_markdown


def body_of(response):
    response.accepted_renderer = None
    return {key: value for key, value in response.data.items() if key != "type"}


def test_a_refusal_is_problem_json_with_a_stable_code_and_its_facts():
    response = problem_handler(WrongState("It has moved on.", current="DRAFT"), {})
    assert response.content_type == "application/problem+json"
    assert body_of(response) == {
        "title": "It has moved on", "status": 409, "code": "wrong_state", "detail": "It has moved on.",
        "current": "DRAFT",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404(), 404, "not_found"),
        (NotAllowed("No."), 403, "not_allowed"),
        (Conflict("Changed."), 409, "conflict"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
        (exceptions.ParseError(), 400, "parse_error"),
        (serializers.ValidationError({"rate": ["Too low."]}), 400, "invalid"),
    ],
)
def test_every_error_of_the_api_has_one_shape(error, status, code):
    response = problem_handler(error, {})
    assert (response.status_code, response.data["code"], response.data["type"]) == (
        status, code, f"/help/errors#{code}",
    )  # fmt: skip
    json.dumps(response.data)


def every_kind(base):
    """The class and everything that inherits from it."""
    yield base
    for one in base.__subclasses__():
        yield from every_kind(one)


@pytest.mark.django_db
def test_every_code_that_the_api_can_answer_has_an_anchor_on_the_help_page(client):
    """`type` leads there: all our refusals, and whatever DRF raises, today or in a later version."""
    theirs = [kind for kind in every_kind(exceptions.APIException) if kind.__module__ == "rest_framework.exceptions"]
    needs = {exceptions.MethodNotAllowed: ["PUT"], exceptions.UnsupportedMediaType: ["text/plain"]}
    codes = {problem_handler(kind(*needs.get(kind, [])), {}).data["code"] for kind in theirs}
    codes |= {kind.code for kind in every_kind(Refused)}
    assert {"not_found", "parse_error", "throttled", "error", "refused", "too_large", "wrong_state"} <= codes
    page = client.get("/help/errors").content.decode()
    assert {code for code in codes if f'<tr id="{code}">' not in page} == set()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (exceptions.PermissionDenied(), "not_allowed"),
        (RequestDataTooBig(), "too_large"),
        (exceptions.NotFound(), "not_found"),
        (exceptions.Throttled(), "throttled"),
        (exceptions.MethodNotAllowed("PUT"), "method_not_allowed"),
        (exceptions.UnsupportedMediaType("text/plain"), "unsupported_media_type"),
        (exceptions.APIException({"a": ["b"]}), "error"),
        (exceptions.APIException(code="of_a_library"), "error"),
    ],
)
def test_codes_are_ours_or_on_the_list(error, code):
    assert problem_handler(error, {}).data["code"] == code


def test_too_many_says_when_to_come_back():
    response = problem_handler(TooMany("Slow down.", retry_after_seconds=30), {})
    assert response["Retry-After"] == "30"


def test_what_is_no_refusal_is_left_alone():
    middleware = RefusalMiddleware(lambda _request: HttpResponse())
    assert middleware.process_exception(RequestFactory().get("/"), ValueError("a bug")) is None


@pytest.mark.django_db
def test_a_refusal_is_a_page_or_a_flash(client):
    middleware = RefusalMiddleware(lambda _request: HttpResponse())
    request = RequestFactory().get("/")
    from django.contrib.auth.models import AnonymousUser

    request.user, request.resolver_match, request.htmx = AnonymousUser(), None, False
    page = middleware.process_exception(request, Refused("There are no places left."))
    assert (page.status_code, "There are no places left." in page.content.decode()) == (422, True)
    request.htmx = True
    flash = middleware.process_exception(request, Refused("There are no places left."))
    assert (flash["HX-Retarget"], "<html" in flash.content.decode()) == ("#flash", False)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** <script>alert(1)</script>", "<p><strong>bold</strong> &lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("# Top", "<h2>Top</h2>"),
        ("![x](https://evil.example/pixel.png)", "<p></p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
    ],
)
def test_markdown_of_users_is_harmless(text, html):
    assert render_markdown(text).strip() == html


def test_a_link_of_a_user_earns_no_trust():
    assert 'rel="noopener noreferrer nofollow ugc"' in render_markdown("[x](https://a.example)")
