"""Somebody takes a copy of everything, asks to be erased, thinks again, and stays."""

from __future__ import annotations

import zipfile
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from marketplace.privacy.models import ErasureRequest
from tests.journeys.album import Album, Ear
from tests.journeys.people import confirm_that_it_is_you, make_person, sign_in

pytestmark = [pytest.mark.full, pytest.mark.browser]
EMAIL = "ines@carrasco.example"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


def test_a_copy_is_taken_and_leaving_is_taken_back(someone: Callable[[str], Page], ear: Ear) -> None:
    make_person(name="Ines Carrasco", email=EMAIL)
    page, album = someone("expert"), Album("somebody-leaves")
    sign_in(page, email=EMAIL)
    page.goto("/me/privacy/")
    album.photograph(page, "your-data")
    accessible(page)
    page.get_by_role("button", name="Ask for a copy").click()
    if page.get_by_role("heading", name="Confirm that it is you").is_visible():
        confirm_that_it_is_you(page)
        page.get_by_role("button", name="Ask for a copy").click()
    expect(page.get_by_role("heading", name="Ready to download")).to_be_visible()
    album.photograph(page, "copy-is-ready")
    accessible(page)
    with page.expect_download() as taken:
        page.get_by_role("link", name="Download", exact=True).click()
    with zipfile.ZipFile(taken.value.path()) as archive:
        assert archive.testzip() is None
        assert "Ines Carrasco" in archive.read("index.html").decode()
    page.get_by_role("link", name="See what goes and what stays").click()
    album.photograph(page, "what-goes-and-stays")
    accessible(page)
    page.get_by_label("I have read what goes and what stays").check()
    page.get_by_role("button", name="Ask to be erased").click()
    expect(page.get_by_text("You asked to be erased.")).to_be_visible()
    album.photograph(page, "waiting")
    accessible(page)
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("Taken back. Everything is as it was.")).to_be_visible()
    assert ErasureRequest.objects.get().state == "CANCELLED"
    assert ear.heard == []


def accessible(page: Page) -> None:
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
