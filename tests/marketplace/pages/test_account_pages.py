"""The pages of signing in: drawn with our parts, sound, without anything that the content security policy refuses."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.factories.marketplace_accounts import PASSWORD, confirm_email, make_user
from tests.marketplace.pages.drawing import Soundness

pytestmark = pytest.mark.django_db
ANYBODY = [
    ("/accounts/login/", "Sign in"),
    ("/accounts/signup/", "Make an account"),
    ("/accounts/password/reset/", "Forgot your password?"),
    ("/accounts/password/reset/done/", "Look into your inbox"),
    ("/accounts/password/reset/key/1-abc/", "This link no longer works"),
    ("/accounts/confirm-email/", "Look into your inbox"),
    ("/accounts/confirm-email/abc/", "This link no longer works"),
    ("/accounts/inactive/", "This account is closed"),
]
SIGNED_IN = [
    ("/accounts/email/", "E-mail addresses"),
    ("/accounts/password/change/", "Change your password"),
    ("/accounts/logout/", "Sign out?"),
    ("/accounts/sessions/", "Signed-in devices"),
    ("/accounts/reauthenticate/", "Confirm that it is you"),
    ("/accounts/2fa/", "Second factor"),
    ("/accounts/2fa/totp/activate/", "Set up an authenticator app"),
    ("/accounts/2fa/webauthn/", "Passkeys and security keys"),
    ("/accounts/2fa/webauthn/add/", "Add a passkey or security key"),
]


def check(client: Client, address: str, heading: str) -> str:
    """Open a page, judge its HTML, and return it."""
    response = client.get(address)
    assert response.status_code == 200
    html = response.content.decode()
    reader = Soundness()
    reader.feed(html)
    assert (reader.wrong, reader.open) == ([], [])
    assert [name for name, count in reader.ids.items() if count > 1] == []
    assert re.findall(r"<h1[^>]*>\s*(.*?)\s*</h1>", html) == [heading]
    assert " style=" not in html
    assert "data:" not in html
    return html


@pytest.fixture
def signed_in(client: Client) -> Client:
    """Give a client of a person who signed in and has just confirmed the password once more."""
    user = confirm_email(make_user("Imani Okafor", email="imani@example.org"))
    answer = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302
    return client


@pytest.mark.parametrize(("address", "heading"), ANYBODY)
def test_a_page_before_signing_in_is_sound(client: Client, address: str, heading: str) -> None:
    check(client, address, heading)


@pytest.mark.parametrize(("address", "heading"), SIGNED_IN)
def test_a_page_of_an_account_is_sound(signed_in: Client, address: str, heading: str) -> None:
    check(signed_in, address, heading)


def test_a_wrong_password_says_so_above_the_form_and_nothing_about_the_address(client: Client) -> None:
    html = client.post("/accounts/login/", {"login": "nobody@example.org", "password": "x"}).content.decode()
    assert re.search(r'<div class="note note-danger" role="alert">.*not correct', html, re.DOTALL)


def test_a_short_password_is_explained_beside_its_field(client: Client) -> None:
    answer = client.post("/accounts/signup/", {"full_name": "A B", "email": "a@example.org", "password1": "short"})
    html = answer.content.decode()
    assert 'aria-describedby="id_password1_hint id_password1_error"' in html
    assert re.search(r'id="id_password1_error">.*too short', html)


def test_the_square_of_a_second_factor_is_drawn_in_the_page(signed_in: Client) -> None:
    html = check(signed_in, "/accounts/2fa/totp/activate/", "Set up an authenticator app")
    assert re.search(r'<div class="qr[^>]*role="img"[^>]*><svg', html)
    secret = re.search(r'id="authenticator_secret" value="([A-Z2-7]{32})"', html)
    assert secret is not None


def test_signing_in_leaves_no_message_behind(signed_in: Client) -> None:
    assert "Successfully signed in" not in signed_in.get("/accounts/email/").content.decode()
