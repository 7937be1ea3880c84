"""A passkey from its making to a sign-in without a password, with the authenticator that Chromium plays."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import CDPSession, Page, expect

from tests.factories.marketplace_accounts import PASSWORD, confirm_email, make_user

pytestmark = [pytest.mark.full, pytest.mark.browser]


def plug_in(page: Page) -> tuple[CDPSession, str]:
    """Give the page's machine a fingerprint reader that knows its owner; return it and its id."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return devtools, devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def test_a_passkey_signs_in_alone_until_it_is_taken_off_the_account(page: Page) -> None:
    person = confirm_email(make_user("Imani Okafor", email="imani@people.example"))
    devtools, reader = plug_in(page)

    page.goto("/accounts/login/?next=/accounts/2fa/webauthn/add/")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Add a passkey or security key")).to_be_visible()
    page.wait_for_load_state("load")  # the button is tied to the device by a script at the end of the page
    page.get_by_label("Name").fill("My laptop")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    kept = Authenticator.objects.get(user=person, type=Authenticator.Type.WEBAUTHN)
    assert kept.wrap().name == "My laptop"
    (credential,) = devtools.send("WebAuthn.getCredentials", {"authenticatorId": reader})["credentials"]
    assert (credential["rpId"], credential["isResidentCredential"]) == ("localhost", True)

    page.context.clear_cookies()
    page.goto("/accounts/login/?next=/accounts/2fa/webauthn/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(re.compile("/accounts/2fa/webauthn/$"))
    expect(page.get_by_text("My laptop")).to_be_visible()
    (used,) = devtools.send("WebAuthn.getCredentials", {"authenticatorId": reader})["credentials"]
    assert used["signCount"] > credential["signCount"]

    # The device still has the key, but the person has taken it off the account: it opens nothing any more.
    kept.delete()
    page.context.clear_cookies()
    page.goto("/accounts/login/?next=/accounts/2fa/webauthn/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("status").filter(has_text="Incorrect")).to_be_visible()
    page.goto("/accounts/2fa/")
    expect(page).to_have_url(re.compile(r"/accounts/login/\?next="))
