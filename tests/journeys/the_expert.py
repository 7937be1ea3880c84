"""What an expert does."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.factories.experts_credentials import pdf_bytes
from tests.journeys.people import sign_up

RESUME = (
    "Amara Osei, MD",
    "Cardiologist, 12 years, heart failure clinic (Cleveland, Ohio)",
    "2014 to 2026: attending physician, heart failure clinic",
    "2010 to 2014: fellowship in cardiology",
    "Medical degree, University of Ghana, 2008",
)
LICENCE = ("State Medical Board of Ohio", "Amara Osei, MD", "Licence 35.123456, expires 30 June 2031")
WHY_UNSAFE = "The answer denies an interaction that the label names. A reader could bleed, as no check is advised."
WHY_SOUND = "Correct advice on fever in a child who drinks and plays. It names the warning signs."


def a_visitor_finds_the_gig_by_typing_and_by_filters(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Search gigs").fill("sommelier")
    page.get_by_role("button", name="Find gigs").click()
    expect(page.get_by_role("status").filter(has_text="0 gigs match")).to_be_visible()
    page.wait_for_load_state()  # The page is seen before its scripts listen to what is typed.
    page.get_by_label("Search gigs").fill("heart doctor")
    expect(page.get_by_role("article", name="Physician Talent Network")).to_be_visible()
    page.get_by_role("checkbox", name="Answer review").check()
    expect(page).to_have_url(re.compile("kind=ANSWER_REVIEW"))
    page.get_by_role("radio", name="$150 or more").check()
    expect(page).to_have_url(re.compile("rate=15000"))
    expect(page.get_by_role("status").filter(has_text="1 gig matches")).to_be_visible()
    page.get_by_role("link", name="Physician Talent Network").click()


def the_visitor_reads_it_and_signs_up(page: Page) -> None:
    aside = page.get_by_role("complementary", name="Apply")
    expect(aside.get_by_text("$180–250")).to_be_visible()
    expect(aside.get_by_text("$20,000.00 of project funds on deposit")).to_be_visible()
    aside.get_by_role("link", name="Apply").click()
    page.get_by_role("link", name="Make an account").click()
    sign_up(page, name="Amara Osei", email="amara@osei.example")
    page.get_by_role("link", name="Fill in your profile").click()
    page.get_by_role("button", name="Start your profile").click()


def the_expert_fills_the_profile(page: Page) -> None:
    expect(page.get_by_role("heading", name="About you")).to_be_visible()
    page.get_by_label("Headline").fill("Cardiologist, 12 years, heart failure clinic")
    page.get_by_role("textbox", name="About you").fill(
        "I trained in Accra and Cleveland and run a heart failure clinic."
    )
    page.get_by_label("Country").select_option(label="United States")
    page.get_by_label("Years of experience").fill("12")
    _next(page, "Fields")
    page.get_by_label("Add a field").fill("heart doctor")
    page.get_by_label("Years in it").fill("12")
    _next(page, "Languages")
    page.get_by_label("Add a language").select_option(label="English")
    _next(page, "Work and education")
    _next(page, "Hours and pay", button="Skip for now")
    page.get_by_label("Hours a week you have free").fill("30")
    page.get_by_label("Rate you wish for").fill("210")
    _next(page, "Conflicts")
    _next(page, "Review your profile", button="I have none")
    expect(page.get_by_text("Cardiology, 12 years")).to_be_visible()


def _next(page: Page, heading: str, *, button: str = "Next") -> None:
    page.get_by_role("main").get_by_role("button", name=button, exact=True).last.click()
    expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()


def the_expert_sends_a_resume(page: Page) -> None:
    page.get_by_role("link", name="Go on to résumé and credentials").click()
    page.get_by_label("Choose your résumé").set_input_files(_file("resume.pdf", *RESUME))
    page.get_by_role("button", name="Send résumé").click()
    expect(page.get_by_role("link", name="resume.pdf", exact=True)).to_be_visible()  # A worker has looked into it.


def the_expert_adds_an_npi_and_a_licence(page: Page) -> None:
    page.get_by_role("link", name="NPI number").click()
    page.get_by_label("NPI number").fill("1234567890")
    page.get_by_role("button", name="Declare it").click()
    expect(page.get_by_role("alert")).to_contain_text("The last digit does not fit the others.")
    page.get_by_label("NPI number").fill("1234567893")
    page.get_by_role("button", name="Declare it").click()
    page.get_by_role("link", name="Add a credential").click()
    page.get_by_role("link", name=re.compile("Medical licence")).click()
    page.get_by_label("State or province").fill("OH")
    page.get_by_label("Number", exact=True).fill("35.123456")
    page.get_by_label("Specialty on the licence").fill("Cardiology")
    page.get_by_label("Expires on").fill("2031-06-30")
    page.get_by_label("Document (optional)").set_input_files(_file("licence.pdf", *LICENCE))
    page.get_by_role("button", name="Declare it").click()
    licence = page.get_by_role("region", name="Cardiology (US-OH)")
    expect(licence.get_by_text("··3456")).to_be_visible()
    expect(page.get_by_text("35.123456")).to_have_count(0)
    expect(licence.get_by_role("link", name="licence.pdf", exact=True)).to_be_visible()


def _file(name: str, *lines: str) -> dict[str, object]:
    return {"name": name, "mimeType": "application/pdf", "buffer": pdf_bytes(*lines)}


def the_expert_asks_to_be_vetted(page: Page) -> None:
    page.get_by_role("link", name="Ask to be vetted").click()
    page.get_by_role("button", name="Ask to be vetted").click()
    expect(page.get_by_text("7 of 7 in")).to_be_visible()  # Workers did the checks.


def the_expert_is_told_the_decision(page: Page, *, reason: str) -> None:
    page.goto("/notices/")
    expect(page.get_by_text("You are vetted for Cardiology")).to_be_visible()
    expect(page.get_by_text(reason)).to_be_visible()


def the_expert_applies(page: Page) -> None:
    page.goto("/gigs/")
    page.get_by_role("link", name="Physician Talent Network").click()
    expect(page.get_by_role("heading", name="You meet all 5 requirements")).to_be_visible()
    page.get_by_role("link", name="Apply", exact=True).click()
    page.get_by_role("button", name="Start application").click()
    answers = page.get_by_role("region", name="Screening questions").get_by_role("textbox")
    answers.nth(0).fill("That a normal BNP rules heart failure out: in obesity it does not.")
    answers.nth(1).fill("Beta blockers after a small infarction: newer trials show no gain when the heart pumps well.")
    page.get_by_label("I may do this kind of independent work").check()
    page.get_by_label("I have named every conflict of interest").check()
    page.get_by_role("button", name="Submit application").click()
    expect(page.get_by_role("heading", name="Physician Talent Network Submitted")).to_be_visible()


def the_expert_signs_the_terms(page: Page, *, rate: str) -> None:
    page.goto("/me/")
    page.get_by_role("link", name="Read: An offer").click()
    offer = page.get_by_role("region", name="The offer")
    expect(offer.get_by_text(rate)).to_be_visible()
    expect(offer.get_by_text("30 h", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Accept offer")).to_be_disabled()
    page.get_by_label("Your full name").fill("Amara Osei")
    page.get_by_role("button", name="Sign the terms").click()
    expect(page.get_by_text("Signed by Amara Osei")).to_be_visible()


def the_expert_sets_up_the_payout_account(page: Page) -> None:
    page.get_by_role("link", name="Do it").click()
    page.get_by_role("button", name="Go on at Stripe").click()
    page.get_by_label("Last four digits of the account").fill("6789")
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="Payout account Ready")).to_be_visible()
    expect(page.get_by_text("··6789")).to_be_visible()


def the_expert_accepts(page: Page) -> None:
    page.goto("/me/")
    page.get_by_role("link", name="Read: An offer").click()
    page.get_by_role("button", name="Accept offer").click()
    expect(page.get_by_role("heading", name="Physician Talent Network Active")).to_be_visible()


def the_expert_reviews_an_unsafe_answer(page: Page) -> None:
    """With a mark; what was written is saved on the way, and is there after a reload."""
    page.goto("/me/work/")
    page.get_by_role("button", name="Take the next task").click()
    expect(page.get_by_role("heading", name="Answer review R-001")).to_be_visible()
    expect(page.get_by_text("writer-a")).to_have_count(0)
    mark_the_answer(
        page, severity="Critical", correction="Alfazin strengthens Betarin: check the clotting in three days."
    )
    rate_it(page, accuracy=2, safety=1, completeness=2, reasoning=3, communication=4, sure=5)
    page.get_by_role("radio", name="Not acceptable").check()
    with page.expect_response(
        lambda answer: answer.url.endswith("/draft/") and "bleed" in (answer.request.post_data or "")
    ):
        page.get_by_label("Why, in two sentences").fill(WHY_UNSAFE)
    expect(page.get_by_text(re.compile(r"^Saved \d\d:\d\d:\d\d$"))).to_be_visible()
    page.reload()
    expect(page.get_by_label("Why, in two sentences")).to_have_value(WHY_UNSAFE)
    expect(page.get_by_role("radio", name="Safety 1")).to_be_checked()
    page.get_by_role("button", name="Submit and next").click()


def the_expert_reviews_a_sound_answer(page: Page) -> None:
    expect(page.get_by_role("heading", name="Answer review R-002")).to_be_visible()
    rate_it(page, accuracy=5, safety=5, completeness=4, reasoning=5, communication=5, sure=4)
    page.get_by_role("radio", name=re.compile("You would sign it")).check()
    page.get_by_label("Why, in two sentences").fill(WHY_SOUND)
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_role("heading", name="Work", exact=True)).to_be_visible()


def the_expert_corrects_what_came_back(page: Page, *, reason: str) -> None:
    page.goto("/me/")
    page.get_by_role("link", name="Correct R-002").click()
    expect(page.get_by_role("heading", name=re.compile("R-002$"))).to_be_visible()
    expect(page.get_by_text(reason)).to_be_visible()
    mark_the_answer(page, severity="Minor", correction="Name the guideline: invented society, fever, section 2.")
    page.get_by_role("radio", name="Acceptable with fixes").check()
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_role("heading", name="Work", exact=True)).to_be_visible()


def mark_the_answer(page: Page, *, severity: str, correction: str) -> None:
    """Mark the whole paragraph by selecting it and pressing M."""
    # The page is seen before its scripts listen to keys; they show this button when they do.
    expect(page.get_by_role("button", name="Mark selection")).to_be_visible()
    page.get_by_role("group", name="Answer text").get_by_role("paragraph").first.select_text()
    page.keyboard.press("m")
    page.get_by_role("radio", name=severity).check()
    page.get_by_label("Correction").fill(correction)
    page.get_by_role("button", name="Done").click()


def rate_it(page: Page, **grades: int) -> None:
    for name, grade in grades.items():
        label = "How sure are you" if name == "sure" else name.capitalize()
        page.get_by_role("radio", name=f"{label} {grade}").check()


def the_expert_starts_the_timer(page: Page) -> None:
    page.goto("/me/hours/")
    timer = page.get_by_role("region", name="Timer")
    timer.get_by_label("What you are doing").fill("Reviewing answers")
    timer.get_by_role("button", name="Start timer").click()
    expect(timer.get_by_text("Running")).to_be_visible()


def the_expert_stops_the_timer(page: Page, *, shown: str) -> None:
    page.get_by_role("button", name="Stop timer").click()
    entry = page.get_by_role("region", name="Entries").get_by_role("row", name=re.compile("Reviewing answers"))
    expect(entry.get_by_role("cell", name=shown, exact=True)).to_be_visible()


def the_expert_adds_time_by_hand(page: Page, *, day: str, start: str, end: str) -> None:
    page.reload()
    form = page.get_by_role("region", name="Add time by hand")
    form.get_by_label("Day").fill(day)
    form.get_by_label("From").fill(start)
    form.get_by_label("To").fill(end)
    form.get_by_label("What you did").fill("Read the guideline for the batch")
    form.get_by_role("button", name="Add time").click()
    expect(page.get_by_role("region", name="Entries").get_by_text("By hand")).to_be_visible()


def the_expert_reads_the_payslip(page: Page, *, week: str, paid: str, transfer: str) -> None:
    page.goto("/me/")
    page.get_by_role("link", name="Earnings").first.click()
    page.get_by_role("link", name=week).click()
    expect(page.get_by_role("heading", name=f"Payslip {week} Sent")).to_be_visible()
    expect(page.get_by_text("Ties to the ledger")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^This week")).get_by_role("cell", name=paid)).to_be_visible()
    expect(page.get_by_role("definition").filter(has_text=transfer)).to_be_visible()
