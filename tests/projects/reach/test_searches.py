"""Saving a search of the board, and the pages that keep it."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from experts.profiles.models import Field
from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.kernel.errors import Conflict, Invalid, Refused, WrongState
from marketplace.kernel.ids import new_public_id
from projects.reach.actions import searches as actions
from projects.reach.models import SavedSearch
from tests.factories.projects_labs import NOW, browse, comparable, make_person, questions_of
from tests.factories.projects_listings import field_of, make_expert, make_gig
from tests.factories.projects_reach import save, sweep

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return make_expert().user


def mine(person: User) -> list[tuple[str, str, str]]:
    return list(SavedSearch.objects.visible_to(person).order_by("pk").values_list("name", "query", "frequency"))


# ------------------------------------------------------------------------------------------------------------- saving


def test_from_the_board_to_the_list(person):
    make_gig(None, "cardiology", title="Echo reports graded", now=clock.now())
    browser = browse(person)
    board = browser.get("/gigs/?sort=pay&field=medicine&q=echo&rate=15000").content.decode()
    way = re.search(r'href="(/me/searches/new/\?[^"]+)"[^>]*>.*?Save this search', board, re.DOTALL).group(1)
    form = browser.get(way.replace("&amp;", "&")).content.decode()
    assert "1 gig fits today." in form
    assert 'value="“echo”, Medicine, $150 or more"' in form

    query = re.search(r'name="query" value="([^"]+)"', form).group(1).replace("&amp;", "&")
    answer = browser.post(reverse("reach:new"), {"query": query, "name": "Hearts", "frequency": "INSTANT"})
    search = SavedSearch.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/me/searches/{search.public_id}/")
    assert mine(person) == [("Hearts", "q=echo&field=medicine&rate=15000", "INSTANT")]
    assert "Hearts" in browser.get("/me/searches/").content.decode()


def test_what_the_form_does_not_understand_is_said_and_nothing_is_saved(person):
    answer = browse(person).post(reverse("reach:new"), {"query": "q=echo", "name": "", "frequency": "HOURLY"})
    page = answer.content.decode()
    assert (answer.status_code, mine(person)) == (400, [])
    assert "“echo”" in page
    assert page.count('class="error"') == 2


def test_the_same_search_is_kept_once(person):
    save(person, "field=medicine")
    answer = browse(person).get("/me/searches/new/?sort=pay&field=medicine&after=x")
    assert answer["Location"] == f"/me/searches/{SavedSearch.objects.get().public_id}/edit/"
    save(person, "field=medicine", name="Doctors", frequency="HERE")
    assert mine(person) == [("Doctors", "field=medicine", "HERE")]
    save(make_person("Somebody Else"), "field=medicine")
    assert SavedSearch.objects.count() == 2


def test_a_search_can_take_the_place_of_another(person):
    old, other = save(person, "field=medicine"), save(person, "field=law")
    facts = {"query": "field=chess", "name": "Chess", "frequency": "DAILY", "instead_of": str(old.public_id)}
    browse(person).post(reverse("reach:new"), facts)
    assert mine(person) == [("Chess", "field=chess", "DAILY"), ("Law", "field=law", "INSTANT")]
    with pytest.raises(Conflict, match="asks for the same already"):
        actions.save_search(wanted=actions.Wanted("field=law"), by=person, now=NOW, instead_of=old.public_id)
    foreign = save(make_person("Somebody Else"), "field=physics")
    with pytest.raises(Refused, match="not here any more"):
        actions.save_search(wanted=actions.Wanted("q=x"), by=person, now=NOW, instead_of=foreign.public_id)
    other.refresh_from_db()
    assert other.query == "field=law"


@pytest.mark.full
def test_twenty_searches_are_the_most(person):
    for number in range(20):
        save(person, f"q=word{number}")
    with pytest.raises(Refused, match="You can keep 20 searches"):
        save(person, "q=one+more")
    save(person, "q=word3", name="Renamed")
    assert SavedSearch.objects.count() == 20


def test_a_search_is_not_endless(person):
    with pytest.raises(Invalid, match="more filters than can be kept"):
        save(person, "q=" + "x" * 2001)


def test_a_field_that_was_merged_is_looked_for_under_its_new_name(person):
    old = Field.objects.create(code="heart-medicine", name="Heart medicine", tree_order="zz")
    search = save(person, "field=heart-medicine")
    Field.objects.filter(pk=old.pk).update(merged_into=field_of("cardiology"), retired_at=NOW)
    make_gig(None, "cardiology", title="Echo reports graded", now=NOW + timedelta(minutes=1))
    sweep(NOW + timedelta(minutes=2))
    assert search.found.count() == 1
    assert "Cardiology" in browse(person).get("/me/searches/").content.decode()


# ------------------------------------------------------------------------------------------- without an account, and back


FORM = {"full_name": "Noor Haddad", "email": "noor@people.example", "password1": "correct horse battery staple"}


def test_a_visitor_is_led_to_an_account_and_the_search_is_there(client):
    board = client.get("/gigs/?q=echo&rate=15000").content.decode()
    way = re.search(r'href="(/searches/keep/\?[^"]+)"', board).group(1).replace("&amp;", "&")
    answer = client.get(way)
    there = parse_qs(urlsplit(answer["Location"]).query)["next"]
    assert answer["Location"].startswith("/accounts/signup/?")
    assert there == ["/me/searches/new/?q=echo&rate=15000"]
    page = client.get(answer["Location"]).content.decode()
    assert "/me/searches/new/?q=echo" in page  # kept for who signs in instead

    assert client.post(reverse("account_signup"), FORM).status_code == 302
    assert mine(User.objects.get(email=FORM["email"])) == [("“echo”, $150 or more", "q=echo&rate=15000", "DAILY")]


def test_a_cookie_that_somebody_wrote_saves_nothing(client):
    client.cookies["search"] = "q=echo:forged"
    assert client.post(reverse("account_signup"), FORM).status_code == 302
    assert SavedSearch.objects.count() == 0


def test_who_is_signed_in_goes_to_the_form_at_once(person):
    answer = browse(person).get("/searches/keep/?q=echo&sort=pay")
    assert answer["Location"] == "/me/searches/new/?q=echo"


# -------------------------------------------------------------------------------------------------------------- pages


def test_running_a_search_goes_to_the_board_and_nothing_is_new_after_it(person):
    search = save(person, "field=medicine", frequency="HERE", now=clock.now() - timedelta(hours=2))
    make_gig(None, "medicine", title="Echo reports graded", now=clock.now() - timedelta(hours=1))
    sweep(clock.now())
    browser = browse(person)
    assert "1 new" in browser.get("/me/searches/").content.decode()
    page = browser.get(f"/me/searches/{search.public_id}/").content.decode()
    assert "Echo reports graded" in page

    answer = browser.post(reverse("reach:run", args=[search.public_id]))
    assert answer["Location"] == "/gigs/?field=medicine&sort=newest"
    assert "1 new" not in browser.get("/me/searches/").content.decode()
    assert "Nothing new" in browser.get(f"/me/searches/{search.public_id}/").content.decode()


def test_a_search_is_renamed_paused_resumed_and_deleted(person):
    search = save(person)
    browser = browse(person)
    at = f"/me/searches/{search.public_id}/"
    browser.post(f"{at}edit/", {"name": "Doctors", "frequency": "HERE"})
    assert mine(person) == [("Doctors", "field=medicine", "HERE")]
    assert browser.post(f"{at}edit/", {"name": " ", "frequency": "HERE"}).status_code == 400

    browser.post(f"{at}pause/")
    assert "Paused" in browser.get("/me/searches/").content.decode()
    assert browser.post(f"{at}pause/").status_code == 409
    browser.post(f"{at}resume/")
    with pytest.raises(WrongState):
        actions.resume_search(search_id=search.public_id, by=person, now=NOW)
    assert browser.get(f"{at}delete/").status_code == 200
    browser.post(f"{at}delete/")
    assert mine(person) == []
    assert "No saved searches yet" in browser.get("/me/searches/").content.decode()


@pytest.mark.parametrize("what", ["", "edit/", "delete/"])
def test_a_foreign_search_looks_like_none(person, what):
    foreign = save(make_person("Somebody Else"))
    theirs = browse(person).get(f"/me/searches/{foreign.public_id}/{what}")
    missing = new_public_id()
    none = browse(person).get(f"/me/searches/{missing}/{what}")
    assert (theirs.status_code, none.status_code) == (404, 404)
    assert comparable(theirs, str(foreign.public_id)) == comparable(none, str(missing))
    for deed in ("run", "pause", "resume", "delete"):
        assert browse(person).post(f"/me/searches/{foreign.public_id}/{deed}/").status_code == 404
    assert Client().get(f"/me/searches/{foreign.public_id}/")["Location"].startswith("/accounts/login/")


@pytest.mark.full
def test_pages_ask_the_same_number_of_questions_at_one_and_at_many_searches(person):
    browser = browse(person)
    first = save(person, "field=medicine&lab=larkfield-labs", now=clock.now() - timedelta(hours=9))
    make_gig(None, "medicine", now=clock.now() - timedelta(hours=1))
    sweep(clock.now())
    at_one = [questions_of(browser, path) for path in ("/me/searches/", f"/me/searches/{first.public_id}/")]
    for number in range(12):
        save(person, f"field=cardiology&q=echo{number}", now=clock.now() - timedelta(hours=9))
    for number in range(3):
        make_gig(None, "medicine", title=f"Echo number {number}", now=clock.now() - timedelta(minutes=number + 1))
    sweep(clock.now())
    assert [questions_of(browser, path) for path in ("/me/searches/", f"/me/searches/{first.public_id}/")] == at_one
    assert max(at_one) <= 22
