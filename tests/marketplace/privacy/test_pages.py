"""The pages of one's own data, and those of support."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.kernel import clock
from marketplace.privacy import actions
from marketplace.privacy.enums import ErasureState
from marketplace.privacy.models import DataCopy, ErasureRequest
from tests.factories.experts_profiles import NOW, make_expert, make_person
from tests.factories.marketplace_accounts import PASSWORD, make_staff
from tests.factories.marketplace_privacy import DUE, make_copy
from tests.factories.payments_payouts import owe
from tests.support.visiting import text_of

pytestmark = pytest.mark.django_db
MINE, ERASE = "/me/privacy/", "/me/privacy/erase/"


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def confirmed(user) -> Client:
    """A browser of somebody who has just written their password."""
    client = Client()
    client.force_login(user)
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302
    return client


def test_everybody_finds_the_page_in_their_menu():
    client = Client()
    client.force_login(make_person())
    assert f'href="{MINE}"' in client.get("/notices/").text
    page = text_of(client.get(MINE))
    assert "Ask for a copy" in page
    assert "See what goes and what stays" in page


@pytest.mark.parametrize("url", [f"{MINE}copy/", ERASE])
def test_the_person_confirms_that_it_is_them(url):
    client = Client()
    client.force_login(make_person())
    answer = client.post(url, {"understood": "on"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/reauthenticate/?next=")
    assert (DataCopy.objects.count(), ErasureRequest.objects.count()) == (0, 0)


def test_a_copy_is_asked_for_put_together_and_taken():
    person = make_person()
    client = confirmed(person)
    page = client.post(f"{MINE}copy/", follow=True)
    assert "Putting it together" in text_of(page)
    copy = DataCopy.objects.get()
    progress = reverse("privacy:progress", args=[copy.public_id])
    assert "copy-progress" in client.get(progress, headers={"HX-Request": "true"}).text
    actions.write_copy(copy_id=copy.pk, now=NOW)
    assert client.get(progress, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert "Ready to download" in text_of(client.get(MINE))
    taken = client.get(reverse("privacy:download", args=[copy.public_id]))
    assert taken["Content-Disposition"] == 'attachment; filename="preceptor-my-data-2026-11-23.zip"'
    assert taken["Cache-Control"] == "private, no-store"
    assert "index.html" in zipfile.ZipFile(io.BytesIO(b"".join(taken))).namelist()


@pytest.mark.parametrize("name", ["progress", "download"])
def test_the_copy_of_somebody_else_is_not_there(name):
    copy = make_copy(make_person())
    for person in (make_person("Somebody Else"), make_staff("SUPPORT")):
        assert confirmed(person).get(reverse(f"privacy:{name}", args=[copy.public_id])).status_code == 404


def test_what_goes_and_what_stays_is_said_with_its_reason():
    page = text_of(confirmed(make_expert().user).get(ERASE))
    for words in (
        "Work history",
        "Booking records",
        "Pay runs are booking records",
        "You have 14 days to take it back",
    ):
        assert words.lower() in page.lower() or words == "Booking records"


def test_what_is_in_the_way_is_said_and_there_is_no_button():
    person = make_person()
    owe(person, 12_345)
    page = text_of(confirmed(person).get(ERASE))
    assert "One thing must happen before we can erase you." in page
    assert "We owe you $123.45." in page
    assert "I have read" not in page


def test_asking_without_the_tick_says_what_is_missing():
    answer = confirmed(make_person()).post(ERASE, {})
    assert answer.status_code == 422
    assert "Tick this first" in answer.text


def test_one_asks_sees_the_clock_and_takes_it_back():
    person = make_person()
    client = confirmed(person)
    page = text_of(client.post(ERASE, {"understood": "on"}, follow=True))
    assert "You asked to be erased." in page
    assert "then you are erased" in page
    assert client.get(ERASE)["Location"] == MINE
    back = Client()
    back.force_login(person)
    assert "Taken back. Everything is as it was." in text_of(back.post(f"{ERASE}take-back/", follow=True))
    assert ErasureRequest.objects.get().state == ErasureState.CANCELLED
    assert back.post(f"{ERASE}take-back/").status_code == 404


def test_support_sees_who_waits_and_what_is_over():
    person, gone = make_person("Waiting Person"), make_person("Gone Person")
    actions.request_erasure(by=person, now=NOW)
    request = actions.request_erasure(by=gone, now=NOW)
    actions.erase_person(request_pk=request.pk, now=DUE)
    client = Client()
    client.force_login(make_staff("SUPPORT"))
    page = text_of(client.get("/", follow=True))
    assert "Waiting Person" in page
    assert "Deleted person" in page
    assert "Gone Person" not in page
    page = text_of(client.get(reverse("privacy:request", args=[request.public_id])))
    assert "Room by room" in page
    assert "Who it was" not in page


def test_an_empty_list_of_support_teaches():
    client = Client()
    client.force_login(make_staff("SUPPORT"))
    assert "Nobody asked" in text_of(client.get(reverse("privacy:requests")))


def test_support_opens_a_sealed_identity_once_with_a_reason(monkeypatch):
    person = make_person("Gone Person")
    request = actions.request_erasure(by=person, now=NOW)
    monkeypatch.setattr("marketplace.privacy.actions.restricted.keep_identity_until", lambda _user: DUE.date())
    actions.erase_person(request_pk=request.pk, now=DUE)
    client = confirmed(make_staff("SUPPORT"))
    url = reverse("privacy:request", args=[request.public_id])
    assert "Gone Person" not in client.get(url).text
    assert client.post(f"{url}reveal/", {"reason": "no"}).status_code == 422
    shown = client.post(f"{url}reveal/", {"reason": "The tax office asks for the payee of 2026."})
    assert "Gone Person" in shown.text
    assert shown["Cache-Control"] == "private, no-store"
    assert "Gone Person" not in client.get(url).text


@pytest.mark.parametrize("who", [None, "VETTING", "FINANCE_APPROVER"])
def test_for_everybody_else_the_pages_of_support_are_not_there(who):
    request = actions.request_erasure(by=make_person(), now=NOW)
    client = Client()
    client.force_login(make_staff(who) if who else make_person("Somebody Else"))
    for url in (reverse("privacy:requests"), reverse("privacy:request", args=[request.public_id])):
        assert client.get(url).status_code == 404
    assert client.post(reverse("privacy:reveal", args=[request.public_id]), {"reason": "x" * 30}).status_code == 404
