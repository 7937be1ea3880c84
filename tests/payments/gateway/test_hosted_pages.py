"""The pages a person sees: they say what they are, work without script, and lead back."""

from __future__ import annotations

import http.client
import re
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from payments.gateway import client
from tests.payments.gateway.standin import StandIn

LABEL = "Preceptor local stand-in for Stripe, no real money"


def browse(url: str, **form: str) -> tuple[int, str, Any]:
    """Open an address, or send its form, without following where it leads."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
    connection.request("POST" if form else "GET", parts.path, urlencode(form) if form else None, headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode(), answer.headers


def open_session(lab_name: str = "Northwind Research") -> Any:
    return client.create_checkout_session(
        deposit_public_id="019a0000-0000-7000-8000-000000000001",
        amount_minor=2_000_000,
        currency="USD",
        lab_name=lab_name,
        success_url="https://preceptor.example/paid?s={CHECKOUT_SESSION_ID}",
        cancel_url="https://preceptor.example/back",
        customer_email="owner@northwind.example",
        idempotency_key="deposit-1",
    )


def onboarding(standin: StandIn) -> tuple[str, str]:
    account = standin.recipient(active=False)
    link = client.create_account_link(
        account, refresh_url="https://preceptor.example/again", return_url="https://preceptor.example/done"
    )
    return account, link.url


def test_the_checkout_page_shows_amount_lab_and_three_ways_on(standin: StandIn) -> None:
    status, page, headers = browse(open_session().url)
    assert status == 200
    assert LABEL in page
    assert "$20,000.00" in page
    assert "Northwind Research" in page
    buttons = re.findall(r'<button[^>]*name="button" value="(\w+)"[^>]*>([^<]+)</button>', page)
    assert buttons == [
        ("card", "Pay with test card"),
        ("bank", "Pay by bank transfer (settles later)"),
        ("decline", "Decline"),
    ]
    assert "style=" not in page
    assert "<script" not in page
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")


def test_names_are_shown_as_text_whatever_they_hold(standin: StandIn) -> None:
    _, page, _ = browse(open_session(lab_name='<img src=x onerror="alert(1)"> $title').url)
    assert "<img" not in page
    assert "&lt;img src=x onerror=&quot;alert(1)&quot;&gt; $title" in page


def test_paying_by_card_leads_to_the_success_address_with_the_session(standin: StandIn) -> None:
    session = open_session()
    status, _, headers = browse(session.url, button="card", at_once="1")
    assert (status, headers["Location"]) == (303, f"https://preceptor.example/paid?s={session.id}")
    assert client.retrieve_checkout_session(session.id).is_paid
    assert client.retrieve_balance().available_in("USD") == 1_941_970
    status, page, _ = browse(session.url)
    assert (status, "has been completed" in page) == (410, True)


def test_a_declined_card_stays_on_the_page_and_says_so(standin: StandIn) -> None:
    session = open_session()
    status, page, _ = browse(session.url, button="decline")
    assert (status, "The card was declined. Nothing was charged." in page) == (402, True)
    status, _, _ = browse(session.url, button="bank")
    assert status == 303
    assert client.retrieve_checkout_session(session.id).payment_status == "unpaid"


def test_onboarding_activates_the_account_and_leads_back(standin: StandIn) -> None:
    account, url = onboarding(standin)
    status, page, _ = browse(url)
    assert (status, LABEL in page) == (200, True)
    assert '<option value="US" selected>United States</option>' in page
    status, page, _ = browse(url, country="US", last4="12", choice="finish")
    assert (status, "Give the last four digits of the bank account." in page) == (400, True)
    status, _, headers = browse(url, country="GB", last4="6789", choice="finish")
    assert (status, headers["Location"]) == (303, "https://preceptor.example/done")
    assert client.retrieve_account(account).is_ready
    bank = client.retrieve_bank_account(account)
    assert bank is not None
    assert (bank.last4, bank.country) == ("6789", "GB")


def test_leaving_incomplete_leads_back_and_changes_nothing(standin: StandIn) -> None:
    account, url = onboarding(standin)
    status, _, headers = browse(url, choice="leave")
    assert (status, headers["Location"]) == (303, "https://preceptor.example/done")
    assert not client.retrieve_account(account).is_ready


def test_a_used_or_old_link_leads_to_the_refresh_address(standin: StandIn) -> None:
    _, used = onboarding(standin)
    browse(used, choice="leave")
    assert browse(used)[2]["Location"] == "https://preceptor.example/again"
    _, old = onboarding(standin)
    standin.advance(seconds=16 * 60)
    assert browse(old)[2]["Location"] == "https://preceptor.example/again"


@pytest.mark.parametrize("path", ["/", "/c/pay/cs_test_nothing", "/setup/e/acctlnk_nothing", "/favicon.ico"])
def test_unknown_pages_are_404(standin: StandIn, path: str) -> None:
    assert browse(standin.address + path)[0] == 404


def test_the_stylesheet_is_served_and_knows_dark(standin: StandIn) -> None:
    status, css, headers = browse(f"{standin.address}/static/hosted.css")
    assert (status, headers["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert "prefers-color-scheme: dark" in css
