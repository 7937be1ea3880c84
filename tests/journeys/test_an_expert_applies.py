"""An expert on a small phone applies, changes their mind, and applies again; with JavaScript and without it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, expect

from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.kernel import clock
from projects.hiring.models import Application
from tests.factories.experts_profiles import make_expert
from tests.factories.experts_vetting import decide, make_checked_case
from tests.factories.projects_listings import make_gig, vetted_in
from tests.journeys.album import PHONE, Album, Ear
from tests.journeys.conftest import PATIENCE_MS
from tests.journeys.people import make_person, sign_in
from tests.support.processes import LiveStack

pytestmark = [pytest.mark.full, pytest.mark.browser]
EMAIL = "imani@okafor.example"
ANSWER = "The one on beta blockers after a small infarction, because of two newer trials."


@pytest.fixture
def phone(chromium: Browser, live_stack: LiveStack, ear: Ear) -> Iterator[Callable[..., Page]]:
    """Give a function that opens a page 320 pixels wide, where scripts run or do not."""
    with ExitStack() as opened:

        def open_page(*, scripts: bool) -> Page:
            context = chromium.new_context(
                base_url=live_stack.url, viewport=PHONE, java_script_enabled=scripts, locale="en-GB"
            )  # fmt: skip
            opened.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            return ear.listen(context.new_page(), "expert")

        yield open_page


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_an_expert_applies_withdraws_and_applies_again(
    phone: Callable[..., Page], live_stack: LiveStack, ear: Ear, scripts: bool
) -> None:
    a_vetted_expert_and_a_gig_that_asks_for_one()
    page, album = phone(scripts=scripts), Album(f"an-expert-applies-{'with' if scripts else 'without'}-scripts")
    sign_in(page, email=EMAIL)
    nothing_is_wider_than_the_screen(page)
    the_expert_finds_the_gig(page)
    album.photograph(page, "gig")
    nothing_is_wider_than_the_screen(page)
    the_expert_starts_an_application(page)
    the_expert_is_told_what_is_missing(page)
    album.photograph(page, "application")
    nothing_is_wider_than_the_screen(page)
    the_expert_submits(page)
    the_expert_withdraws(page)
    the_expert_finds_the_gig(page)
    the_expert_starts_an_application(page)
    the_expert_answers(page)
    the_expert_submits(page)
    page.goto("/me/applications/")
    album.photograph(page, "applications")
    nothing_is_wider_than_the_screen(page)
    assert list(Application.objects.order_by("pk").values_list("state", flat=True)) == ["WITHDRAWN", "SUBMITTED"]
    assert ear.heard == []


def a_vetted_expert_and_a_gig_that_asks_for_one() -> None:
    now = clock.now()
    user: User = make_person(name="Imani Okafor", email=EMAIL)
    expert: Expert = make_expert(user, created_at=now, updated_at=now)
    decide(make_checked_case(expert, now=now), now=now)
    make_gig(None, now=now, requirements=(vetted_in("medicine"),))


def nothing_is_wider_than_the_screen(page: Page) -> None:
    wide = page.evaluate(
        "width => document.scrollingElement.scrollWidth <= width ? [] : [...document.querySelectorAll('body *')]"
        ".filter(element => element.getBoundingClientRect().right > width).map(element => element.outerHTML)",
        PHONE["width"],
    )
    assert wide == [], page.url


def the_expert_finds_the_gig(page: Page) -> None:
    page.goto("/gigs/")
    page.get_by_label("Search gigs").fill("physician")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page).to_have_url(re.compile("q=physician"))
    page.get_by_role("link", name="Physician Talent Network").click()


def the_expert_starts_an_application(page: Page) -> None:
    page.get_by_role("link", name="Apply", exact=True).first.click()
    page.get_by_role("button", name="Start application").click()
    expect(page.get_by_role("heading", name="Physician Talent Network Started")).to_be_visible()


def the_expert_is_told_what_is_missing(page: Page) -> None:
    """What was written is kept; what is missing is said on the page."""
    page.get_by_label("Which guideline do you disagree with").fill(ANSWER)
    page.get_by_role("button", name="Submit application").click()
    expect(page.get_by_text("Saved, but not submitted yet.")).to_be_visible()  # Only the answer says so.
    expect(page.get_by_text("Confirm that you may do this work where you live", exact=True)).to_be_visible()
    expect(page.get_by_label("Which guideline do you disagree with")).to_have_value(ANSWER)
    assert Application.objects.get().submitted_at is None


def the_expert_answers(page: Page) -> None:
    page.get_by_label("Which guideline do you disagree with").fill(ANSWER)


def the_expert_submits(page: Page) -> None:
    page.get_by_label("I may do this kind of independent work").check()
    page.get_by_label("I have named every conflict of interest").check()
    page.get_by_role("button", name="Submit application").click()
    expect(page.get_by_role("heading", name="Physician Talent Network Submitted")).to_be_visible()


def the_expert_withdraws(page: Page) -> None:
    page.get_by_role("button", name="Withdraw application").click()
    expect(page.get_by_role("heading", name="Applications")).to_be_visible()
    expect(page.get_by_text("Withdrawn", exact=True)).to_be_visible()
