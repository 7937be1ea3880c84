"""A certificate from its preview to its end, in Chromium: the holder, and a visitor who pastes the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from projects.standing.models import Certificate
from tests.factories.projects_hours import make_running
from tests.factories.projects_labs import browse
from tests.factories.projects_standing import confirmed_licence, work_week
from tests.support.browsing import fresh_page, hand_over
from tests.support.processes import LiveStack

pytestmark = [
    pytest.mark.full, pytest.mark.browser, pytest.mark.web_alone, pytest.mark.django_db(transaction=True),
]  # fmt: skip


def clean(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def narrow(page: Page) -> None:
    """Look at the page on the smallest phone: nothing sticks out at its side."""
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    clean(page)
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_certificate_from_preview_to_revocation(chromium: Browser, live_stack: LiveStack, tmp_path: Path):
    contract = make_running()
    confirmed_licence(contract.expert)
    work_week(contract, minutes=95)
    with fresh_page(chromium, live_stack.url) as holder, fresh_page(chromium, live_stack.url) as visitor:
        hand_over(browse(contract.expert.user), holder.context, live_stack.url)
        errors: list[str] = []
        for page in (holder, visitor):
            page.on("pageerror", lambda error: errors.append(str(error)))

        holder.goto("/me/certificates/")
        holder.get_by_role("link", name="See what yours would say").click()
        preview = holder.locator("#preview")
        expect(preview).to_contain_text("Imani Okafor")
        holder.get_by_label("Initials only").check()  # the preview follows the choice
        expect(preview).to_contain_text("I. O.")
        expect(preview).not_to_contain_text("Imani Okafor")
        narrow(holder)
        holder.get_by_role("button", name="Issue it").click()
        expect(holder.get_by_role("heading", name="Record of work")).to_be_visible()
        narrow(holder)
        address = holder.get_by_label("Address for others").input_value()
        with holder.expect_download() as paper:
            holder.get_by_role("link", name="PDF with QR code").click()
        assert Path(paper.value.path()).read_bytes().startswith(b"%PDF-")
        certificate = Certificate.objects.get()
        assert address.endswith(f"/verify/{certificate.public_id}/")

        here = f"/verify/{certificate.public_id}/"
        visitor.goto(here)
        expect(visitor.get_by_text("Valid.")).to_be_visible()
        expect(visitor.get_by_text("1 h 35 min")).to_be_visible()
        narrow(visitor)
        with visitor.expect_download() as file:
            visitor.get_by_role("link", name="Download the signed file").click()
        text = Path(file.value.path()).read_text()
        visitor.get_by_role("link", name="Check a file").click()
        visitor.get_by_label("The certificate as text").fill(text.replace("1 h 35", "9 h 35"))
        visitor.get_by_role("button", name="Check it").click()
        expect(visitor.get_by_text("The signature does not match.")).to_be_visible()
        visitor.get_by_label("The certificate as text").fill(text)
        visitor.get_by_role("button", name="Check it").click()
        expect(visitor.get_by_text("Valid.")).to_be_visible()
        narrow(visitor)

        holder.get_by_role("link", name="Revoke it").click()
        holder.get_by_role("button", name="Revoke it").click()
        expect(holder.get_by_text("Its holder took it back")).to_be_visible()
        visitor.goto(here)
        expect(visitor.get_by_text("Revoked.", exact=True)).to_be_visible()
        narrow(visitor)
        assert errors == []
