from __future__ import annotations

import re

import pytest
from django.urls import reverse

from marketplace.accounts.models import User
from marketplace.notices.models import EmailMessage
from tests.factories.marketplace_accounts import make_user

FORM = {"full_name": "Noor Haddad", "email": "Noor@People.Example", "password1": "correct horse battery"}


@pytest.mark.django_db
def test_signing_up_asks_for_the_address_to_be_confirmed_by_an_email_of_our_outbox(client):
    assert client.post(reverse("account_signup"), FORM).status_code == 302
    user = User.objects.get()
    assert (user.full_name, user.email) == ("Noor Haddad", "noor@people.example")
    email = EmailMessage.objects.get()
    link = re.search(r"https?://\S+/accounts/confirm-email/\S+", email.text)
    assert (email.kind, email.to_address, link is not None) == ("account", "noor@people.example", True)
    path = link.group().split("/", 3)[3]
    answer = client.post(f"/{path}")
    assert answer.status_code == 302
    assert user.emailaddress_set.get().verified is True


@pytest.mark.django_db
def test_signing_up_with_a_known_address_tells_nobody_that_it_is_known(client):
    make_user(email="noor@people.example")
    known = client.post(reverse("account_signup"), FORM)
    unknown = client.post(reverse("account_signup"), FORM | {"email": "other@people.example"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert User.objects.filter(email__icontains="noor").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"password1": "short"}, "at least 10 characters"),
        ({"password1": "1234567890"}, "too common"),
        ({"full_name": ""}, "required"),
        ({"email": "not-an-address"}, "valid email"),
    ],
)
def test_what_is_wrong_is_said_next_to_its_field_and_nothing_is_lost(client, change, words):
    answer = client.post(reverse("account_signup"), FORM | change)
    page = answer.content.decode()
    assert (answer.status_code, words in page) == (200, True)
    assert User.objects.count() == 0
    if "full_name" not in change:
        assert 'value="Noor Haddad"' in page
