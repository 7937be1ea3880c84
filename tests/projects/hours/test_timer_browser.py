"""
The timer's card in Chromium: it counts, asks, takes both answers, and the week beside it follows; and without JavaScript.

Minutes do not pass in a test: the timer's row is moved into the past, which is all that the server looks at.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from marketplace.kernel import clock
from projects.hiring.models import Contract
from projects.hours.models import TimeEntry, Timer
from tests.factories.projects_hours import make_contract, make_expert, make_gig
from tests.factories.projects_labs import browse
from tests.support.browsing import hand_over
from tests.support.processes import LiveStack

pytestmark = [
    pytest.mark.full, pytest.mark.browser, pytest.mark.web_alone, pytest.mark.django_db(transaction=True),
]  # fmt: skip
BEAT = "htmx.trigger(document.querySelector('[data-timer]'), 'preceptor:beat')"


@pytest.fixture
def contract(live_stack: LiveStack) -> Contract:
    yesterday = clock.now() - timedelta(days=1)
    return make_contract(make_gig(now=yesterday), make_expert(), now=yesterday)


def signed_in(context: BrowserContext, contract: Contract, live_stack: LiveStack) -> Page:
    hand_over(browse(contract.expert.user), context, live_stack.url)
    return context.new_page()


def let_pass(minutes: int) -> None:
    """Move the running timer and its last sign of life into the past."""
    timer = Timer.objects.get()
    back = timedelta(minutes=minutes)
    Timer.objects.update(started_at=timer.started_at - back, heartbeat_at=timer.heartbeat_at - back)


def beat(page: Page) -> None:
    """Let the card beat now. A beat is left out while the answer to the last one is still being put into the page."""
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
    with page.expect_response("**/timer/beat/"):
        page.evaluate(BEAT)


def seconds() -> int:
    return sum(entry.seconds for entry in TimeEntry.objects.all())


def test_the_card_counts_asks_and_takes_both_answers(chromium: Browser, live_stack: LiveStack, contract: Contract):
    context = chromium.new_context(base_url=live_stack.url, viewport={"width": 1280, "height": 900})
    page = signed_in(context, contract, live_stack)
    heard: list[str] = []
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.goto("/me/hours/")
    page.get_by_role("button", name="Start timer").click()
    figure = page.locator("[data-elapsed]")
    expect(figure).to_have_text("0:00:02", timeout=10_000)

    memo = page.locator("#timer-memo")
    memo.fill("Six answers")
    let_pass(9)
    beat(page)
    expect(figure).to_contain_text("0:09:")
    expect(memo).to_have_value("Six answers")
    assert Timer.objects.get().heartbeat_at > clock.now() - timedelta(minutes=1)

    let_pass(11)
    beat(page)
    expect(page.get_by_text("Are you still working?").first).to_be_visible()
    expect(page.locator("[data-timer-said]")).to_contain_text("Nothing was heard from you")
    assert [rule["id"] for rule in Axe().run(page).response["violations"]] == []
    page.mouse.move(300, 300)
    page.mouse.move(500, 500)
    beat(page)
    expect(page.get_by_role("button", name="I was working")).to_be_visible()
    page.get_by_role("button", name="I was working").click()
    expect(page.get_by_role("button", name="I was working")).to_have_count(0)

    page.get_by_role("button", name="Stop timer").click()
    expect(page.locator("#week-entries")).to_contain_text("Six answers")
    expect(page.locator("#week-entries")).to_contain_text("11 min without input")
    assert 20 * 60 <= seconds() <= 22 * 60
    assert sum(entry.idle_seconds for entry in TimeEntry.objects.all()) >= 660

    page.get_by_role("button", name="Start timer").click()
    expect(figure).to_be_visible()
    let_pass(12)
    beat(page)
    before = seconds()
    page.get_by_role("button", name="Stop at").click()
    expect(page.get_by_role("button", name="Start timer")).to_be_visible()
    assert seconds() - before <= 30

    page.get_by_role("button", name="Start timer").click()
    expect(figure).to_be_visible()
    let_pass(40)
    beat(page)
    expect(page.locator("#timer")).to_contain_text("Nothing was heard from you after that.")
    assert not Timer.objects.exists()
    assert heard == []
    context.close()


def test_without_javascript_the_timer_starts_stays_and_stops(
    chromium: Browser, live_stack: LiveStack, contract: Contract
):
    context = chromium.new_context(base_url=live_stack.url, java_script_enabled=False)
    page = signed_in(context, contract, live_stack)
    page.goto("/me/hours/timer/")
    page.get_by_role("button", name="Start timer").click()
    page.goto("/me/hours/timer/")
    let_pass(8)
    page.get_by_role("button", name="I am still working").click()
    assert Timer.objects.get().heartbeat_at > clock.now() - timedelta(minutes=1)
    page.locator("#timer-memo").fill("By plain forms")
    page.get_by_role("button", name="Stop timer").click()
    expect(page.locator("#week-entries")).to_contain_text("By plain forms")
    assert 8 * 60 <= seconds() <= 10 * 60
    context.close()
