"""One quick journey for each role through the demonstration world: the first screen and two clicks from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import override_settings
from playwright.sync_api import Browser, Page, expect
from pytest_django import DjangoDbBlocker

from marketplace.demo.actions.world import make_world
from marketplace.kernel import clock
from payments.gateway.simulator.server import Config, Simulator
from tests.journeys.album import Album, Ear
from tests.journeys.conftest import PATIENCE_MS
from tests.support.browsing import fresh_page
from tests.support.database import cloned_database
from tests.support.processes import LiveStack, make_live_stack

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.xdist_group("demonstration stack")]

LAST_STAGE = "hours and pay"
"""What the world gets after this is on none of the pages here, and costs a third of its time."""


@pytest.fixture(scope="module")
def demonstration(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    broker_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[LiveStack]:
    """Give the site in real processes with the demonstration world in it; one for all tests here, which only look."""
    with django_db_blocker.unblock(), cloned_database():
        stack = make_live_stack(broker_url, tmp_path_factory.mktemp("demonstration"))
        make_demonstration_world(Path(stack.env["STRIPE_SIMULATOR_DB"]))
        try:
            stack.start()
            yield stack
        finally:
            stack.stop()


def make_demonstration_world(stripe: Path) -> None:
    """As `./dev up` does, before there are workers; the stand-in keeps its books in this file. Nothing beyond the pay."""
    simulator = Simulator(Config(path=stripe)).start()
    at = {"STRIPE_SIMULATOR_URL": simulator.address, "STRIPE_API_BASE": simulator.address}
    try:
        with override_settings(DEBUG=True, **at):
            for stage in make_world(now=clock.now()):
                if stage == LAST_STAGE:
                    break
    finally:
        simulator.stop()


@pytest.fixture
def page(chromium: Browser, demonstration: LiveStack, ear: Ear) -> Iterator[Page]:
    """Give a page in front of the demonstration world; what its console complains about fails the test."""
    with fresh_page(chromium, demonstration.url) as opened:
        opened.set_default_timeout(PATIENCE_MS)
        yield ear.listen(opened, "reader")
    assert ear.heard == []


@pytest.fixture
def album(request: pytest.FixtureRequest) -> Album:
    return Album(request.node.name.removeprefix("test_").replace("_", "-"))


def looks_right(page: Page, album: Album, title: str) -> None:
    """The page passes the accessibility rules; keep a picture."""
    expect(page.locator("main h1").first).to_be_visible()
    page.wait_for_load_state()
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    album.photograph(page, title)


def test_a_visitor_reads_a_gig(page: Page, album: Album) -> None:
    page.goto("/")
    looks_right(page, album, "home")
    page.get_by_role("link", name="All gigs").click()
    looks_right(page, album, "board")
    page.get_by_role("article").first.get_by_role("link").first.click()
    expect(page.get_by_role("complementary", name="Apply")).to_be_visible()
    looks_right(page, album, "gig")


def test_an_expert_sees_work_hours_and_pay(page: Page, album: Album) -> None:
    page.goto("/dev/as/expert/")
    expect(page.get_by_role("heading", name=re.compile("^Hello"))).to_be_visible()
    looks_right(page, album, "home")
    main = page.get_by_role("navigation", name="Main", exact=True)
    main.get_by_role("link", name="Hours").click()
    looks_right(page, album, "hours")
    main.get_by_role("link", name="Earnings").click()
    looks_right(page, album, "earnings")


def test_an_owner_sees_the_project_and_its_batches(page: Page, album: Album) -> None:
    page.goto("/dev/as/lab-owner/")
    looks_right(page, album, "overview")
    page.get_by_role("navigation", name="Lab").get_by_role("link", name="Projects").click()
    looks_right(page, album, "projects")
    page.get_by_role("main").get_by_role("link", name="Physician Talent Network").first.click()
    looks_right(page, album, "project")


def test_vetting_opens_a_case(page: Page, album: Album) -> None:
    page.goto("/dev/as/vetting/")
    looks_right(page, album, "queue")
    page.get_by_role("table").get_by_role("rowheader").first.get_by_role("link").click()
    looks_right(page, album, "case")
    page.get_by_role("navigation", name="Vetting").get_by_role("link", name="Decided").click()
    looks_right(page, album, "decided")


def test_finance_opens_a_run(page: Page, album: Album) -> None:
    page.goto("/dev/as/preparer/")
    looks_right(page, album, "cockpit")
    page.get_by_role("navigation", name="Finance").get_by_role("link", name="Pay runs").click()
    looks_right(page, album, "runs")
    page.get_by_role("main").get_by_role("row").nth(1).get_by_role("link").first.click()
    expect(page.get_by_role("heading", name=re.compile("^Pay run"))).to_be_visible()
    looks_right(page, album, "run")
