"""
An appeal in Chromium: declined with the keyboard, read with its clock on a phone, appealed, kept from the decider, overturned by
another person, and read again.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from experts.vetting.models import Case
from marketplace.kernel import clock
from tests.factories.experts_credentials import make_licence, make_resume
from tests.factories.experts_profiles import make_expert, make_vetter
from tests.factories.experts_vetting import JUDGEMENT, OBJECTION, make_checked_case
from tests.factories.projects_labs import browse
from tests.support.browsing import hand_over
from tests.support.processes import LiveStack

pytestmark = [
    pytest.mark.full, pytest.mark.browser, pytest.mark.web_alone, pytest.mark.django_db(transaction=True),
]  # fmt: skip
PHONE = {"width": 320, "height": 720}
DESK = {"width": 1366, "height": 900}
WORDS = (
    "We looked for the licence at the board of Massachusetts on 23 November and did not find it under the number and the name "
    "that you gave us."
)


@pytest.fixture
def case() -> Case:
    expert = make_expert()
    make_licence(expert)
    make_resume(expert)
    make_checked_case(make_expert(), now=clock.now())  # a second row of the queue, with a later clock
    return make_checked_case(expert, now=clock.now() - timedelta(hours=3))


def opened(chromium: Browser, live_stack: LiveStack, user, viewport) -> BrowserContext:
    context = chromium.new_context(base_url=live_stack.url, locale="en-GB", viewport=viewport)
    context.set_default_timeout(30_000)
    hand_over(browse(user), context, live_stack.url)
    return context


def looked_at(page: Page, name: str) -> None:
    """Nothing on the page that axe finds, and nothing wider than the window; a picture, where pictures are wanted."""
    assert [rule["id"] for rule in Axe().run(page).response["violations"]] == [], name
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    folder = os.environ.get("PRECEPTOR_PICTURES")
    if folder:
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            page.screenshot(path=Path(folder) / f"{name}-{theme}.png", full_page=True)
        page.emulate_media(color_scheme="light")


def test_an_appeal_from_the_decline_to_the_other_person(chromium: Browser, live_stack: LiveStack, case: Case):
    joan, vera = make_vetter("Joan Abara"), make_vetter("Vera Castillo")
    first = opened(chromium, live_stack, joan, DESK).new_page()
    expert = opened(chromium, live_stack, case.expert.user, PHONE).new_page()
    second = opened(chromium, live_stack, vera, DESK).new_page()

    a_case_is_declined_with_the_keyboard(first, case)
    the_expert_reads_it_and_appeals(expert, case)
    who_declined_cannot_take_it(first, case)
    another_person_overturns_it(second, case)
    the_expert_reads_that_they_were_right(expert, case)
    the_figures_are_there_for_staff_and_for_everybody(second, expert)


def a_case_is_declined_with_the_keyboard(page: Page, case: Case) -> None:
    page.goto("/vetting/")
    looked_at(page, "queue")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("jkca")  # while one types, a key is a letter
    expect(page.get_by_label("Name or number")).to_have_value("jkca")
    page.get_by_label("Name or number").fill("")
    page.goto("/vetting/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("c")
    expect(page.get_by_text(f"{case} is yours.")).to_be_visible()
    page.get_by_role("tab", name="Résumé").click()
    page.get_by_role("link", name="Read it here").click()
    expect(page.get_by_text("residency in internal medicine, Lagos").first).to_be_visible()
    looked_at(page, "case")
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("d")
    expect(page.get_by_role("combobox", name="Reason")).to_be_focused()
    expect(page.locator('option[value="MEETS_STANDARD"]')).to_be_disabled()
    page.keyboard.type("The credential was not")
    page.get_by_label("What they will read").fill(WORDS)
    page.get_by_role("checkbox", name="Cardiology (US-MA)").check()
    page.get_by_role("checkbox", name="resume.docx").check()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Imani Okafor Declined")).to_be_visible()
    looked_at(page, "case-declined")


def the_expert_reads_it_and_appeals(page: Page, case: Case) -> None:
    page.goto(f"/me/vetting/{case.public_id}/")
    expect(page.get_by_text(WORDS)).to_be_visible()
    expect(page.get_by_role("link", name="resume.docx")).to_be_visible()
    expect(page.get_by_text("then the decision stands")).to_be_visible()
    looked_at(page, "own-declined-320")
    page.get_by_label("What was overlooked, or is wrong?").fill("Too short.")
    page.get_by_role("button", name="Appeal").click()
    expect(page.get_by_text("at least 50 characters").first).to_be_visible()
    page.get_by_label("What was overlooked, or is wrong?").fill(OBJECTION)
    page.get_by_role("button", name="Appeal").click()
    expect(page.get_by_role("heading", name="Cardiology Appealed")).to_be_visible()
    expect(page.get_by_text("then it goes to the head of the queue")).to_be_visible()
    looked_at(page, "own-appealed-320")


def who_declined_cannot_take_it(page: Page, case: Case) -> None:
    page.goto(f"/vetting/cases/{case.public_id}/")
    expect(page.get_by_text("so another person looks at it now")).to_be_visible()
    expect(page.get_by_role("button", name="Claim the case")).to_have_count(0)


def another_person_overturns_it(page: Page, case: Case) -> None:
    page.goto("/vetting/?state=APPEALED")
    page.get_by_role("button", name=f"Claim {case}").click()
    expect(page.get_by_text(OBJECTION)).to_be_visible()
    looked_at(page, "appeal")
    page.set_viewport_size(PHONE)
    looked_at(page, "appeal-320")
    page.set_viewport_size(DESK)
    page.get_by_role("radio", name="Overturned: approve").check()
    page.locator("#decision").get_by_label("Why").fill(JUDGEMENT)
    page.get_by_role("button", name="Send the judgement").click()
    expect(page.get_by_role("heading", name="Imani Okafor Approved")).to_be_visible()


def the_expert_reads_that_they_were_right(page: Page, case: Case) -> None:
    page.goto(f"/me/vetting/{case.public_id}/")
    expect(page.get_by_text("You were right: approved")).to_be_visible()
    expect(page.get_by_text(JUDGEMENT)).to_be_visible()
    looked_at(page, "own-overturned-320")
    page.goto("/notices/")
    expect(page.get_by_text("Your appeal was right: you are vetted for Cardiology")).to_be_visible()


def the_figures_are_there_for_staff_and_for_everybody(staff: Page, expert: Page) -> None:
    staff.goto("/vetting/workload/")
    expect(staff.get_by_role("img", name="Judged appeals of the last twelve weeks by outcome")).to_be_visible()
    looked_at(staff, "workload")
    staff.set_viewport_size(PHONE)
    for path, name in (("/vetting/workload/", "workload-320"), ("/vetting/", "queue-320")):
        staff.goto(path)
        looked_at(staff, name)
    expert.goto("/how-vetting-works/")
    expect(expert.get_by_text("too few to tell (1 of 20)").first).to_be_visible()
    looked_at(expert, "how-320")
