"""Every error page through the real handlers, and none of them with a question to the database."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, connections
from django.http import HttpResponse
from django.test import Client

from marketplace.local import ports
from marketplace.notices.queries import unsubscribe_url
from tests.factories.marketplace_accounts import make_user
from tests.journeys.album import Album, Ear
from tests.marketplace.pages.drawing import Soundness

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from pytest_django.live_server_helper import LiveServer

pytestmark = pytest.mark.urls("tests.marketplace.pages.error_urls")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser() -> Client:
    """Give a browser that shows what went wrong, as a real one does, instead of raising it."""
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


def heading(answer: HttpResponse) -> str:
    """Judge the page's HTML and return its heading."""
    html = answer.content.decode()
    reader = Soundness()
    reader.feed(html)
    assert (reader.wrong, reader.open) == ([], [])
    assert "Content-Security-Policy" in answer
    found = re.findall(r"<h1[^>]*>\s*(.*?)\s*</h1>", html)
    assert len(found) == 1
    return str(found[0])


# --------------------------------------------------------------------------------------------- what went wrong outside


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/test/forbidden/", 403, "This account may not do that"),
        ("/no/such/page/", 404, "There is nothing at this address"),
        ("/test/too-many/", 429, "Too many attempts for now"),
        ("/test/fault/", 500, "This page broke, and it is our fault"),
    ],
)
def test_a_page_of_an_error_is_drawn_without_the_database(browser, path, status, words):
    """No test here may touch the database unless it says so: pytest-django would raise."""
    answer = browser.get(path)
    assert (answer.status_code, heading(answer)) == (status, words)


def test_a_host_that_is_not_ours_is_not_understood(browser):
    answer = browser.get("/", headers={"Host": "elsewhere.example"})
    assert (answer.status_code, heading(answer)) == (400, "We could not read that request")


def test_a_form_from_another_browser_has_expired(browser):
    answer = browser.post("/accounts/login/", {"login": "noor@people.example", "password": "x"})
    assert (answer.status_code, heading(answer)) == (403, "This form was open for too long")


@pytest.mark.parametrize(
    ("limit", "sent"),
    [
        (
            "DATA_UPLOAD_MAX_MEMORY_SIZE",
            {"data": "x=" + "1" * 200, "content_type": "application/x-www-form-urlencoded"},
        ),
        ("DATA_UPLOAD_MAX_NUMBER_FIELDS", {"data": {f"field{n}": "1" for n in range(101)}}),
    ],
)
def test_a_body_over_a_limit_is_too_large_and_not_a_riddle(browser, settings, limit, sent):
    setattr(settings, limit, 100)
    browser.get("/accounts/login/")  # for the cookie without which nobody reads the body
    answer = browser.post("/accounts/login/", **sent)
    assert (answer.status_code, heading(answer)) == (413, "That is too large to send at once")


# ------------------------------------------------------------------------------------------------------------ our fault


def lines_of_the_log(caplog: pytest.LogCaptureFixture, event: str) -> list[dict[str, object]]:
    return [record.msg for record in caplog.records if isinstance(record.msg, dict) and record.msg["event"] == event]


def test_the_reference_on_a_broken_page_is_the_id_of_its_lines_in_the_log(browser, caplog):
    caplog.set_level(logging.INFO)
    answer = browser.get("/test/fault/")
    shown = re.search(r'Reference <span class="mono">([0-9a-f-]{36})</span>', answer.content.decode())
    assert shown
    (line,) = lines_of_the_log(caplog, "request_failed")
    assert (line["request_id"], line["request"], line["code"]) == (shown.group(1), "GET /test/fault/", 500)
    assert "ZeroDivisionError: on purpose" in caplog.text
    second = re.search(r'class="mono">([0-9a-f-]{36})', browser.get("/test/fault/").content.decode())
    assert second
    assert second.group(1) != shown.group(1)


def test_a_program_gets_the_same_as_problem_json(browser):
    fault, missing = browser.get("/api/v1/test/fault/"), browser.get("/api/v1/no-such-thing/")
    body = fault.json()
    assert re.fullmatch("[0-9a-f-]{36}", body.pop("reference"))
    assert body == {
        "type": "/help/errors#fault", "title": "Internal Server Error", "status": 500, "code": "fault",
        "detail": "This is our fault. Send us the reference.",
    }  # fmt: skip
    assert (fault.status_code, fault["Content-Type"]) == (500, "application/problem+json")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


@contextmanager
def database_away() -> Iterator[None]:
    """Have Django look for the database where nothing listens."""
    facts = connection.settings_dict
    place = facts["PORT"]
    connections.close_all()
    facts["PORT"] = ports.free_port()
    try:
        yield
    finally:
        connections.close_all()
        facts["PORT"] = place


@pytest.mark.parametrize("path", ["/", "/me/", "/gigs", "/accounts/login/", "/no/such/page/"])
def test_while_the_database_is_away_everybody_is_asked_to_come_back(browser, django_db_blocker, path):
    """Also who is signed in: the frame of a page asks who reads it, and this page has none."""
    browser.cookies[settings.SESSION_COOKIE_NAME] = SessionStore("x" * 32).session_key or ""
    with django_db_blocker.unblock(), database_away():
        answer = browser.get(path)
    assert (answer.status_code, answer["Retry-After"], heading(answer)) == (503, "15", "Back in a moment")
    assert answer["Cache-Control"] == "no-store"
    assert "camera=()" in answer["Permissions-Policy"]


def test_an_api_without_its_database_says_so_in_its_own_shape(browser, django_db_blocker):
    with django_db_blocker.unblock(), database_away():
        answer = browser.get("/api/v1/projects/", headers={"Authorization": "Bearer pk_x"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "15")
    assert (answer["Content-Type"], answer.json()["code"]) == ("application/problem+json", "unavailable")


@pytest.mark.django_db
def test_a_question_that_takes_too_long_is_not_our_visitor_s_fault_either(browser):
    answer = browser.get("/test/slow/")
    assert (answer.status_code, heading(answer)) == (503, "Back in a moment")


# ----------------------------------------------------------------------------------------------------------------- htmx


def test_htmx_puts_no_whole_page_into_a_part_of_one(browser):
    flash = browser.get("/test/forbidden/", headers=HTMX)
    assert (flash.status_code, flash["HX-Retarget"], "<html" in flash.content.decode()) == (403, "#flash", False)
    assert "This account may not do that." in flash.content.decode()
    expired = browser.post("/accounts/login/", {}, headers=HTMX)
    assert (expired.status_code, expired["HX-Retarget"]) == (403, "#flash")


def test_who_must_wait_is_told_how_long(browser):
    for more in ({}, HTMX):
        answer = browser.get("/test/refuse-for-now/", headers=more)
        assert (answer.status_code, answer["Retry-After"]) == (429, "30")


@pytest.mark.parametrize(
    ("headers", "back"),
    [
        ({"Referer": "http://testserver/finance/runs/7/?tab=log#top"}, "/finance/runs/7/?tab=log"),
        ({"Referer": "https://elsewhere.example/finance/"}, "/test/ask-again/"),
        ({}, "/test/ask-again/"),
    ],
)
@pytest.mark.django_db
def test_who_must_confirm_who_they_are_is_led_there_and_back(browser, headers, back):
    browser.force_login(make_user())
    there = f"/accounts/reauthenticate/?next={back.replace('/', '%2F').replace('?', '%3F').replace('=', '%3D')}"
    plain = browser.get("/test/ask-again/", headers=headers)
    assert (plain.status_code, plain["Location"]) == (302, there)


@pytest.mark.django_db
def test_htmx_is_led_there_too_and_back_to_the_page_it_stands_on(browser):
    browser.force_login(make_user())
    shown = {"HX-Current-URL": "http://testserver/finance/holds/?state=open", "Referer": "http://testserver/other/"}
    answer = browser.get("/test/ask-again/", headers=HTMX | shown)
    assert (answer.status_code, answer["HX-Redirect"]) == (
        200, "/accounts/reauthenticate/?next=%2Ffinance%2Fholds%2F%3Fstate%3Dopen",
    )  # fmt: skip
    asked = browser.get(answer["HX-Redirect"])
    assert 'name="next" value="/finance/holds/?state=open"' in asked.content.decode()


# -------------------------------------------------------------------------------------------------------------- browser


@pytest.mark.full
@pytest.mark.browser
def test_the_pages_of_errors_are_for_everybody(
    chromium: Browser, transactional_db: None, live_server: LiveServer
) -> None:
    """Light, dark and on a small phone: axe finds nothing, nothing scrolls sideways, the console has no complaint."""
    from axe_playwright_python.sync_playwright import Axe

    stop = unsubscribe_url(make_user(), "work").removeprefix(settings.SITE_URL)
    paths = ["forbidden", "too-many", "refuse-for-now", "fault", "away", "no-such-page"]
    ear, album = Ear(), Album("errors")
    size = {"width": 1280, "height": 800}
    context = chromium.new_context(base_url=live_server.url, viewport=size, reduced_motion="reduce")  # type: ignore[arg-type]
    page = ear.listen(context.new_page(), "errors")
    for path in [*(f"/test/{name}/" for name in paths), stop]:
        page.goto(path)
        for scheme, width in (("light", 1280), ("dark", 1280), ("light", 320), ("dark", 320)):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.set_viewport_size({"width": width, "height": 800})
            found = [one["id"] for one in Axe().run(page).response["violations"]]
            assert (path, scheme, width, found) == (path, scheme, width, [])
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.set_viewport_size({"width": 1280, "height": 800})
        album.photograph(page, path.strip("/").rpartition("/")[2][:16])
    page.get_by_role("button", name="Stop them").click()
    page.get_by_role("heading", name="No more e-mails of this kind").wait_for()
    album.photograph(page, "stopped")
    context.close()
    assert [line for line in ear.heard if "the server responded with a status of" not in line] == []
