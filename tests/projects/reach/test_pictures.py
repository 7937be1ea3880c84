"""Pictures for links on other sites: of the right size, drawn once, and no way to keep our processors busy."""

from __future__ import annotations

import re
import struct
from datetime import timedelta

import pytest
from django.test import Client

from marketplace.kernel import clock
from projects.listings.models import Project
from projects.reach.actions import pictures
from projects.reach.actions.pictures import forget_old_pictures
from projects.reach.models import SharePicture
from projects.reach.pictures import Shown, draw
from projects.reach.views.pictures import SITE_PICTURE
from tests.factories.projects_labs import make_lab
from tests.factories.projects_listings import make_draft, make_gig

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n"


def size_of(png: bytes) -> tuple[int, int]:
    """Return width and height as the first block of a PNG file gives them."""
    assert png.startswith(PNG)
    assert png[12:16] == b"IHDR"
    return struct.unpack(">II", png[16:24])


@pytest.fixture
def drawings(monkeypatch) -> list[Shown]:
    """What was really drawn, in order."""
    drawn: list[Shown] = []
    monkeypatch.setattr(pictures, "draw", lambda shown: drawn.append(shown) or draw(shown))
    return drawn


def address(gig: Project) -> str:
    page = Client().get(f"/gigs/{gig.public_id}/").content.decode()
    return re.search(r'property="og:image" content="https?://[^/]+([^"]+)"', page).group(1)


def test_a_gig_has_a_picture_that_is_drawn_once_and_may_be_kept(drawings):
    gig = make_gig(make_lab(now=clock.now()), "cardiology", now=clock.now())
    path = address(gig)
    answers = [Client().get(path) for _ in range(3)]
    assert size_of(answers[0].content) == (1200, 630)
    assert {(one["Content-Type"], one["Cache-Control"]) for one in answers} == {
        ("image/png", "public, max-age=31536000, immutable")
    }
    assert answers[0]["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert [shown.title for shown in drawings] == ["Physician Talent Network"]
    shown = drawings[0]
    assert (shown.kicker, shown.mark, shown.figure) == ("Larkfield Labs", "LL", "$180–250 /h")
    assert shown.facts == "Cardiology · 10–20 h a week · remote"
    again = Client().get(path, headers={"if-none-match": answers[0]["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_another_version_is_the_same_picture_kept_for_less_long(drawings):
    gig = make_gig(None, now=clock.now())
    right = Client().get(address(gig))
    for query in ("", "?v=0000000000000000", "?v=" + "x" * 500):
        other = Client().get(f"/gigs/{gig.public_id}/picture.png{query}")
        assert (other.content == right.content, other["Cache-Control"]) == (True, "public, max-age=86400")
    assert len(drawings) == 1


def test_a_changed_listing_has_another_picture(drawings):
    gig = make_gig(None, now=clock.now())
    before = address(gig)
    Project.objects.filter(pk=gig.pk).update(title="Physician Talent Network, second round")
    after = address(gig)
    assert before != after
    assert Client().get(after).content != draw(Shown("x", "y", "", "", ""))
    assert [shown.title for shown in drawings] == ["Physician Talent Network, second round"]


def test_only_what_anybody_may_find_has_a_picture(drawings):
    lab = make_lab(now=clock.now())
    for gig in (make_draft(lab), make_gig(lab, visibility="LINK", now=clock.now())):
        assert Client().get(f"/gigs/{gig.public_id}/picture.png").status_code == 404
    assert Client().get("/fields/alchemy/picture.png").status_code == 404
    assert drawings == []


def test_an_anonymous_lab_stays_so_in_its_picture(drawings):
    gig = make_gig(make_lab("Umbra Secret Works", now=clock.now(), is_anonymous=True), now=clock.now())
    Client().get(address(gig))
    assert (drawings[0].kicker, drawings[0].mark) == ("AI research organisation", "AO")


def test_a_field_has_a_picture_with_its_figures(drawings):
    make_gig(None, "cardiology", now=clock.now())
    page = Client().get("/fields/cardiology/").content.decode()
    path = re.search(r'property="og:image" content="https?://[^/]+([^"]+)"', page).group(1)
    assert size_of(Client().get(path).content) == (1200, 630)
    shown = drawings[0]
    assert (shown.title, shown.figure, shown.facts) == ("Gigs in Cardiology", "$180–250 /h", "1 open gig")


@pytest.mark.full
def test_when_too_many_are_drawn_the_picture_of_the_site_stands_in(drawings, monkeypatch):
    monkeypatch.setattr(pictures, "PICTURES_A_MINUTE", 2)
    gigs = [make_gig(None, title=f"Echo number {number}", now=clock.now()) for number in range(3)]
    answers = [Client().get(address(gig)) for gig in gigs]
    assert len(drawings) == 2
    assert answers[2].content == SITE_PICTURE.read_bytes()
    assert answers[2]["Cache-Control"] == "public, max-age=300"
    assert Client().get(address(gigs[0])).content == answers[0].content  # What was drawn is there all the same.
    SharePicture.objects.update(drawn_at=clock.now() - timedelta(minutes=2))
    assert Client().get(address(gigs[2])).content != answers[2].content


def test_old_pictures_are_forgotten():
    Client().get(address(make_gig(None, now=clock.now())))
    assert forget_old_pictures(now=clock.now()) == 0
    assert forget_old_pictures(now=clock.now() + timedelta(days=91)) == 1


@pytest.mark.parametrize(
    "title",
    ["#import \"x.typ\": * $sum$ `code` <label> @ref \\ */", "W" * 140, "数学オリンピック 💡", "\u202ereversed", "a " * 70],
)  # fmt: skip
def test_no_title_is_code_or_breaks_the_drawing(title):
    shown = Shown("Lab", title, "$90 /h", "Law · remote", "L")
    png = draw(shown)
    assert size_of(png) == (1200, 630)
    assert png == draw(shown)


def test_the_picture_of_the_site_has_the_right_size():
    assert size_of(SITE_PICTURE.read_bytes()) == (1200, 630)
