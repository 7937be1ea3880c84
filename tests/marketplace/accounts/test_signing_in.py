"""Signing in: guesses are stopped without locking anybody out, and nobody learns who has an account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from marketplace.notices.models import EmailMessage
from tests.factories.marketplace_accounts import NOW, PASSWORD, confirm_email, make_user

pytestmark = pytest.mark.django_db
HERE, ELSEWHERE = "203.0.113.7", "198.51.100.4"
NEW = "a sentence to remember"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Give a clock that stands, for limits count by minutes; and limits that have not counted anything yet."""
    cache.clear()
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def noor():
    return confirm_email(make_user("Noor Haddad", email="noor@people.example"))


def sign_in(
    client: Client, *, email: str = "noor@people.example", password: str = PASSWORD, address: str = HERE
) -> HttpResponse:
    return client.post(reverse("account_login"), {"login": email, "password": password}, REMOTE_ADDR=address)


def guess(client: Client, clock: time_machine.Traveller, times: int, **where: str) -> HttpResponse:
    """Try wrong passwords at the pace of a person, below the limit for one minute; return the last answer."""
    for _ in range(times):
        clock.shift(timedelta(seconds=10))
        answer = sign_in(client, password="not it", **where)
    return answer


def signed_in(client: Client) -> bool:
    return client.get(reverse("account_email")).status_code == 200


def comparable(answer: HttpResponse, *names: str) -> tuple[int, str, str]:
    """Return an answer without what is another for each request: its tokens, and the address that was typed."""
    text = re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+', r"\1", answer.content.decode())
    for name in names:
        text = text.replace(name, "")
    return answer.status_code, answer.get("Location", ""), text


# ------------------------------------------------------------------------------------------------------------- guessing


def test_ten_wrong_passwords_close_the_door_for_that_address_and_nobody_else(noor, clock):
    other = confirm_email(make_user("Ada Quill", email="ada@people.example"))
    assert guess(Client(), clock, 9).status_code == 200
    locked = guess(Client(), clock, 1)
    assert (locked.status_code, locked["Retry-After"]) == (429, "900")
    assert "Try again in 15 min." in locked.content.decode().replace("\u00a0", " ")

    clock.shift(timedelta(minutes=2))
    right_but_late = Client()
    assert (sign_in(right_but_late).status_code, signed_in(right_but_late)) == (429, False)
    herself, neighbour = Client(), Client()
    assert (sign_in(herself, address=ELSEWHERE).status_code, signed_in(herself)) == (302, True)
    assert (sign_in(neighbour, email=other.email).status_code, signed_in(neighbour)) == (302, True)


def test_the_door_opens_again_after_a_quarter_of_an_hour(noor, clock):
    assert guess(Client(), clock, 10).status_code == 429
    clock.shift(timedelta(minutes=14, seconds=59))
    assert sign_in(Client()).status_code == 429
    clock.shift(timedelta(seconds=2))
    client = Client()
    assert (sign_in(client).status_code, signed_in(client)) == (302, True)


def test_another_spelling_of_the_address_is_no_second_chance(noor, clock):
    guess(Client(), clock, 9, email="NOOR@People.Example ")
    assert guess(Client(), clock, 1).status_code == 429


def test_a_right_password_forgets_the_wrong_ones_before_it(noor, clock):
    for _ in range(2):
        guess(Client(), clock, 9)
        assert sign_in(Client()).status_code == 302


def test_one_address_cannot_try_many_accounts_in_a_minute():
    for number in range(10):
        answer = sign_in(Client(), email=f"user{number}@people.example", password="not it")
        assert "are not correct" in answer.content.decode()
    blocked = sign_in(Client(), email="one.more@people.example", password="not it")
    assert "Too many failed login attempts" in blocked.content.decode()


@pytest.mark.full
def test_many_addresses_together_try_one_account_sixty_times_an_hour_at_most(noor, clock):
    for number in range(60):
        answer = sign_in(Client(), password="not it", address=f"198.51.100.{number}")
        assert "are not correct" in answer.content.decode()
    blocked = sign_in(Client(), password="not it", address="192.0.2.1")
    assert "Too many failed login attempts" in blocked.content.decode()
    clock.shift(timedelta(hours=1, seconds=1))
    assert sign_in(Client(), address="192.0.2.1").status_code == 302


def test_behind_the_proxy_the_lockout_is_for_the_address_that_the_proxy_saw(noor, clock, settings):
    settings.TRUSTED_PROXY_COUNT = 1

    def attempt(client: Client, password: str, forwarded: str) -> HttpResponse:
        clock.shift(timedelta(seconds=10))
        form = {"login": noor.email, "password": password}
        return client.post("/accounts/login/", form, REMOTE_ADDR="10.0.0.2", headers={"X-Forwarded-For": forwarded})

    answers = [attempt(Client(), "not it", f"8.8.8.{number}, {HERE}").status_code for number in range(10)]
    assert answers == [200] * 9 + [429]
    assert attempt(Client(), PASSWORD, f"192.0.2.1, {HERE}").status_code == 429
    assert attempt(Client(), PASSWORD, ELSEWHERE).status_code == 302


# ------------------------------------------------------------------------------------------------- who has an account


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(noor):
    known = sign_in(Client(), password="not it")
    unknown = sign_in(Client(), email="nobody@people.example", password="not it")
    assert comparable(known, noor.email) == comparable(unknown, "nobody@people.example")


def answers(address: str, form: dict[str, str]) -> list[tuple[int, str, str]]:
    """Send a form; return its answer and the page it leads to, without the e-mail that was typed."""
    client = Client()
    sent = client.post(address, form)
    return [comparable(sent, form["email"]), comparable(client.get(sent["Location"]), form["email"])]


def test_signing_up_answers_the_same_whether_or_not_the_address_has_an_account(noor):
    form, address = {"full_name": "Noor Haddad", "password1": NEW}, reverse("account_signup")
    known, unknown = (answers(address, form | {"email": email}) for email in (noor.email, "new@people.example"))
    assert known == unknown
    assert dict(EmailMessage.objects.values_list("to_address", "subject")) == {
        noor.email: "Preceptor: you already have an account",
        "new@people.example": "Preceptor: confirm your e-mail address",
    }


def test_asking_for_a_new_password_answers_the_same_whether_or_not_the_address_has_an_account(noor):
    address = reverse("account_reset_password")
    known, unknown = (answers(address, {"email": email}) for email in (noor.email, "nobody@people.example"))
    assert known == unknown
    assert dict(EmailMessage.objects.values_list("to_address", "subject")) == {
        noor.email: "Preceptor: choose a new password",
        "nobody@people.example": "Preceptor: no account with this address",
    }


# --------------------------------------------------------------------------------------------------------- new password


def test_a_forgotten_password_is_replaced_by_a_link_that_works_once_and_signs_everybody_else_out(noor):
    before = Client()
    sign_in(before)
    assert signed_in(before)

    client = Client()
    client.post(reverse("account_reset_password"), {"email": noor.email})
    link = re.search(r"https?://[^/\s]+(/accounts/password/reset/key/\S+)", EmailMessage.objects.get().text)
    assert link
    form = client.get(link.group(1))
    assert form["Location"].endswith("-set-password/"), "the token must not stay in the address of a page with a form"
    assert "Choose a new password" in client.get(form["Location"]).content.decode()
    weak = client.post(form["Location"], {"password1": "short", "password2": "short"})
    assert (weak.status_code, "at least 10 characters" in weak.content.decode()) == (200, True)
    done = client.post(form["Location"], {"password1": NEW, "password2": NEW})
    assert (done.status_code, done["Location"]) == (302, reverse("account_reset_password_from_key_done"))

    assert not signed_in(before)
    assert sign_in(Client()).status_code == 200
    assert sign_in(Client(), password=NEW).status_code == 302
    assert "This link no longer works" in Client().get(link.group(1), follow=True).content.decode()
    newest = EmailMessage.objects.order_by("-pk").first()
    assert (newest.to_address, newest.subject) == (noor.email, "Preceptor: password reset")
    assert "If this was not you, change your password at once" in newest.text


# -------------------------------------------------------------------------------------------------------- second factor


def test_a_recovery_code_opens_the_door_once(noor):
    TOTP.activate(noor, generate_totp_secret())
    codes = RecoveryCodes.activate(noor).get_unused_codes()
    assert len(codes) == 10

    def enter(code: str) -> tuple[int, bool]:
        client = Client()
        halfway = sign_in(client)
        assert (halfway["Location"], signed_in(client)) == (reverse("mfa_authenticate"), False)
        return client.post(halfway["Location"], {"code": code}).status_code, signed_in(client)

    assert enter(codes[0]) == (302, True)
    assert enter(codes[0]) == (200, False)
    assert enter(codes[1]) == (302, True)
    left = RecoveryCodes(Authenticator.objects.get(user=noor, type=Authenticator.Type.RECOVERY_CODES))
    assert left.get_unused_codes() == codes[2:]


def test_the_table_of_second_factors_holds_no_secret_to_read(noor):
    secret = generate_totp_secret()
    TOTP.activate(noor, secret)
    RecoveryCodes.activate(noor)
    kept = Authenticator.objects.filter(user=noor)
    assert secret not in str(list(kept.values_list("data", flat=True)))
    assert {kind: sorted(data) for kind, data in kept.values_list("type", "data")} == {
        "totp": ["secret"], "recovery_codes": ["seed", "used_mask"],
    }  # fmt: skip
    for field, one in (("secret", kept.get(type="totp")), ("seed", kept.get(type="recovery_codes"))):
        assert one.data[field].startswith("v1.dev.")
    assert TOTP(kept.get(type="totp")).validate_code(format_hotp_value(hotp_value(secret, int(NOW.timestamp()) // 30)))


# -------------------------------------------------------------------------------------------------------------- devices


def test_the_list_of_devices_ends_every_session_but_this_one(noor):
    here, there, stranger = Client(), Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/150.0"}), Client()
    sign_in(here)
    sign_in(there, address=ELSEWHERE)
    sign_in(stranger, email=confirm_email(make_user(email="ada@people.example")).email)
    page = here.get(reverse("usersessions_list")).content.decode()
    assert [word in page for word in (HERE, ELSEWHERE, "Firefox on Linux", "Sign out the others")] == [True] * 4
    assert page.count("account-row") - page.count("account-rows") == 2
    assert here.post(reverse("usersessions_list")).status_code == 302
    assert (signed_in(here), signed_in(there), signed_in(stranger)) == (True, False, True)
    page = here.get(reverse("usersessions_list")).content.decode()
    assert (ELSEWHERE in page, "Sign out the others" in page) == (False, False)


def test_a_new_password_ends_the_other_sessions_and_is_told_by_email(noor):
    here, there = Client(), Client()
    sign_in(here)
    sign_in(there, address=ELSEWHERE)
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert here.post(reverse("account_change_password"), form, REMOTE_ADDR=HERE).status_code == 302
    assert (signed_in(here), signed_in(there)) == (True, False)
    email = EmailMessage.objects.get()
    assert (email.to_address, email.subject, email.kind) == (noor.email, "Preceptor: password changed", "account")
    assert f"Address: {HERE}" in email.text
    assert "no unsubscribe link" in email.text
