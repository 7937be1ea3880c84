"""Somebody takes a copy of everything, asks to be erased, thinks again, and stays."""

from __future__ import annotations

import zipfile
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Page, expect

from experts.duplicates.actions import take_in_due
from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.privacy.actions import request_erasure
from marketplace.privacy.models import ErasureRequest
from tests.factories.experts_credentials import make_npi
from tests.factories.experts_profiles import make_expert, make_vetter
from tests.factories.experts_profiles import make_person as person
from tests.factories.marketplace_accounts import make_staff
from tests.factories.payments_payouts import owe
from tests.journeys.album import Album, Ear
from tests.journeys.people import confirm_that_it_is_you, make_person, sign_in
from tests.support.browsing import hand_over
from tests.support.processes import LiveStack

pytestmark = [pytest.mark.full, pytest.mark.browser]
EMAIL = "ines@carrasco.example"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


def test_a_copy_is_taken_and_leaving_is_taken_back(someone: Callable[[str], Page], ear: Ear) -> None:
    make_person(name="Ines Carrasco", email=EMAIL)
    page, album = someone("expert"), Album("somebody-leaves")
    sign_in(page, email=EMAIL)
    page.goto("/me/privacy/")
    album.photograph(page, "your-data")
    accessible(page)
    page.get_by_role("button", name="Ask for a copy").click()
    if page.get_by_role("heading", name="Confirm that it is you").is_visible():
        confirm_that_it_is_you(page)
        page.get_by_role("button", name="Ask for a copy").click()
    expect(page.get_by_role("heading", name="Ready to download")).to_be_visible()
    album.photograph(page, "copy-is-ready")
    accessible(page)
    with page.expect_download() as taken:
        page.get_by_role("link", name="Download", exact=True).click()
    with zipfile.ZipFile(taken.value.path()) as archive:
        assert archive.testzip() is None
        assert "Ines Carrasco" in archive.read("index.html").decode()
    page.get_by_role("link", name="See what goes and what stays").click()
    album.photograph(page, "what-goes-and-stays")
    accessible(page)
    page.get_by_label("I have read what goes and what stays").check()
    page.get_by_role("button", name="Ask to be erased").click()
    expect(page.get_by_text("You asked to be erased.")).to_be_visible()
    album.photograph(page, "waiting")
    accessible(page)
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("Taken back. Everything is as it was.")).to_be_visible()
    assert ErasureRequest.objects.get().state == "CANCELLED"
    assert ear.heard == []


def accessible(page: Page) -> None:
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


@pytest.mark.web_alone
def test_staff_look_at_pairs_and_at_who_wants_to_leave(
    someone: Callable[[str], Page], ear: Ear, live_stack: LiveStack
) -> None:
    page, album = someone("staff"), Album("staff-and-privacy")
    hand_over(signed_in(make_vetter()), page.context, live_stack.url)
    page.goto("/vetting/duplicates/")
    album.photograph(page, "no-pairs")
    accessible(page)
    for name in ("Imani Okafor", "Imani O. Okafor-Lindqvist"):
        make_npi(make_expert(person(name=name)))
    take_in_due(now=clock.now())
    page.goto("/vetting/duplicates/")
    album.photograph(page, "pairs")
    accessible(page)
    page.get_by_role("link", name="Look at Imani Okafor").click()
    page.get_by_text("A shared clinic, firm or practice").click()
    page.get_by_label("How you found out").fill("Both give the group number of the same clinic.")
    album.photograph(page, "a-pair")
    accessible(page)
    page.get_by_role("button", name="Keep the answer").click()
    expect(page.get_by_text("This pair is not asked about again.")).to_be_visible()

    hand_over(signed_in(make_staff("SUPPORT")), page.context, live_stack.url)
    page.goto("/support/erasures/")
    album.photograph(page, "nobody-asked")
    request_erasure(by=person(name="Ines Carrasco"), now=clock.now())
    page.goto("/support/erasures/")
    album.photograph(page, "requests")
    accessible(page)
    page.get_by_role("link", name="Ines Carrasco").click()
    album.photograph(page, "a-request")
    accessible(page)
    owing = person(name="Tomas Berglund")
    owe(owing, 12_345)
    hand_over(signed_in(owing), page.context, live_stack.url)
    page.goto("/me/privacy/erase/")
    expect(page.get_by_text("We owe you $123.45.")).to_be_visible()
    album.photograph(page, "something-first")
    accessible(page)
    assert ear.heard == []


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
