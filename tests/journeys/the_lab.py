"""What the people of a lab do."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.journeys.people import link_in_email, set_up_authenticator, sign_up

SMALL_FILE = Path(__file__).parents[1] / "data" / "answers_small.csv"
GIG = "Physician Talent Network"


def the_owner_signs_up_on_the_way_to_a_lab(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Create a lab").click()
    page.get_by_role("link", name="Make an account").click()
    sign_up(page, name="Ines Larkfield", email="ines@larkfield.example")
    expect(page.get_by_role("heading", name="Found a lab")).to_be_visible()


def the_owner_founds_the_lab_and_sets_up_the_second_factor(page: Page) -> str:
    page.get_by_label("Name of the lab").fill("Larkfield Labs")
    page.get_by_label("Country").select_option(label="United States")
    page.get_by_label("Website").fill("larkfield.example")
    page.get_by_label("About the lab").fill("We improve how language models reason about medicine.")
    page.get_by_role("button", name="Found the lab").click()
    expect(page.get_by_text("they sign in with a second factor")).to_be_visible()
    secret = set_up_authenticator(page)
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_role("heading", name="Larkfield Labs")).to_be_visible()
    return secret


def the_owner_posts_the_gig(page: Page) -> None:
    page.get_by_role("link", name="New project").first.click()
    page.get_by_role("link", name="Physician review").click()
    expect(page.get_by_label("Title", exact=True)).to_have_value(GIG)
    expect(page.get_by_label("Highest rate an hour")).to_have_value("250")
    for kind in ("Scenario writing", "Answer review", "Expert feedback"):
        expect(page.get_by_role("checkbox", name=kind)).to_be_checked()
    page.get_by_label("Title", exact=True).fill(f"{GIG} ")
    preview = page.get_by_role("region", name="As experts will read it")
    expect(preview.get_by_role("heading", name=GIG)).to_be_visible()
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_role("heading", name=f"{GIG} Draft")).to_be_visible()
    expect(page.get_by_text("0 h funded, one hour costs $275.00 with the fee")).to_be_visible()
    expect(page.get_by_role("button", name="Publish")).to_have_count(0)


def the_owner_pays_in(page: Page, *, typed: str, shown: str) -> None:
    """Through Checkout on the stand-in's page; the signed webhook says that the money is here."""
    page.get_by_role("link", name="Add funds").first.click()
    page.get_by_label("Amount").fill(typed)
    page.get_by_role("button", name="Go to the payment page").click()
    expect(page.get_by_text("local stand-in for Stripe")).to_be_visible()
    expect(page.get_by_text(shown)).to_be_visible()
    page.get_by_role("button", name="Pay with test card").click()
    expect(page.get_by_text("The money has arrived.")).to_be_visible()
    expect(page.get_by_text(f"Project funds now: {shown}")).to_be_visible()


def the_owner_publishes(page: Page) -> None:
    page.get_by_role("link", name="Back to the project").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", name=f"{GIG} Open")).to_be_visible()


def the_owner_shortlists_and_makes_an_offer(page: Page, *, rate: str, hours: str) -> None:
    open_from_the_menu(page, "Candidates")
    page.get_by_role("link", name="Cardiologist, 12 years").click()
    expect(page.get_by_text("Amara")).to_have_count(0)
    page.get_by_role("button", name="Shortlist").click()
    expect(page.get_by_role("heading", name=re.compile("Shortlisted$"))).to_be_visible()
    page.get_by_label("Rate per hour").fill(rate)
    page.get_by_label("Hours a week, at most").fill(hours)
    page.get_by_label("Message (optional)").fill("We liked your answer on BNP. Welcome.")
    page.get_by_role("button", name="Send offer").click()
    expect(page.get_by_role("heading", name=re.compile("Offer made$"))).to_be_visible()


def the_owner_invites_a_reviewer(page: Page, *, email: str) -> None:
    open_from_the_menu(page, "Members")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Role").select_option(label="Reviewer")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_role("rowheader", name=re.compile(email))).to_be_visible()


def the_reviewer_joins_the_lab(page: Page, *, email: str) -> None:
    page.goto(link_in_email(to=email, subject="invites you"))
    page.get_by_role("button", name="Accept and join").click()
    expect(page).to_have_url(re.compile("/lab/larkfield-labs/"))


def the_owner_uploads_a_batch_and_starts_it(page: Page) -> None:
    open_from_the_menu(page, "Projects")
    page.get_by_role("link", name=GIG).first.click()
    page.get_by_role("link", name="Upload batch").click()
    page.get_by_label("Task file").set_input_files(SMALL_FILE)
    page.get_by_label("Name (optional)").fill("Cardiology round 1")
    page.get_by_role("button", name="Send the file").click()
    expect(page.get_by_role("combobox", name="answer")).to_have_value(re.compile("answer"))
    expect(page.get_by_role("combobox", name="verdict").locator("option:checked")).to_have_text(
        "For you only, never shown"
    )
    page.get_by_label("Instructions").fill("Mark each sentence that a careful doctor would not sign.")
    page.get_by_role("button", name="Read the file").click()
    page.get_by_role("button", name="Start with 12 tasks").click()
    expect(page.get_by_role("heading", name="B-1 Cardiology round 1 Live")).to_be_visible()


def the_reviewer_opens(page: Page, task: str) -> None:
    """From the queue; what stands first is the oldest."""
    page.goto("/")
    open_from_the_menu(page, "Review queue")
    page.get_by_role("button", name="Review the next one").click()
    expect(page.get_by_role("heading", name=f"Review {task}")).to_be_visible()


def the_reviewer_accepts(page: Page) -> None:
    page.get_by_role("radio", name="Accept").check()
    page.get_by_role("button", name="Decide", exact=True).click()
    expect(page.get_by_role("heading", name="Review queue")).to_be_visible()


def the_reviewer_sends_back(page: Page, *, reason: str) -> None:
    page.get_by_role("radio", name="Send back").check()
    page.get_by_label("What the expert reads").fill(reason)
    page.get_by_role("button", name="Decide", exact=True).click()
    expect(page.get_by_role("heading", name="Review queue")).to_be_visible()


def the_owner_approves_the_week(page: Page, *, time: str, pay: str, fee: str, charge: str) -> None:
    page.goto("/")
    open_from_the_menu(page, "Hours to approve")
    week = page.get_by_role("row", name=re.compile("^Week "))
    expect(week.get_by_role("cell")).to_have_text([time, "", pay, fee, charge])
    page.get_by_role("button", name=f"Approve and charge {charge}").click()
    expect(page.get_by_text("No hours wait for you")).to_be_visible()


def the_owner_reads_the_statement(page: Page, *, row: list[str]) -> None:
    open_from_the_menu(page, "Statement")
    funds = page.get_by_role("region", name="Project funds").first
    expect(funds.get_by_text("Ties to the ledger")).to_be_visible()
    expect(funds.get_by_role("row", name="All projects").get_by_role("cell")).to_have_text(row)


def the_owner_exports_accepted_work(page: Page) -> list[dict[str, object]]:
    """Return the lines of the file that was downloaded."""
    open_from_the_menu(page, "Exports")
    page.get_by_role("button", name="Write the file").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    return [json.loads(line) for line in Path(download.value.path()).read_text().splitlines()]


def open_from_the_menu(page: Page, name: str) -> None:
    """Press an entry of the navigation at the left."""
    page.get_by_role("navigation", name="Lab").get_by_role("link", name=re.compile(f"^{name}")).click()
