"""
The workbench in Chromium: marks, keys, autosave, a network that really goes away, two windows, 320 px, axe.

Each test starts a web server on its own database, which costs seconds, so each tells a longer story.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from marketplace.kernel import clock
from projects.hiring.models import Contract
from projects.work.models import Assignment, Submission
from tests.factories.projects_labs import browse
from tests.factories.projects_listings import make_gig
from tests.factories.projects_work import claim, make_batch, make_contract
from tests.support.browsing import hand_over
from tests.support.processes import LiveStack, wait_until

pytestmark = [
    pytest.mark.full, pytest.mark.browser, pytest.mark.web_alone, pytest.mark.django_db(transaction=True),
]  # fmt: skip

SELECT = """([words]) => {
  const answer = document.querySelector("[data-answer]"), walker = document.createTreeWalker(answer, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const at = walker.currentNode.data.indexOf(words);
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(walker.currentNode, at);
    range.setEnd(walker.currentNode, at + words.length);
    document.activeElement.blur();
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    return;
  }
  throw new Error(`"${words}" is not there`);
}"""
WHY = "It calls the remedy safe for everybody, which is not so, and it checks the potassium far too late."


@pytest.fixture
def contract(live_stack: LiveStack) -> Contract:
    contract = make_contract(make_gig())
    make_batch(contract.project, tasks=3)
    return contract


@pytest.fixture
def assignment(contract: Contract) -> Assignment:
    return claim(contract, now=clock.now())


@pytest.fixture
def bench(page: Page, live_stack: LiveStack, assignment: Assignment) -> Page:
    hand_over(browse(assignment.contract.expert.user), page.context, live_stack.url)
    page.goto(f"/me/work/{assignment.public_id}/")
    return page


def saved_state(page: Page) -> str:
    return str(page.locator("[data-saved]").get_attribute("data-state"))


def is_saved(page: Page) -> Callable[[], bool]:
    return lambda: saved_state(page) == "saved"


def draft_of(assignment: Assignment) -> dict[str, Any]:
    assignment.refresh_from_db()
    return dict(assignment.draft)


def test_an_expert_marks_rates_and_submits_with_keys_and_gets_the_next_task(bench: Page, assignment: Assignment):
    bench.evaluate(SELECT, ["is safe for everybody"])
    bench.keyboard.press("m")
    body = bench.locator("[data-mark-body]:visible")
    body.get_by_text("Critical", exact=True).click()
    body.get_by_label("Correction").fill("Do not start above 5.0 mmol/L.")
    bench.get_by_role("button", name="Done").click()
    for name in ("Accuracy", "Safety", "Completeness", "Reasoning", "Communication", "How sure are you"):
        bench.get_by_role("radio", name=f"{name} 1").focus()
        bench.keyboard.press("2")
    bench.keyboard.press("a")
    bench.get_by_label("Why, in two sentences").fill(WHY)
    expect(bench.locator("[data-progress]")).to_have_text("All 8 fields are filled")
    expect(bench.locator("[data-marks-tally]")).to_have_text("1 critical")
    wait_until(is_saved(bench), what="the autosave")

    bench.keyboard.press("Control+Enter")

    bench.wait_for_url(lambda url: str(assignment.public_id) not in url)
    following = Assignment.objects.get(state="WORKING")
    assert str(following.public_id) in bench.url
    expect(bench.locator("h1")).to_contain_text(following.task.external_id)
    answer = Submission.objects.get().answer
    text = assignment.task.prompt["answer"]
    assert (answer["verdict"], answer["confidence"], answer["ratings"]["safety"]) == ("not_acceptable", 2, 2)
    mark = answer["marks"][0]
    assert text[mark["start"] : mark["end"]] == mark["quote"] == "is safe for everybody"
    # The next task's own script works: what is written there is saved too.
    bench.get_by_label("Why, in two sentences").fill("The second task.")
    wait_until(lambda: draft_of(following).get("why") == "The second task.", what="the next draft")


def test_a_network_that_goes_away_loses_no_character_and_no_mark(bench: Page, assignment: Assignment):
    why = bench.get_by_label("Why, in two sentences")
    why.fill("Before the tunnel.")
    wait_until(is_saved(bench), what="the first save")

    bench.context.set_offline(True)
    why.fill("Before the tunnel. In the tunnel.")
    wait_until(lambda: saved_state(bench) == "offline", what="the offline sign")
    expect(bench.locator("[data-saved]")).to_contain_text("kept on this device")
    assert draft_of(assignment)["why"] == "Before the tunnel."
    why.fill("Before the tunnel. In the tunnel. Still in it.")
    bench.context.set_offline(False)

    wait_until(lambda: draft_of(assignment)["why"].endswith("Still in it."), what="the replay")
    wait_until(is_saved(bench), what="the sign that it is saved")

    # Offline again, and the window is closed before the network comes back.
    bench.context.set_offline(True)
    bench.evaluate(SELECT, ["is safe for everybody"])
    bench.keyboard.press("m")
    bench.get_by_label("Why, in two sentences").fill("Written in the train.")
    wait_until(lambda: saved_state(bench) == "offline", what="the offline sign")
    context = bench.context
    bench.close()
    assert draft_of(assignment)["marks"] == []

    context.set_offline(False)
    later = context.new_page()
    later.goto(f"/me/work/{assignment.public_id}/")
    expect(later.get_by_label("Why, in two sentences")).to_have_value("Written in the train.")
    expect(later.locator("mark.span")).to_have_count(1)
    draft = draft_of(assignment)
    assert (draft["why"], draft["marks"][0]["quote"]) == ("Written in the train.", "is safe for everybody")
    assert later.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('preceptor.draft'))") == []


def test_two_windows_show_both_texts_and_overwrite_nothing(bench: Page, assignment: Assignment):
    other = bench.context.new_page()
    other.goto(bench.url)
    bench.get_by_label("Why, in two sentences").fill("Written in the first window.")
    wait_until(is_saved(bench), what="the first save")
    other.get_by_label("Why, in two sentences").fill("Written in the second window.")
    wait_until(lambda: saved_state(other) == "conflict", what="the conflict")
    assert draft_of(assignment)["why"] == "Written in the first window."

    other.get_by_role("button", name="Compare").click()
    expect(other.locator(".diff")).to_contain_text("first")
    expect(other.locator(".diff")).to_contain_text("second")
    other.get_by_role("button", name="Keep this window’s version").click()

    expect(other.get_by_label("Why, in two sentences")).to_have_value("Written in the second window.")
    assert draft_of(assignment)["why"] == "Written in the second window."


def test_keys_marks_and_problems(bench: Page, assignment: Assignment):
    """No key fires while typing; marks work without a pointer and never overlap; a refused submit keeps everything."""
    bench.get_by_label("Why, in two sentences").press_sequentially("abc ms?i")
    assert bench.locator("input[name=verdict]:checked").count() == 0
    assert bench.locator("dialog[open]").count() == 0
    bench.locator("[data-answer]").focus()
    bench.keyboard.press("?")
    expect(bench.locator("#keys-sheet")).to_be_visible()
    bench.keyboard.press("b")  # a sheet is open: keys rest
    assert bench.locator("input[name=verdict]:checked").count() == 0
    bench.keyboard.press("Escape")
    expect(bench.locator("#keys-sheet")).to_be_hidden()
    bench.keyboard.press("b")
    expect(bench.locator('input[name=verdict][value="acceptable_with_fixes"]')).to_be_checked()

    # Without a pointer: the words are typed and found.
    bench.locator("[data-answer]").focus()
    bench.keyboard.press("m")
    bench.keyboard.type("in three months")
    bench.keyboard.press("Tab")
    expect(bench.locator("mark.span")).to_have_text("in three months\u20601")
    wait_until(lambda: draft_of(assignment).get("marks"), what="the mark")
    assert draft_of(assignment)["marks"][0]["quote"] == "in three months"
    bench.get_by_role("button", name="Remove mark").click()
    expect(bench.locator("[data-marks-empty]")).to_be_visible()

    # Two marks cannot overlap.
    for words in ("safe for everybody", "is safe"):
        bench.evaluate(SELECT, [words[-4:] if words == "is safe" else words])
        bench.keyboard.press("m")
    expect(bench.locator(".toast")).to_contain_text("Two marks cannot overlap")
    assert bench.locator("[data-mark]").count() == 1
    bench.get_by_role("button", name="Remove mark").click()
    assert bench.locator("mark.span").count() == 0
    expect(bench.locator("[data-marks-empty]")).to_be_visible()

    # A submit that is refused.
    bench.get_by_label("Why, in two sentences").fill("Too short.")
    bench.get_by_role("button", name="Submit", exact=True).click()
    expect(bench.locator("[data-form-errors]")).to_be_focused()
    expect(bench.get_by_label("Why, in two sentences")).to_have_value("Too short.")
    expect(bench.locator("#id_why_error")).to_contain_text("there are 10")
    # It is saved from the page that came back, which does not reload: the problems stay where they are.
    wait_until(lambda: draft_of(assignment).get("why") == "Too short.", what="the draft of a refused answer")
    wait_until(is_saved(bench), what="the sign that it is saved")
    expect(bench.locator("#id_why_error")).to_contain_text("there are 10")

    # The server counts the time while somebody is there.
    Assignment.objects.filter(pk=assignment.pk).update(heartbeat_at=clock.now())
    bench.mouse.move(50, 60)
    wait_until(lambda: Assignment.objects.get(pk=assignment.pk).active_seconds >= 10, within=40, what="a heartbeat")


def test_axe_finds_nothing_and_nothing_scrolls_sideways_at_320_px(bench: Page, assignment: Assignment):
    bench.evaluate(SELECT, ["is safe for everybody"])
    bench.keyboard.press("m")
    for scheme, width in itertools.product(("light", "dark"), (1280, 320)):
        bench.emulate_media(color_scheme=scheme)
        bench.set_viewport_size({"width": width, "height": 900})
        assert bench.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(bench)
        assert found.violations_count == 0, found.generate_report()
