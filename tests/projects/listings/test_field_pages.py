"""The pages of fields: figures counted from rows, what is asked for, and the way to be told."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from marketplace.kernel import clock
from marketplace.kernel.money import charge_for
from projects.labs.models import Lab
from projects.listings.models import Project
from projects.listings.queries.fields import Asked, Pay, figures_of, lines_by_field
from projects.listings.queries.funds import funding_of_many
from tests.factories.projects_labs import browse, make_lab, make_person
from tests.factories.projects_listings import field_of, fund, licence, make_draft, make_gig, vetted_in

pytestmark = pytest.mark.django_db


def test_the_figures_of_a_field_count_its_open_gigs_and_those_below_it():
    lab = make_lab(now=clock.now())
    make_gig(lab, "cardiology", requirements=(licence(), vetted_in("medicine")), now=clock.now())
    make_gig(lab, "medicine", rate_min_minor=None, rate_max_minor=90_00, requirements=(licence(),), now=clock.now())
    make_gig(
        make_lab("Another Lab"), "medicine", currency="EUR", rate_min_minor=50_00, rate_max_minor=70_00, now=clock.now()
    )
    make_gig(lab, "chess", rate_max_minor=400_00, now=clock.now())
    full = make_gig(lab, "medicine", now=clock.now())
    Project.objects.filter(pk=full.pk).update(places_filled=40)
    make_gig(lab, "medicine", visibility="LINK", now=clock.now())
    make_draft(lab, "medicine")

    found = figures_of(field_of("medicine"), now=clock.now())
    assert (found.gigs, found.labs, found.places) == (3, 2, 120)
    assert found.pay == (Pay("USD", 2, 90_00, 250_00), Pay("EUR", 1, 50_00, 70_00))
    assert found.asked == (Asked("Medical licence", 2),)
    assert figures_of(field_of("cardiology"), now=clock.now()).pay == (Pay("USD", 1, 180_00, 250_00),)
    assert figures_of(field_of("law"), now=clock.now()).gigs == 0
    line = lines_by_field(clock.now())[field_of("medicine").pk]
    assert (line.gigs, line.best_minor) == (3, 250_00)


@pytest.mark.full
@pytest.mark.parametrize("bps", [0, 1000, 1250, 3333])
def test_funded_hours_are_the_sum_of_what_the_cards_say(bps):
    """Rates for which the fee ends in half a cent are rounded to the even one, in the statement as in money."""
    lab = make_lab(now=clock.now())
    Lab.objects.filter(pk=lab.pk).update(fee_bps=bps)
    for rate in (12_345, 20_004, 20_012, 99_99, 100_02):
        make_gig(
            lab, "law", rate_min_minor=None, rate_max_minor=rate, funds_minor=charge_for(rate, bps) * 7, now=clock.now()
        )
    fund(Project.objects.order_by("pk").first(), 1)
    gigs = list(Project.objects.select_related("lab"))
    cards = sum(one.hours for one in funding_of_many(gigs, today=clock.now().date()).values())
    assert figures_of(field_of("law"), now=clock.now()).funded_hours == cards == 35


def test_the_page_says_what_a_visitor_wants_to_know():
    make_gig(make_lab(now=clock.now()), "cardiology", requirements=(licence(),), now=clock.now())
    page = Client().get("/fields/medicine/").content.decode()
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    for words in ("Also called: physician, doctor", "$180–250", "72 h", "What labs ask for Medical licence 1 gig"):
        assert words in text, words
    assert 'href="/searches/keep/?field=medicine"' in page
    assert 'href="/gigs/feed.atom?field=medicine"' in page
    assert re.search(r'href="/fields/cardiology/"[^>]*>\s*Cardiology\s*<span class="n">1</span>', page)
    assert "Cardiology is part of Medicine." in Client().get("/fields/cardiology/").content.decode()
    assert "up to $250" in Client().get("/fields/").content.decode()


def test_a_field_without_gigs_leads_somewhere():
    page = browse(make_person()).get("/fields/chess/").content.decode()
    assert "No gigs in this field today" in page
    assert 'href="/me/searches/new/?field=chess"' in page
    assert "What labs ask for" not in page
