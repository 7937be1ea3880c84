"""What people on a journey do again and again: sign up, confirm, show a second factor, sign in."""

from __future__ import annotations

import re

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from playwright.sync_api import Page, expect

from marketplace.accounts.models import StaffRole, User
from marketplace.kernel import clock
from marketplace.notices.models import EmailMessage
from tests.support.processes import wait_until

PASSWORD = "a-long-journey-1"


def sign_up(page: Page, *, name: str, email: str) -> None:
    """Make an account on the page that asks for one, and confirm the address with the link of the e-mail."""
    page.get_by_label("Full name").fill(name)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Make an account").click()
    expect(page.get_by_role("heading", name="Look into your inbox")).to_be_visible()
    page.goto(link_in_email(to=email, subject="confirm"))
    page.get_by_role("button", name="Confirm the address").click()
    expect(page).not_to_have_url(re.compile("/accounts/"))


def link_in_email(*, to: str, subject: str) -> str:
    """Return the first link of the newest e-mail to a person, as soon as a worker has sent it."""
    letters = EmailMessage.objects.filter(to_address=to, subject__icontains=subject, job_state="DONE")
    letter = wait_until(letters.order_by("-pk").first, what=f"an e-mail to {to} about “{subject}”")
    found = re.search(r"https?://\S+", letter.text)
    assert found, letter.text
    return found.group()


def set_up_authenticator(page: Page) -> str:
    """Go from “Second factor” to an authenticator app that works, and return the secret that the page showed."""
    page.get_by_role("link", name="Set up").click()
    confirm_that_it_is_you(page)
    secret = page.get_by_label("Or type this secret").input_value()
    _show_code(page, secret, field="Authenticator code", button="Switch it on")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    return secret


def confirm_that_it_is_you(page: Page) -> None:
    """Write the password again, as money and security ask for it."""
    expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def sign_in(page: Page, *, email: str, secret: str = "") -> None:
    """Sign in with the password, and with the authenticator when the person has one."""
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    if secret:
        _show_code(page, secret, field="Code", button="Sign in")
    expect(page).not_to_have_url(re.compile("/accounts/"))


def make_person(*, name: str, email: str) -> User:
    """Make somebody who signed up and confirmed the address long ago."""
    person = User.objects.create_user(email, PASSWORD, full_name=name)
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    return person


def make_staff(role: str, *, name: str, email: str) -> str:
    """Make a member of staff, as an administrator does, with an authenticator app; return its secret."""
    secret = generate_totp_secret()
    person = make_person(name=name, email=email)
    StaffRole.objects.create(user=person, role=role, granted_at=clock.now())
    TOTP.activate(person, secret)
    return secret


def totp_code(secret: str) -> str:
    """Return what an authenticator app shows now (RFC 6238)."""
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def _show_code(page: Page, secret: str, *, field: str, button: str) -> None:
    """Write the code of the authenticator; if its half minute ended on the way, write the next one."""
    here = page.url
    for _attempt in range(2):
        page.get_by_label(field, exact=True).fill(totp_code(secret))
        with page.expect_navigation():
            page.get_by_role("button", name=button, exact=True).click()
        if page.url != here:
            return
