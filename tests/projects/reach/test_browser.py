"""Saving a search and passing a gig on, in Chromium: with a phone's width, by everybody's rules, and with a quiet console."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from marketplace.kernel import clock
from projects.listings.models import Project
from projects.reach.models import SavedSearch
from tests.factories.projects_labs import browse, make_lab
from tests.factories.projects_listings import licence, make_expert, make_gig
from tests.factories.projects_reach import save, sweep
from tests.support.browsing import fresh_page, hand_over
from tests.support.processes import LiveStack

pytestmark = [
    pytest.mark.full, pytest.mark.browser, pytest.mark.web_alone, pytest.mark.django_db(transaction=True),
]  # fmt: skip


def narrow(page: Page) -> None:
    """Look at the page on the smallest phone: nothing sticks out at its side, and axe finds nothing."""
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_search_is_saved_run_and_deleted_and_a_gig_is_passed_on(chromium: Browser, live_stack: LiveStack):
    lab, now = make_lab(now=clock.now()), clock.now()
    gig = make_gig(
        lab, "cardiology", title="Echo reports graded", requirements=(licence(),), now=now - timedelta(days=1)
    )
    expert = make_expert()
    save(expert.user, "field=medicine", now=now - timedelta(hours=3))
    make_gig(lab, "medicine", title="Guidelines compared", now=now - timedelta(hours=1))
    sweep(clock.now())
    with fresh_page(chromium, live_stack.url) as visitor, fresh_page(chromium, live_stack.url) as page:
        hand_over(browse(expert.user), page.context, live_stack.url)
        heard: list[str] = []
        for one in (visitor, page):
            one.on("pageerror", lambda error: heard.append(str(error)))
            one.on("console", lambda said: heard.append(said.text) if said.type in {"error", "warning"} else None)

        a_visitor_looks_around_and_passes_a_gig_on(visitor, gig, base=live_stack.url)
        an_expert_saves_runs_and_deletes_a_search(page, gig, base=live_stack.url)
        assert heard == []


def a_visitor_looks_around_and_passes_a_gig_on(visitor: Page, gig: Project, *, base: str) -> None:
    visitor.goto("/gigs/?q=echo")
    visitor.get_by_role("link", name="Save this search").click()
    expect(visitor.get_by_role("heading", name="Make an account")).to_be_visible()
    visitor.goto("/fields/medicine/")
    expect(visitor.get_by_text("What labs ask for")).to_be_visible()
    narrow(visitor)
    visitor.goto("/fields/chess/")
    narrow(visitor)
    visitor.goto("/fields/")
    narrow(visitor)
    visitor.goto(f"/gigs/{gig.public_id}/")
    visitor.get_by_role("link", name="Share this gig").click()
    short = visitor.get_by_label("Short address of this gig")
    expect(short).to_be_visible()
    narrow(visitor)
    visitor.goto(short.input_value())
    expect(visitor).to_have_url(f"{base}/gigs/{gig.public_id}/")


def an_expert_saves_runs_and_deletes_a_search(page: Page, gig: Project, *, base: str) -> None:
    page.goto("/gigs/?q=echo")
    page.get_by_label("$150 or more").check()  # the part of the page with the button comes anew
    expect(page.get_by_role("link", name="Save this search")).to_have_attribute(
        "href", "/me/searches/new/?q=echo&rate=15000"
    )
    page.get_by_role("link", name="Save this search").click()
    expect(page.get_by_text("1 gig fits today.")).to_be_visible()
    narrow(page)
    page.get_by_label("Name").fill("Hearts")
    page.get_by_label("As they appear").check()
    page.get_by_role("button", name="Save this search").click()
    expect(page.get_by_role("heading", name="Hearts")).to_be_visible()
    narrow(page)
    page.goto("/me/searches/")
    expect(page.get_by_text("1 new")).to_be_visible()
    narrow(page)
    page.get_by_role("link", name="Medicine", exact=True).click()
    expect(page.get_by_role("link", name="Guidelines compared")).to_be_visible()
    narrow(page)
    page.get_by_role("button", name="Run it on the board").click()
    expect(page).to_have_url(f"{base}/gigs/?field=medicine&sort=newest")
    page.goto("/me/searches/")
    page.get_by_role("link", name="Edit “Hearts”").click()
    narrow(page)
    page.get_by_role("link", name="Delete this search").click()
    narrow(page)
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_text("Hearts")).to_have_count(0)
    assert list(SavedSearch.objects.values_list("query", flat=True)) == ["field=medicine"]
    page.goto(f"/gigs/{gig.public_id}/share/")
    page.get_by_role("link", name="Share with your own link").click()
    page.get_by_role("button", name="Make my link").click()
    expect(page.get_by_label("Your link to this gig")).to_be_visible()
    narrow(page)
