"""What vetting and finance do."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.journeys.people import confirm_that_it_is_you


def vetting_claims_the_case_and_reads_the_evidence(page: Page) -> None:
    page.get_by_role("button", name=re.compile(r"Claim V-\d+")).click()  # Its number depends on the tests before.
    expect(page.get_by_text("5 passed")).to_be_visible()
    page.get_by_role("tab", name="Cardiology (US-OH)").click()
    licence = page.get_by_role("tabpanel", name="Cardiology (US-OH)")
    licence.get_by_role("button", name="Show").click()
    expect(licence.get_by_text("35123456")).to_be_visible()
    with page.expect_download() as download:
        licence.get_by_role("link", name="licence.pdf").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")


def vetting_says_that_the_licence_was_seen(page: Page) -> None:
    licence = page.get_by_role("tabpanel", name="Cardiology (US-OH)")
    licence.get_by_text("Say that you have seen or confirmed it").click()
    licence.get_by_label("Source").fill("The PDF that was sent")
    licence.get_by_role("button", name="Move it up").click()
    expect(page.get_by_text("Cardiology (US-OH) moved up.")).to_be_visible()


def vetting_approves(page: Page, *, reason: str) -> None:
    page.get_by_role("radio", name="Approve").check()
    page.get_by_role("button", name="Send the decision").click()
    expect(page.get_by_role("heading", name="Amara Osei Awaiting a decision")).to_be_visible()  # A reason is needed.
    page.get_by_role("combobox", name="Reason").select_option(label="Meets the standard of the field")
    page.get_by_label("What they will read").fill(reason)
    page.get_by_role("checkbox", name="Cardiology (US-OH)").check()
    page.get_by_role("button", name="Send the decision").click()
    expect(page.get_by_role("heading", name="Amara Osei Approved")).to_be_visible()


def the_preparer_drafts_and_computes_the_run(page: Page, *, week: str, net: str) -> str:
    """Return the address of the run."""
    page.get_by_role("link", name=f"Draft it: Week {week} has no pay run").click()
    page.get_by_role("button", name="Draft the run").click()
    expect(page.get_by_text("Screening finished.")).to_be_visible()
    page.get_by_role("button", name="Compute").click()
    expect(page.get_by_role("heading", name=f"Pay run {week} USD Computed")).to_be_visible()
    expect(page.get_by_text(net).first).to_be_visible()
    expect(page.get_by_role("button", name="Approve the run")).to_have_count(0)
    return page.url


def the_approver_approves_and_starts_sending(page: Page, *, week: str) -> None:
    page.get_by_role("link", name=f"Review and approve: Approve pay run {week} USD").click()
    page.get_by_role("button", name="Approve the run").click()
    confirm_that_it_is_you(page)
    page.get_by_label("Comment (optional)").fill("Compared with the statement of Larkfield Labs.")
    page.get_by_role("button", name="Approve the run").click()
    expect(page.get_by_role("heading", name=f"Pay run {week} USD Approved")).to_be_visible()
    page.get_by_role("button", name="Start sending").click()
    expect(page.get_by_role("heading", name=f"Pay run {week} USD Reconciled")).to_be_visible()
    expect(page.get_by_text("Difference $0.00")).to_be_visible()


def the_register_ties(page: Page, *, net: str) -> dict[str, str]:
    """On the screen and in the file; return the file's one line."""
    page.get_by_role("link", name="Register").click()
    expect(page.get_by_role("heading", name="Payout register Ties")).to_be_visible()
    ties = page.get_by_role("region", name="Ties, table").get_by_role("row", name=re.compile("^Sent"))
    expect(ties.get_by_role("cell")).to_have_text([net, "1010 paid out for these items", net])
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    lines = list(csv.DictReader(Path(download.value.path()).read_text().split("\n\n")[0].splitlines()))
    assert len(lines) == 1
    return lines[0]


def the_trial_balance_ties(page: Page) -> dict[str, str]:
    """Return the closing balance of each account, as the page shows it."""
    page.goto("/finance/reports/trial-balance/")
    expect(page.get_by_role("heading", name="Trial balance Ties")).to_be_visible()
    rows = page.get_by_role("region", name="Trial balance, table").get_by_role("row").all()
    cells = [row.get_by_role("cell").all_inner_texts() for row in rows]
    return {row[0]: row[-1] for row in cells if row and row[0].isdigit()}
