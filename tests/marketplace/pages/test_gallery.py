"""The gallery is drawn, is sound HTML, passes the accessibility rules, and its scripts do what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import AnonymousUser
from django.shortcuts import render
from django.test import RequestFactory

from marketplace.pages import formats, samples
from tests.marketplace.pages.drawing import NOW, Soundness

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = pytest.mark.urls("tests.marketplace.pages.gallery_urls")
WAYS = [("light", 1440), ("dark", 1440), ("light", 320), ("dark", 320)]


@pytest.fixture
def html() -> str:
    """Give the page as the view makes it, at a fixed moment. No test here may touch the database."""
    request = RequestFactory().get("/dev/gallery/")
    request.user = AnonymousUser()
    return render(request, "pages/gallery.html", samples.context(NOW)).content.decode()


def test_the_gallery_is_drawn_without_the_database_and_shows_every_section(html: str) -> None:
    anchors = [anchor for entries in samples.SECTIONS.values() for anchor, _, _ in entries]
    assert [anchor for anchor in anchors if f'<section id="{anchor}"' not in html] == []


def test_the_gallery_is_sound_html(html: str) -> None:
    reader = Soundness()
    reader.feed(html)
    assert reader.wrong == []
    assert reader.open == []
    assert [name for name, count in reader.ids.items() if count > 1] == []


def test_words_that_point_to_an_id_point_to_one_that_exists(html: str) -> None:
    reader = Soundness()
    reader.feed(html)
    pointed = re.findall(r'\s(?:aria-labelledby|aria-describedby|aria-controls|for)="([^"]+)"', html)
    assert {word for words in pointed for word in words.split()} - set(reader.ids) == set()


# --------------------------------------------------------------------------------------------------------- browser


@pytest.fixture
def shown(chromium: Browser, transactional_db: None, live_server: LiveServer) -> Iterator[Page]:
    """Give the gallery in Chromium; whatever the console complains about fails the test."""
    from playwright.sync_api import expect

    complaints: list[str] = []
    context = chromium.new_context(
        base_url=live_server.url, viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
    )
    page = context.new_page()
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/gallery/")
    expect(page.locator("[data-panels]").first).to_have_attribute("data-ready", "")
    yield page
    context.close()
    assert complaints == []


@pytest.mark.full
@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), WAYS)
def test_the_gallery_passes_the_accessibility_rules(shown: Page, scheme: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    shown.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    shown.set_viewport_size({"width": width, "height": 900})
    assert shown.evaluate("getComputedStyle(document.body).fontSize") == "14px", "the style sheet was not built"
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    violations = Axe().run(shown).response["violations"]
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in violations] == []


@pytest.mark.full
@pytest.mark.browser
def test_a_dialog_opens_closes_and_gives_the_focus_back(shown: Page) -> None:
    trigger = shown.locator("a[data-dialog=end-contract]")
    trigger.click()
    assert shown.locator("#end-contract").evaluate("dialog => dialog.open")
    shown.keyboard.press("Escape")
    assert not shown.locator("#end-contract").evaluate("dialog => dialog.open")
    assert trigger.evaluate("element => element === document.activeElement")


@pytest.mark.full
@pytest.mark.browser
def test_arrows_move_between_panels(shown: Page) -> None:
    shown.get_by_role("tab", name="Compared").focus()
    shown.keyboard.press("ArrowRight")
    assert shown.get_by_role("tab", name="History").get_attribute("aria-selected") == "true"
    assert shown.locator("#history").is_visible()
    assert shown.locator("#compared").is_hidden()


@pytest.mark.full
@pytest.mark.browser
def test_the_theme_is_kept_in_a_cookie_that_the_server_reads(shown: Page) -> None:
    shown.emulate_media(color_scheme="light")
    shown.get_by_role("button", name="Use the dark theme").click()
    shown.reload()
    assert shown.locator("html").get_attribute("data-theme") == "dark"
    assert shown.get_by_role("button", name="Use the light theme").is_visible()


@pytest.mark.full
@pytest.mark.browser
def test_the_command_palette_opens_from_the_keyboard_and_leads_somewhere(shown: Page) -> None:
    shown.keyboard.press("Control+k")
    shown.locator("#palette-found [role=option]").first.wait_for()
    shown.keyboard.press("ArrowDown")
    shown.keyboard.press("Enter")
    shown.wait_for_url("**/gallery/#money")


@pytest.mark.full
@pytest.mark.browser
def test_no_shortcut_fires_while_the_reader_types(shown: Page) -> None:
    shown.evaluate(
        """() => { const button = document.querySelector('#buttons button'); button.dataset.shortcut = 'm';
        button.addEventListener('click', () => { document.body.dataset.pressed = (+(document.body.dataset.pressed ?? 0)) + 1; }); }"""
    )
    shown.locator("#f2").focus()
    shown.keyboard.type("mmm")
    assert shown.locator("body").get_attribute("data-pressed") is None
    shown.locator("#f2").blur()
    shown.keyboard.press("m")
    assert shown.locator("body").get_attribute("data-pressed") == "1"


@pytest.mark.full
@pytest.mark.browser
def test_browser_and_server_write_time_left_in_the_same_words(shown: Page) -> None:
    moments = [0, 5, 599, 600, 3599, 3600, 34_560, 86_399, 86_400, 100_000, 172_800, 259_199, 259_200, 500_000]
    written = shown.evaluate(
        "async (moments) => { const { leftText } = await import('/static/js/countdown.js'); return moments.map(leftText); }",
        moments,
    )
    assert written == [formats.left_text(seconds) for seconds in moments]


@pytest.mark.full
@pytest.mark.browser
def test_a_counter_counts_towards_the_rule(shown: Page) -> None:
    shown.locator("#id_correction").fill("Wait 36 h.")
    assert shown.locator("[data-count-for=id_correction]").inner_text() == "10 of at least 30 characters"


@pytest.mark.full
@pytest.mark.browser
def test_a_file_can_be_named_before_it_is_sent(shown: Page) -> None:
    shown.locator("#id_resume").set_input_files(
        {"name": "resume.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7" + b" " * 12_000}
    )
    assert "resume.pdf, 12\u00a0kB" in shown.locator("[data-drop-words]").first.inner_text()
