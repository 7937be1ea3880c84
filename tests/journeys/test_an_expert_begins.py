"""An expert fills the profile on a phone: begins, leaves half way, comes back to where it stopped, and finishes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from experts.profiles.models import Expert
from experts.profiles.queries import expert_of, progress_of
from tests.journeys.album import PHONE, Album, Ear
from tests.journeys.conftest import PATIENCE_MS
from tests.journeys.people import make_person, sign_in
from tests.support.processes import LiveStack

pytestmark = [pytest.mark.full, pytest.mark.browser, pytest.mark.web_alone]
EMAIL = "ines@carrasco.example"
BOTH = ("dark", "light")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture
def phone(chromium: Browser, live_stack: LiveStack, ear: Ear) -> Iterator[Callable[..., Page]]:
    """Give a function that opens a page 320 pixels wide, on a phone of its own whose clock is in Berlin."""
    with ExitStack() as opened:

        def open_page(*, scripts: bool) -> Page:
            context = chromium.new_context(
                base_url=live_stack.url, viewport=PHONE, has_touch=True, java_script_enabled=scripts, locale="en-GB",
                timezone_id="Europe/Berlin", reduced_motion="reduce",
            )  # fmt: skip
            opened.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            return ear.listen(context.new_page(), "expert")

        yield open_page


def test_a_profile_is_begun_left_and_finished_on_a_phone(phone: Callable[..., Page], ear: Ear) -> None:
    make_person(name="Ines Carrasco", email=EMAIL)
    album, page = Album("an-expert-begins"), phone(scripts=True)
    sign_in(page, email=EMAIL)
    page.goto("/me/")
    page.get_by_role("link", name="Start: Fill in your profile").click()
    page.get_by_role("button", name="Start your profile").click()
    the_expert_says_who_they_are(page, album)
    the_expert_finds_a_field_by_typing_it_wrong(page, album)
    page.close(run_before_unload=False)

    page = phone(scripts=True)  # another day, another device
    sign_in(page, email=EMAIL)
    page.goto("/me/")
    expect(page.get_by_text("2 of 6 steps done. Next: Languages.")).to_be_visible()
    page.get_by_role("link", name="Continue: Complete your profile").click()
    page.get_by_label("Add a language").select_option(label="Spanish")
    page.get_by_label("Level").select_option("NATIVE")
    leads_on(page, "Work and education")
    the_expert_adds_a_job_and_a_degree(page, album)
    the_expert_ticks_hours(page, album)
    the_expert_names_a_conflict(page, album)
    looks_right(page, album, "review")
    expect(page.get_by_text("Mon–Fri 18:00–22:00")).to_be_visible()
    page.get_by_role("link", name="Go on to résumé and credentials").click()
    expect(page.get_by_role("heading", name="Credentials", level=1)).to_be_visible()
    the_expert_is_not_looking_for_a_while(page, album)
    expert = expert_of(Expert.objects.get().user, with_history=True)
    assert expert is not None
    assert (progress_of(expert).next, expert.user.time_zone, expert.open_to_work) == (None, "Europe/Berlin", False)
    assert ear.heard == []


def the_expert_says_who_they_are(page: Page, album: Album) -> None:
    looks_right(page, album, "about")
    page.get_by_label("Headline").fill("Screenwriter, two produced features")
    page.get_by_role("textbox", name="About you").fill("I write for film and teach the second act.")
    page.get_by_label("Country").select_option(label="Spain")
    page.get_by_label("Years of experience").fill("-1")
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("greater than or equal to 0")
    looks_right(page, album, "about refused")
    page.get_by_label("Years of experience").fill("14")
    leads_on(page, "Fields")


def the_expert_finds_a_field_by_typing_it_wrong(page: Page, album: Album) -> None:
    box = page.get_by_role("combobox", name="Add a field")
    box.press_sequentially("scrrenwriting")
    expect(page.get_by_role("option").first).to_contain_text("Screenwriting")
    looks_right(page, album, "fields", schemes=BOTH)
    box.press("ArrowDown")
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    box.press("Enter")
    expect(box).to_have_value("Screenwriting")
    page.keyboard.type("14")  # the years have the focus
    page.keyboard.press("Enter")
    expect(page.get_by_label("Years in Screenwriting").or_(page.locator("[value='14']")).first).to_be_visible()
    expect(page.get_by_role("button", name="Remove Screenwriting")).to_be_visible()
    page.get_by_role("button", name="Save and leave").click()
    expect(page).to_have_url(re.compile("/me/$"))


def the_expert_adds_a_job_and_a_degree(page: Page, album: Album) -> None:
    page.get_by_role("link", name="Add a job").click()
    page.get_by_label("What you did").fill("Screenwriter")
    page.get_by_label("Where").fill("Self-employed")
    page.get_by_label("First month").select_option(label="March")
    page.get_by_label("First year").fill("2012")
    looks_right(page, album, "job")
    page.get_by_label("I still work there").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Self-employed, Mar 2012 until today")).to_be_visible()
    page.get_by_role("link", name="Add education").click()
    page.get_by_label("School or university").fill("Escuela de Cine")
    page.get_by_label("Degree").fill("MA")
    for which, month, year in (("First", "September", "2009"), ("Last", "June", "2011")):
        page.get_by_label(f"{which} month").select_option(label=month)
        page.get_by_label(f"{which} year").fill(year)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Escuela de Cine, Sep 2009 to Jun 2011")).to_be_visible()
    looks_right(page, album, "history")
    leads_on(page, "Hours and pay")


def the_expert_ticks_hours(page: Page, album: Album) -> None:
    expect(page.get_by_label("Your time zone")).to_have_value("Europe/Berlin")  # as the phone says
    page.get_by_label("Hours a week you have free").fill("15")
    page.get_by_role("button", name="Weekday evenings").click()
    total = page.locator("[data-week-total]")
    expect(total).to_have_text("20")
    monday = page.get_by_role("checkbox", name="Monday 09:00")
    monday.tap()
    expect(total).to_have_text("21")
    monday.press("Shift+ArrowRight")
    expect(page.get_by_role("checkbox", name="Tuesday 09:00")).to_be_checked()
    expect(page.get_by_role("checkbox", name="Tuesday 09:00")).to_be_focused()
    page.keyboard.press("Space")
    page.get_by_role("checkbox", name="Monday 09:00").uncheck()
    expect(total).to_have_text("20")
    looks_right(page, album, "hours")
    page.get_by_label("Rate you wish for").fill("95")
    leads_on(page, "Conflicts")


def the_expert_names_a_conflict(page: Page, album: Album) -> None:
    expect(page.get_by_role("button", name="I have none")).to_be_visible()
    page.get_by_role("link", name="Add a conflict").click()
    page.get_by_label("Employer, client or other organisation").fill("Northlight Studios")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Northlight Studios")).to_be_visible()
    looks_right(page, album, "conflicts", schemes=BOTH)
    leads_on(page, "Review your profile")


def the_expert_is_not_looking_for_a_while(page: Page, album: Album) -> None:
    page.goto("/me/")
    page.get_by_role("switch", name="Open to work").uncheck()
    expect(page.get_by_text("Your profile says that you want no new gigs now.")).to_be_visible()
    looks_right(page, album, "home", schemes=BOTH)


def leads_on(page: Page, heading: str) -> None:
    page.get_by_role("main").get_by_role("button", name="Next", exact=True).last.click()
    expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()


def looks_right(page: Page, album: Album, title: str, *, schemes: tuple[str, ...] = ("light",)) -> None:
    """The page passes the accessibility rules, and nothing is wider than the screen."""
    page.wait_for_load_state()
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        found = Axe().run(page, options={"runOnly": RULES})
        assert found.violations_count == 0, f"{page.url} {scheme}\n{found.generate_report()}"
    assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"], page.url
    album.photograph(page, title)
