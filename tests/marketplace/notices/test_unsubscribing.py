"""E-mails say why they came and where to choose; one press stops a kind that is not essential (RFC 8058)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.core import mail, signing
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from marketplace.accounts.models import User
from marketplace.kernel import registry
from marketplace.notices.actions import notify, send_email
from marketplace.notices.models import EmailMessage, NoticePreference
from marketplace.notices.queries import subscription_of, unsubscribe_url
from tests.factories.marketplace_accounts import make_staff, make_user

NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
PREFERENCES = f"{settings.SITE_URL}/notices/preferences/"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def tell(user: User, kind: str = "work", **more: object) -> EmailMessage:
    with transaction.atomic():
        notify(user=user, kind=kind, title="News", body="One.", path="/me/work/", now=NOW, **more)
    return EmailMessage.objects.order_by("-pk").first()


def press(link: str, client: Client | None = None) -> HttpResponse:
    """Post what a mail provider posts: no cookies, no token of a form."""
    browser = client or Client(enforce_csrf_checks=True)
    return browser.post(link.removeprefix(settings.SITE_URL), ONE_CLICK)


# ------------------------------------------------------------------------------------------------------------ the e-mail


@pytest.mark.django_db
def test_an_email_says_why_it_came_and_how_to_stop_its_kind():
    user = make_user()
    email, link = tell(user), unsubscribe_url(user, "work")
    reason = "You get this e-mail because “Tasks, batches and reviews” is switched on in your e-mail preferences."
    assert email.text.rstrip().endswith(
        f"--\nPreceptor. {reason}\nChoose your e-mails: {PREFERENCES}\nStop this kind: {link}"
    )
    for words in (reason, f'href="{PREFERENCES}"', f'href="{link}"'):
        assert words in email.html


@pytest.mark.django_db
def test_an_essential_email_says_why_it_cannot_be_stopped():
    email = tell(make_user(), "applications")
    label = registry.notice_kinds["applications"].label
    reason = (
        f"You get this e-mail because it is about “{label}”. E-mails about money, security and decisions about you "
        "always come."
    )
    assert email.text.rstrip().endswith(f"--\nPreceptor. {reason}\nChoose your e-mails: {PREFERENCES}")
    assert (reason in email.html, "unsubscribe" in email.html) == (True, False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["work", "applications"])
def test_a_mail_program_is_offered_the_one_press_for_kinds_that_may_be_stopped(settings, kind):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    user = make_user()
    send_email(email_id=tell(user, kind).pk, now=NOW)
    headers = mail.outbox[0].message()
    offered = (headers["List-Unsubscribe"], headers["List-Unsubscribe-Post"])
    if kind == "work":
        assert offered == (f"<{unsubscribe_url(user, kind)}>", "List-Unsubscribe=One-Click")
    else:
        assert offered == (None, None)


@pytest.mark.django_db
def test_the_same_email_goes_to_further_addresses_when_it_must():
    user = make_user()
    tell(user, "payouts", also_to=["old@people.example"])
    rows = EmailMessage.objects.order_by("pk").values_list("to_address", "user_id", "text")
    (first, second) = rows
    assert (first[0], second[0], first[1:]) == (user.email, "old@people.example", second[1:])


# ------------------------------------------------------------------------------------------------------------- the press


@pytest.mark.django_db
def test_one_press_stops_one_kind_for_one_person_without_signing_in():
    user, other = make_user(), make_user()
    link = unsubscribe_url(user, "work")
    for _ in range(2):  # Providers repeat.
        answer = press(link)
        assert (answer.status_code, "no e-mails about “Tasks, batches and reviews”" in answer.content.decode()) == (
            200, True,
        )  # fmt: skip
    assert list(NoticePreference.objects.values_list("user", "kind", "by_email")) == [(user.pk, "work", False)]
    before = EmailMessage.objects.count()
    tell(user, "work")
    assert EmailMessage.objects.count() == before
    assert tell(user, "candidates").to_address == user.email
    assert tell(other, "work").to_address == other.email


@pytest.mark.django_db
def test_opening_the_link_only_asks(client):
    user = make_user()
    path = unsubscribe_url(user, "work").removeprefix(settings.SITE_URL)
    page = client.get(path)
    html = page.content.decode()
    assert (page.status_code, re.findall(r"<h1>(.*?)</h1>", html)) == (200, ["Stop these e-mails?"])
    assert re.search(r'<form[^>]*method="post"[^>]*>', html)
    assert user.email not in html
    assert NoticePreference.objects.count() == 0
    assert client.post(path).status_code == 200
    assert NoticePreference.objects.get().by_email is False


@pytest.mark.django_db
def test_a_link_is_for_whom_it_was_made_and_not_for_who_opens_it(client):
    user, reader = make_user(), make_user()
    client.force_login(reader)
    press(unsubscribe_url(user, "work"), client)
    assert NoticePreference.objects.get().user == user


@pytest.mark.django_db
def test_staff_who_still_need_a_second_factor_may_stop_emails(client):
    user = make_staff("VETTING", second_factor=False)
    client.force_login(user)
    assert press(unsubscribe_url(user, "work"), client).status_code == 200
    assert NoticePreference.objects.get().user == user


@pytest.mark.django_db
def test_a_link_that_is_not_ours_leads_nowhere():
    user = make_user()
    token = unsubscribe_url(user, "work").rstrip("/").rpartition("/")[2]
    other_kind = signing.Signer(salt="notices.unsubscribe").sign_object([str(user.public_id), "no_such_kind"])
    essential = signing.Signer(salt="notices.unsubscribe").sign_object([str(user.public_id), "payouts"])
    other_use = signing.Signer(salt="something.else").sign_object([str(user.public_id), "work"])
    stranger = signing.Signer(salt="notices.unsubscribe").sign_object(["00000000-0000-7000-8000-000000000000", "work"])
    assert subscription_of(token) == (user, registry.notice_kinds["work"])
    for wrong in (token[:-1], token.upper(), "x", ":", other_kind, essential, other_use, stranger):
        assert [call(f"/notices/unsubscribe/{wrong}/").status_code for call in (Client().get, Client().post)] == [
            404
        ] * 2
    assert NoticePreference.objects.count() == 0
