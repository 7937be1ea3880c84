"""A lab pays in through Checkout, in a browser, with real processes: from the amount to a gig on the board."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from projects.listings.queries import funds_minor
from tests.factories.projects_labs import browse, make_lab, owner_of
from tests.factories.projects_listings import make_draft
from tests.support.browsing import hand_over
from tests.support.processes import LiveStack, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.full]


def test_a_lab_pays_in_by_card_and_publishes(live_stack: LiveStack, page: Page) -> None:
    lab = make_lab()
    project = make_draft(lab)
    hand_over(browse(owner_of(lab)), page.context, live_stack.url)

    page.goto(f"/lab/{lab.slug}/projects/{project.public_id}/funding/")
    page.get_by_label("Amount").fill("20,000")
    page.get_by_role("button", name="Go to the payment page").click()
    page.wait_for_url(f"{live_stack.env['STRIPE_SIMULATOR_URL']}/**")
    page.get_by_role("button", name="Pay with test card").click()
    page.wait_for_url(f"{live_stack.url}/**")
    page.get_by_text("The money has arrived.").wait_for()
    wait_until(lambda: funds_minor(project) == 20_000_00, what="the project funds")
    page.get_by_role("link", name="Back to the project").click()
    page.get_by_role("button", name="Publish").click()
    page.get_by_text("Published. Experts find it on the board now.").wait_for()
    page.goto("/gigs/")
    page.get_by_label("Search gigs").fill("physican")
    page.get_by_text("1 gig matches").wait_for()

    assert page.get_by_role("link", name="Physician Talent Network").is_visible()
