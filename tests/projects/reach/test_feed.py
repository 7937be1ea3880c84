"""The Atom feed of a search: valid by RFC 4287, stable, and cheap for who has it already."""

from __future__ import annotations

import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.test import Client

from marketplace.kernel import clock
from projects.listings.actions import projects as listings
from projects.listings.models import Project
from tests.factories.projects_labs import make_lab, owner_of, questions_of
from tests.factories.projects_listings import listing, make_gig

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
ONCE = {"feed": ("id", "title", "updated"), "entry": ("id", "title", "updated")}


def read(query: str = "") -> ElementTree.Element:
    answer = Client().get(f"/gigs/feed.atom{query}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    root = ElementTree.fromstring(answer.content)  # noqa: S314 -- our own answer
    assert faults(root) == []
    return root


def faults(root: ElementTree.Element) -> list[str]:
    """What RFC 4287 says must be, as far as it concerns us (4.1.1, 4.1.2, 4.2.6, 3.2, 3.3)."""
    found = [] if root.tag == f"{ATOM}feed" else ["the root is no feed"]
    entries = root.findall(f"{ATOM}entry")
    for place, one in [("feed", root), *(("entry", entry) for entry in entries)]:
        found += [f"{place} has not one {name}" for name in ONCE[place] if not is_once(one, name)]
        if not re.match(r"(https?://|urn:uuid:)", one.findtext(f"{ATOM}id") or ""):
            found.append(f"the id of a {place} is no IRI")
        moments = [str(moment.text) for name in ("updated", "published") for moment in one.findall(ATOM + name)]
        found += [f"{moment} is no moment" for moment in moments if not MOMENT.fullmatch(moment)]
        alternates = [link.get("href") for link in one.findall(f"{ATOM}link") if link.get("rel") == "alternate"]
        if len(alternates) != 1 or not str(alternates[0]).startswith("http"):
            found.append(f"{place} has not one alternate link")
        if place == "feed" and not one.findall(f"{ATOM}author/{ATOM}name"):
            found.append("the feed has no author")
        if len(one.findall(f"{ATOM}summary")) > 1 or len(one.findall(f"{ATOM}content")) > 1:
            found.append(f"{place} has two summaries or contents")
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    return found + (["two entries have one id"] if len(set(ids)) != len(ids) else [])


def is_once(one: ElementTree.Element, name: str) -> bool:
    return len(one.findall(ATOM + name)) == 1 and bool((one.findtext(ATOM + name) or "").strip())


def titles(root: ElementTree.Element) -> list[str | None]:
    return [entry.findtext(f"{ATOM}title") for entry in root.findall(f"{ATOM}entry")]


def links(root: ElementTree.Element) -> dict[str | None, str | None]:
    return {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}


def test_a_feed_has_what_the_board_finds_the_newest_first():
    now = clock.now()
    make_gig(None, "cardiology", title="Echo <reports> & more", now=now - timedelta(hours=2))
    new = make_gig(None, "cardiology", title="Holter strips", now=now - timedelta(hours=1))
    make_gig(None, "chess", title="Endgames", now=now)
    feed = read("?sort=pay&field=medicine&nonsense=1")
    assert titles(feed) == ["Holter strips", "Echo <reports> & more"]
    assert feed.findtext(f"{ATOM}title") == "Gigs: Medicine"
    assert feed.findtext(f"{ATOM}id") == f"{settings.SITE_URL}/gigs/feed.atom?field=medicine"
    entry = feed.find(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}id") == f"urn:uuid:{new.public_id}"
    assert [one.get("term") for one in entry.findall(f"{ATOM}category")] == ["cardiology"]
    assert "<li>$180–250 /h</li>" in entry.findtext(f"{ATOM}content")
    assert links(feed)["alternate"] == f"{settings.SITE_URL}/gigs/?field=medicine"


def test_the_board_names_its_feed():
    page = Client().get("/gigs/?q=echo&sort=pay").content.decode()
    found = re.search(r'<link rel="alternate" type="application/atom\+xml"[^>]+href="([^"]+)"', page)
    assert found.group(1) == "/gigs/feed.atom?q=echo"


def test_who_has_the_feed_is_told_so_until_something_changes():
    lab = make_lab(now=clock.now())
    first = make_gig(lab, "medicine", title="Echo reports", now=clock.now() - timedelta(hours=2))
    answer = Client().get("/gigs/feed.atom")
    assert answer["Cache-Control"] == "public, max-age=300"
    for headers in ({"if-none-match": answer["ETag"]}, {"if-modified-since": answer["Last-Modified"]}):
        again = Client().get("/gigs/feed.atom", headers=headers)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", answer["ETag"])

    before = read().find(f"{ATOM}entry")
    listings.edit_project(
        project_id=first.pk,
        listing=listing("medicine", title="Echo reports, corrected"),
        by=owner_of(lab),
        now=clock.now(),
    )
    changed = Client().get("/gigs/feed.atom", headers={"if-none-match": answer["ETag"]})
    after = read().find(f"{ATOM}entry")
    assert changed.status_code == 200
    assert after.findtext(f"{ATOM}id") == before.findtext(f"{ATOM}id")
    assert after.findtext(f"{ATOM}published") == before.findtext(f"{ATOM}published")
    assert after.findtext(f"{ATOM}updated") > before.findtext(f"{ATOM}updated")


def test_a_long_feed_goes_on_at_the_next_page(monkeypatch):
    monkeypatch.setattr("projects.reach.views.feed.ENTRIES", 3)
    lab = make_lab(now=clock.now())
    for number in range(4):
        make_gig(lab, "chess", title=f"Endgames {number:02d}", now=clock.now() - timedelta(minutes=number))
    first = read("?field=chess")
    assert len(titles(first)) == 3
    following = links(first)["next"].removeprefix(settings.SITE_URL)
    second = read(following.removeprefix("/gigs/feed.atom"))
    assert titles(second) == ["Endgames 03"]
    assert links(second)["first"] == links(first)["self"]


def test_an_empty_feed_is_valid_and_does_not_change():
    assert titles(read("?q=xylophonist")) == []
    etags = {Client().get("/gigs/feed.atom?q=xylophonist")["ETag"] for _ in range(2)}
    assert len(etags) == 1


def test_what_xml_cannot_hold_is_left_out_and_anonymous_labs_stay_so():
    lab = make_lab("Umbra Secret Works", now=clock.now(), is_anonymous=True)
    gig = make_gig(lab, "medicine", now=clock.now())
    Project.objects.filter(pk=gig.pk).update(title="Echo\x0b reports\ufffe", summary="]]> \x1f & <b>")
    text = Client().get("/gigs/feed.atom").content.decode()
    assert titles(read()) == ["Echo reports"]
    assert "Umbra" not in text
    assert lab.slug not in text
    assert "AI research organisation" in text


@pytest.mark.full
def test_a_feed_asks_the_same_number_of_questions_however_long_it_is():
    make_gig(None, "medicine", now=clock.now())
    at_one = questions_of(Client(), "/gigs/feed.atom?field=medicine")
    for number in range(4):
        make_gig(make_lab(f"Lab {number}"), "medicine", now=clock.now())
    assert questions_of(Client(), "/gigs/feed.atom?field=medicine") == at_one <= 9


def test_the_rules_above_find_what_is_wrong():
    bad = ElementTree.fromstring(  # noqa: S314 -- ours
        '<feed xmlns="http://www.w3.org/2005/Atom"><id>x</id><title/><updated>yesterday</updated>'
        "<entry><id>urn:uuid:1</id><title>A</title><updated>2026-01-01T00:00:00Z</updated></entry></feed>"
    )
    assert faults(bad) == [
        "feed has not one title", "the id of a feed is no IRI", "yesterday is no moment", "feed has not one alternate link",
        "the feed has no author", "entry has not one alternate link",
    ]  # fmt: skip
