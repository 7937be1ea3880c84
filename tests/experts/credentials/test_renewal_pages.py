"""What an expert sees of the clocks of a credential, and the page that renews one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from experts.credentials import actions
from experts.credentials.enums import LadderStep
from experts.registries.enums import Register
from marketplace.kernel import clock
from tests.factories.experts_credentials import make_licence, make_npi, pdf_bytes
from tests.factories.experts_profiles import make_expert, make_vetter
from tests.factories.experts_registries import import_list, provider

pytestmark = pytest.mark.django_db


@pytest.fixture
def expert(client):
    found = make_expert()
    client.force_login(found.user)
    return found


def days(number):
    return clock.now().date() + timedelta(days=number)


def url(credential):
    return reverse("credentials:renew", args=[credential.public_id])


def page_of(client):
    return client.get(reverse("credentials:list")).content.decode()


def test_a_licence_is_renewed_with_its_document(client, expert):
    licence = make_licence(expert, expires_on=days(20))
    assert "It stays where it stands until" in client.get(url(licence)).content.decode()
    file = SimpleUploadedFile("renewed.pdf", pdf_bytes("Board"))
    answer = client.post(url(licence), {"expires_on": days(700).isoformat(), "file": file}, follow=True)
    page = answer.content.decode()
    assert "is renewed. A person looks at it next." in page
    assert "not looked at yet" in page
    assert "renewed.pdf" in page
    licence.refresh_from_db()
    assert (licence.renewal_expires_on, licence.document.original_name) == (days(700), "renewed.pdf")


@pytest.mark.parametrize(
    ("value", "words"), [("", "This field is required"), ("soon", "Enter a valid date"), (5, "It must end after")]
)
def test_what_is_wrong_with_the_day_stands_next_to_it(client, expert, value, words):
    licence = make_licence(expert, expires_on=days(20))
    answer = client.post(url(licence), {"expires_on": days(value).isoformat() if isinstance(value, int) else value})
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_lapsed_licence_says_that_it_counts_for_nothing_and_begins_again(client, expert):
    licence = make_licence(expert, expires_on=days(-1))
    actions.lapse_expired(now=clock.now())
    assert "Expired, counts for nothing" in page_of(client)
    assert "begins again with its number" in client.get(url(licence)).content.decode()
    client.post(url(licence), {"expires_on": days(700).isoformat()})
    page = page_of(client)
    assert "counts for nothing" not in page
    assert "Number well formed" in page


def test_nobody_renews_another_s_credential_or_one_without_a_last_day(client, expert):
    other, npi = make_licence(make_expert()), make_npi(expert)
    for credential in (other, npi):
        assert client.get(url(credential)).status_code == 404
        assert client.post(url(credential), {"expires_on": days(700).isoformat()}).status_code == 404


def test_the_page_says_until_when_a_confirmation_counts_and_what_the_register_said(client, expert):
    licence, npi = make_licence(expert), make_npi(expert)
    now = clock.now()
    actions.climb_ladder(
        credential_id=licence.public_id, to_step=LadderStep.CONFIRMED, by=make_vetter(), now=now, source="Board",
        seen_on=now.date(),
    )  # fmt: skip
    import_list(Register.NPPES, provider(last="LIND"))
    actions.compare_with_registry(credential_pk=npi.pk, now=now)
    page = page_of(client)
    assert "Confirmed until" in page
    assert "NPPES has this NPI under another name; a person compares." in page
    assert "OFAC" not in page


def test_a_script_that_sends_the_file_itself_is_told_what_it_stands_behind(client, expert):
    licence = make_licence(expert, expires_on=days(30))
    facts = {"expires_on": days(300).isoformat()}
    answer = client.post(url(licence), facts, headers={"Accept": "application/json"})
    assert answer.json() == {"credential": str(licence.public_id)}
    again = client.post(url(licence), {"expires_on": days(10).isoformat()}, headers={"Accept": "application/json"})
    assert (again.status_code, "text/html" in again["Content-Type"]) == (422, True)
