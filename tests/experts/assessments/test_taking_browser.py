"""
An assessment on a phone in Chromium: saved as one answers, true after a reload and under a moved clock, ended by the
server's time, and scored by two people who see neither name nor each other.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from experts.assessments import actions
from experts.assessments.enums import AttemptState, ClosedBy
from experts.assessments.models import Ask, Attempt, Script
from tests.factories.experts_assessments import make_ask, make_paper
from tests.factories.experts_profiles import make_vetter
from tests.factories.projects_labs import browse
from tests.journeys.days import Days
from tests.support.browsing import hand_over
from tests.support.processes import LiveStack

pytestmark = [
    pytest.mark.full, pytest.mark.browser, pytest.mark.web_alone, pytest.mark.django_db(transaction=True),
]  # fmt: skip
PATIENCE = 20_000
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def ask(live_stack: LiveStack) -> Ask:
    make_paper(("SINGLE", "ORDERED", "TEXT"), minutes=10)
    return make_ask()


def opened(chromium: Browser, live_stack: LiveStack, user, **facts) -> BrowserContext:
    context = chromium.new_context(base_url=live_stack.url, locale="en-GB", **facts)
    context.set_default_timeout(PATIENCE)
    if user is not None:
        hand_over(browse(user), context, live_stack.url)
    return context


def violations(page: Page) -> list[str]:
    return [rule["id"] for rule in Axe().run(page).response["violations"]]


def option(page: Page, key: str) -> Locator:
    """Return an option by its key: "a" is right, wherever the attempt shows it."""
    return page.locator(f'input[name="chosen"][value="{key}"]')


def left(page: Page) -> int:
    """Return the seconds that the page shows."""
    text = page.locator("[data-remaining] time").first.inner_text()
    parts = [int(part) for part in text.split(":")]
    return sum(part * 60**place for place, part in enumerate(reversed(parts)))


def saved(page: Page) -> None:
    expect(page.locator("[data-saved]").first).to_have_attribute("data-state", "saved", timeout=PATIENCE)


def test_an_assessment_from_beginning_to_result(chromium: Browser, live_stack: LiveStack, ask: Ask):
    heard: list[str] = []
    phone = opened(chromium, live_stack, ask.expert.user, viewport=PHONE)
    page = phone.new_page()
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.goto("/me/assessments/")
    expect(page.get_by_text("About 10 of at most 30 unpaid minutes")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="Read and begin").click()
    assert violations(page) == []
    page.get_by_role("button", name="Begin, the clock starts").click()
    expect(page.get_by_role("heading", name="Question 1 of 3")).to_be_visible()
    attempt = Attempt.objects.get()

    answering_saves_and_a_reload_is_true(page, attempt)
    a_moved_clock_gives_no_time(page, attempt)
    another_window_overwrites_nothing(phone, page, attempt)
    the_rest_is_answered_with_the_keyboard(page)
    days = Days(opened(chromium, live_stack, None).new_page())
    the_servers_time_ends_it(page, attempt, days)
    two_people_score_it(chromium, live_stack, page, attempt)
    assert heard == []


def answering_saves_and_a_reload_is_true(page: Page, attempt: Attempt) -> None:
    option(page, "b").check()
    saved(page)
    assert attempt.questions.get(position=1).answer == {"chosen": ["b"]}
    assert violations(page) == []
    page.reload()
    expect(option(page, "b")).to_be_checked()
    really = (attempt.deadline_at - datetime.now(tz=UTC)).total_seconds()
    assert abs(left(page) - really) < 5


def a_moved_clock_gives_no_time(page: Page, attempt: Attempt) -> None:
    """A watch that is five hours slow shows the same time left; one that jumps is set right by the next save."""
    page.clock.install(time=datetime.now(tz=UTC) - timedelta(hours=5))
    page.reload()
    really = (attempt.deadline_at - datetime.now(tz=UTC)).total_seconds()
    assert abs(left(page) - really) < 5
    page.clock.fast_forward("05:00")
    option(page, "a").check()
    saved(page)
    page.clock.run_for(1100)
    really = (attempt.deadline_at - datetime.now(tz=UTC)).total_seconds()
    assert abs(left(page) - really) < 8
    assert attempt.questions.get(position=1).answer == {"chosen": ["a"]}


def another_window_overwrites_nothing(phone: BrowserContext, page: Page, attempt: Attempt) -> None:
    other = phone.new_page()
    other.goto(page.url)
    option(other, "c").check()
    saved(other)
    option(page, "b").check()
    page.clock.run_for(1500)
    expect(page.get_by_text("Another window saved this question.")).to_be_visible(timeout=PATIENCE)
    assert attempt.questions.get(position=1).answer == {"chosen": ["c"]}
    option(page, "a").check()
    page.get_by_role("button", name="Keep what is here").click()
    saved(page)
    assert attempt.questions.get(position=1).answer == {"chosen": ["a"]}
    other.close()


def the_rest_is_answered_with_the_keyboard(page: Page) -> None:
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Question 2 of 3")).to_be_visible()
    for text, place in (("first", "1"), ("second", "2"), ("third", "3")):
        page.get_by_label(f"Place of “{text}”").select_option(place)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Question 3 of 3")).to_be_visible()
    page.get_by_label("Your answer").fill("It is unsafe: a baby of six weeks must be seen today.")
    assert violations(page) == []
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("3 of 3 answered")).to_be_visible()
    assert violations(page) == []


def the_servers_time_ends_it(page: Page, attempt: Attempt, days: Days) -> None:
    page.get_by_role("link", name="Question 3").click()
    days.go_on(timedelta(minutes=11))
    page.get_by_label("Your answer").fill("Too late to be saved.")
    page.clock.run_for(2000)
    expect(page.get_by_role("heading", name="The time is up")).to_be_visible(timeout=PATIENCE)
    assert violations(page) == []
    assert actions.close_overdue_attempts(now=days.now) == 1
    attempt.refresh_from_db()
    assert (attempt.state, attempt.closed_by) == (AttemptState.SCORING, ClosedBy.CLOCK)
    assert "must be seen today" in attempt.questions.get(position=3).answer["text"]
    page.reload()
    expect(page.get_by_text("Your texts are with two people")).to_be_visible()
    assert violations(page) == []


def two_people_score_it(chromium: Browser, live_stack: LiveStack, page: Page, attempt: Attempt) -> None:
    script = Script.objects.get()
    for name, marks in (("Joan Abara", ("3", "2")), ("Vera Castillo", ("3", "3"))):
        desk = opened(chromium, live_stack, make_vetter(name), viewport={"width": 1280, "height": 900}).new_page()
        desk.goto("/vetting/scoring/")
        assert violations(desk) == []
        desk.get_by_role("button", name=f"Take {script}").click()
        expect(desk.get_by_text("must be seen today")).to_be_visible()
        assert attempt.expert.user.get_full_name() not in desk.content()
        for criterion, mark in zip(("Says that it is unsafe", "Says why"), marks, strict=True):
            desk.get_by_role("group", name=criterion).get_by_label(mark).check(force=True)
        assert violations(desk) == []
        desk.get_by_role("button", name="Put my marks in").click()
        if name == "Joan Abara":
            expect(desk.get_by_text("You gave 83.33 %")).to_be_visible()
        else:
            expect(desk.get_by_text("Equal marks")).to_be_visible()
            expect(desk.get_by_role("columnheader", name="Joan Abara")).to_be_visible()
            assert violations(desk) == []
        desk.context.close()
    page.reload()
    expect(page.get_by_text("Passed", exact=True)).to_be_visible()
    attempt.refresh_from_db()
    assert (attempt.state, attempt.score_bps) == (AttemptState.SCORED, 9722)


def test_without_javascript_the_buttons_do_everything(chromium: Browser, live_stack: LiveStack, ask: Ask):
    page = opened(chromium, live_stack, ask.expert.user, viewport=PHONE, java_script_enabled=False).new_page()
    page.goto("/me/assessments/")
    page.get_by_role("link", name="Read and begin").click()
    page.get_by_role("button", name="Begin, the clock starts").click()
    option(page, "a").check()
    page.get_by_role("button", name="Save and next").click()
    page.get_by_label("Place of “first”").select_option("1")
    page.get_by_role("button", name="Question 1, answered").click()
    expect(option(page, "a")).to_be_checked()
    page.get_by_role("button", name="Question 3, not answered").click()
    page.get_by_role("button", name="Save and look over").click()
    expect(page.get_by_text("2 of 3 answered")).to_be_visible()
    page.get_by_role("button", name="Hand in as it is").click()
    expect(page.get_by_text("You can try again from")).to_be_visible()
    assert Attempt.objects.get().score_bps == 3333
