"""What search engines are told of: every public page once, nothing else, in files of a bounded size."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.test import Client

from experts.profiles.models import Field
from marketplace.kernel import clock
from projects.listings.actions import projects as listings
from projects.reach.queries import changes
from tests.factories.projects_labs import make_lab, owner_of
from tests.factories.projects_listings import listing, make_draft, make_gig

pytestmark = pytest.mark.django_db
SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def read(path: str = "/sitemap.xml") -> tuple[str, dict[str, datetime | None]]:
    """Return the root and what it lists, after checking what sitemaps.org asks for."""
    answer = Client().get(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/xml; charset=utf-8")
    root = ElementTree.fromstring(answer.content)  # noqa: S314 -- our own answer
    found: dict[str, datetime | None] = {}
    for one in root:
        assert one.tag in {f"{SPACE}url", f"{SPACE}sitemap"}
        assert {child.tag.removeprefix(SPACE) for child in one} <= {"loc", "lastmod"}
        place, moment = one.findtext(f"{SPACE}loc"), one.findtext(f"{SPACE}lastmod")
        assert place.startswith(f"{settings.SITE_URL}/")
        assert len(place) < 2048
        assert place not in found
        found[place.removeprefix(settings.SITE_URL)] = datetime.fromisoformat(moment) if moment else None
    assert len(found) <= 50_000
    return root.tag.removeprefix(SPACE), found


def test_every_public_page_stands_there_once_and_can_be_opened():
    lab, now = make_lab(now=clock.now()), clock.now()
    gig = make_gig(lab, "cardiology", now=now - timedelta(hours=1))
    kind, found = read()
    assert kind == "urlset"
    assert {"/", "/gigs/", "/fields/", "/fields/cardiology/", f"/labs/{lab.slug}/", f"/gigs/{gig.public_id}/"} <= set(
        found
    )
    fields = Field.objects.offered().count()
    assert len(found) == 3 + len(changes.FIXED) + fields + 1 + 1
    for path in [path for path in found if not path.startswith("/fields/")]:
        assert Client().get(path).status_code == 200, path
    moment = (now - timedelta(hours=1)).replace(microsecond=0)
    assert found["/gigs/"] == found["/fields/medicine/"] == found[f"/gigs/{gig.public_id}/"] == moment
    assert found["/fields/chess/"] is None


def test_what_not_everybody_may_find_is_left_out():
    hidden = make_lab("Umbra Secret Works", now=clock.now(), is_anonymous=True)
    lab = make_lab("Larkfield Labs", now=clock.now())
    gigs = {
        "open": make_gig(hidden, now=clock.now()),
        "link": make_gig(lab, visibility="LINK", now=clock.now()),
        "draft": make_draft(lab),
        "paused": make_gig(lab, now=clock.now()),
    }
    listings.pause_project(project_id=gigs["paused"].pk, reason="A mistake here.", by=owner_of(lab), now=clock.now())
    Field.objects.filter(code="chess").update(retired_at=clock.now())
    _kind, found = read()
    assert [name for name, gig in gigs.items() if f"/gigs/{gig.public_id}/" in found] == ["open"]
    assert not [path for path in found if path.startswith("/labs/")]
    assert "/fields/chess/" not in found


def test_a_change_of_the_listing_is_the_last_change():
    lab = make_lab(now=clock.now())
    gig = make_gig(lab, "medicine", now=clock.now() - timedelta(days=3))
    edited = clock.now().replace(microsecond=0)
    listings.edit_project(
        project_id=gig.pk, listing=listing("medicine", title="Another title"), by=owner_of(lab), now=edited
    )
    assert read()[1][f"/gigs/{gig.public_id}/"] == edited


@pytest.mark.full
def test_more_than_one_file_has_an_index_and_together_they_have_everything_once(monkeypatch):
    lab = make_lab(now=clock.now())
    for number in range(5):
        make_gig(lab, "medicine", title=f"Echo number {number}", now=clock.now())
    _kind, whole = read()
    for size in (len(whole) - 5, len(whole) - 3, 40):
        monkeypatch.setattr(changes, "PART", size)
        kind, index = read()
        assert kind == "sitemapindex"
        assert len(index) == -(-len(whole) // size)
        parts = [read(urlsplit(place).path)[1] for place in index]
        assert {path: at for part in parts for path, at in part.items()} == whole
        assert sum(len(part) for part in parts) == len(whole)
        assert Client().get(f"/sitemap-{len(index) + 1}.xml").status_code == 404
    assert Client().get("/sitemap-0.xml").status_code == 404


def test_who_has_it_is_told_so():
    make_gig(None, now=clock.now())
    answer = Client().get("/sitemap.xml")
    assert answer["Cache-Control"] == "public, max-age=3600"
    assert Client().get("/sitemap.xml", headers={"if-none-match": answer["ETag"]}).status_code == 304


def test_robots_are_shown_the_way_and_kept_out_of_endless_filters():
    text = Client().get("/robots.txt").content.decode()
    assert text.endswith(f"\n\nSitemap: {settings.SITE_URL}/sitemap.xml\n")
    for path in ("/me/", "/lab/", "/searches/", "/gigs/?"):
        assert f"Disallow: {path}\n" in text


@pytest.mark.full
def test_the_sitemap_asks_the_same_number_of_questions_however_many_gigs(django_assert_num_queries):
    make_gig(None, now=clock.now())
    with django_assert_num_queries(11):
        list(Client().get("/sitemap.xml"))
    for number in range(4):
        make_gig(make_lab(f"Lab {number}"), now=clock.now())
    with django_assert_num_queries(11):
        list(Client().get("/sitemap.xml"))
