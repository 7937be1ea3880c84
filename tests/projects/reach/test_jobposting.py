"""What search engines and other sites read in the head of a page."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.test import Client

from experts.profiles.queries import countries
from marketplace.kernel import clock
from projects.listings.actions import projects as listings
from projects.listings.models import Project
from tests.factories.projects_labs import browse, make_lab, owner_of
from tests.factories.projects_listings import licence, make_draft, make_gig, vetted_in

pytestmark = pytest.mark.django_db
REQUIRED = {
    "title",
    "description",
    "datePosted",
    "hiringOrganization",
    "jobLocationType",
    "applicantLocationRequirements",
}
"""What a posting of remote work must have to be shown."""


def head(path: str) -> str:
    answer = Client().get(path)
    assert answer.status_code == 200
    return answer.content.decode().partition("</head>")[0]


def posting(gig: Project) -> dict[str, object] | None:
    blocks = re.findall(
        r'<script type="application/ld\+json">(.*?)</script>', head(f"/gigs/{gig.public_id}/"), re.DOTALL
    )
    assert len(blocks) < 2
    return json.loads(blocks[0]) if blocks else None


def tags(path: str) -> dict[str, str]:
    return dict(re.findall(r'<meta (?:property|name)="((?:og|twitter):[^"]+)" content="([^"]*)"', head(path)))


def test_an_open_gig_is_a_job_posting_with_everything_that_is_asked():
    closes = clock.now() + timedelta(days=9)
    lab = make_lab(now=clock.now(), website="https://larkfield.example")
    gig = make_gig(
        lab, "cardiology", requirements=(licence(), vetted_in("medicine")), closes_at=closes, now=clock.now()
    )
    said = posting(gig)
    assert REQUIRED - set(said) == set()
    assert (said["@context"], said["@type"]) == ("https://schema.org/", "JobPosting")
    assert said["datePosted"] == clock.now().date().isoformat()
    assert said["validThrough"] == closes.isoformat()
    assert (said["employmentType"], said["jobLocationType"]) == ("CONTRACTOR", "TELECOMMUTE")
    assert said["baseSalary"] == {
        "@type": "MonetaryAmount", "currency": "USD",
        "value": {"@type": "QuantitativeValue", "minValue": 180, "maxValue": 250, "unitText": "HOUR"},
    }  # fmt: skip
    places = said["applicantLocationRequirements"]
    assert {place["@type"] for place in places} == {"Country"}
    assert [place["name"] for place in places] == ["United States", "Canada", "United Kingdom", "Ireland"]
    address = f"{settings.SITE_URL}/labs/{lab.slug}/"
    assert said["hiringOrganization"] == {
        "@type": "Organization", "name": "Larkfield Labs", "url": address, "sameAs": "https://larkfield.example",
    }  # fmt: skip
    assert "<strong>careful doctor</strong>" in said["description"]
    assert said["qualifications"] == "Medical licence, document seen; Vetted in Medicine"
    assert said["identifier"]["value"] == str(gig.public_id)


def test_one_rate_is_one_value_and_any_country_is_every_country():
    gig = make_gig(None, rate_min_minor=None, rate_max_minor=210_50, countries=(), now=clock.now())
    said = posting(gig)
    assert said["baseSalary"]["value"] == {"@type": "QuantitativeValue", "value": 210.5, "unitText": "HOUR"}
    assert len(said["applicantLocationRequirements"]) == len(countries())
    assert "validThrough" not in said


def test_an_anonymous_lab_is_confidential():
    gig = make_gig(make_lab("Umbra Secret Works", now=clock.now(), is_anonymous=True), now=clock.now())
    assert posting(gig)["hiringOrganization"] == {"@type": "Organization", "name": "confidential"}
    assert "Umbra" not in head(f"/gigs/{gig.public_id}/")


def test_what_a_lab_writes_cannot_leave_the_data_block():
    evil = "</script><script>alert(1)</script><!-- \u2028 &lt;"
    gig = make_gig(None, title=f"Echo {evil}", summary=f"{evil} and forty characters of summary more", now=clock.now())
    text = head(f"/gigs/{gig.public_id}/")
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL).group(1)
    assert not re.search("[<>&\u2028]", block)
    assert json.loads(block)["title"] == f"Echo {evil}"

    class Scripts(HTMLParser):
        found: list[str | None] = []

        def handle_starttag(self, tag, attrs):
            if tag == "script":
                self.found.append(dict(attrs).get("type"))

    reader = Scripts()
    reader.feed(text)
    assert reader.found.count("application/ld+json") == 1
    assert set(reader.found) <= {"application/ld+json", "module", None, "text/javascript"}
    assert "<script>alert" not in text


def test_only_what_is_open_to_everybody_is_posted():
    lab = make_lab(now=clock.now())
    gig = make_gig(lab, now=clock.now())
    assert posting(gig) is not None
    rows = Project.objects.filter(pk=gig.pk)
    for change, back in (
        ({"visibility": "LINK"}, {"visibility": "PUBLIC"}),
        ({"places_filled": 40}, {"places_filled": 0}),
        ({"closes_at": clock.now() - timedelta(minutes=1)}, {"closes_at": None}),
    ):
        rows.update(**change)
        assert posting(gig) is None, change
        rows.update(**back)
    listings.pause_project(project_id=gig.pk, reason="The model is retrained.", by=owner_of(lab), now=clock.now())
    assert posting(gig) is None
    draft = make_draft(lab)
    page = browse(owner_of(lab)).get(f"/gigs/{draft.public_id}/").content.decode()
    assert "og:title" not in page
    assert "ld+json" not in page


def test_a_gig_is_described_to_other_sites():
    gig = make_gig(None, "cardiology", title="Echo “reports” & more", now=clock.now())
    path = f"/gigs/{gig.public_id}/"
    said = tags(path)
    assert said["og:title"] == "Echo “reports” &amp; more, $180–250 /h"
    assert said["og:url"] == settings.SITE_URL + path
    assert said["og:image"].startswith(f"{settings.SITE_URL}{path}picture.png?v=")
    assert (said["og:image:width"], said["og:image:height"]) == ("1200", "630")
    assert said["twitter:card"] == "summary_large_image"
    assert f'<link rel="canonical" href="{settings.SITE_URL}{path}">' in head(path)
    Project.objects.filter(pk=gig.pk).update(visibility="LINK")
    assert tags(path)["og:image"] == f"{settings.SITE_URL}/static/img/share.png"


@pytest.mark.parametrize("path", ["/", "/fields/", "/fields/cardiology/", "/labs/larkfield-labs/"])
def test_other_pages_are_described_too(path):
    make_gig(None, "cardiology", now=clock.now())
    said = tags(path)
    assert said["og:url"] == settings.SITE_URL + path
    assert min(len(said[name]) for name in ("og:title", "og:description", "og:image", "og:image:alt")) > 5


def test_the_tags_of_a_gig_ask_nothing_of_the_database(django_assert_num_queries):
    from projects.reach.templatetags.reach import gig_tags

    make_gig(None, "cardiology", requirements=(licence(), vetted_in("medicine")), now=clock.now())
    gig = Project.objects.with_listing().get()
    with django_assert_num_queries(0):
        assert "posting" in gig_tags(gig)
