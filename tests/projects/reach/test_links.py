"""Passing a gig on: short addresses, and somebody's own link to a gig."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from marketplace.accounts.models import User
from marketplace.kernel import clock
from projects.listings.actions import projects as listings
from projects.reach.actions.links import short_link_of
from projects.reach.models import ShortLink
from projects.standing.models import Referral, ReferralCode
from tests.factories.projects_labs import browse, make_lab, make_person, owner_of
from tests.factories.projects_listings import make_draft, make_expert, make_gig

pytestmark = pytest.mark.django_db
FORM = {"full_name": "Noor Haddad", "email": "noor@people.example", "password1": "correct horse battery staple"}


def test_a_gig_has_one_short_address_that_leads_to_it():
    gig = make_gig(None, now=clock.now())
    page = Client().get(f"/gigs/{gig.public_id}/share/").content.decode()
    link = re.search(rf'value="{settings.SITE_URL}(/g/[a-z0-9]{{8}}/)"', page).group(1)
    assert 'data-copy="short-link"' in page
    answer = Client().get(link)
    assert (answer.status_code, answer["Location"]) == (302, f"/gigs/{gig.public_id}/")
    browse(make_expert().user).get(f"/gigs/{gig.public_id}/share/")
    assert ShortLink.objects.count() == 1


def test_the_box_alone_comes_for_htmx():
    gig = make_gig(None, now=clock.now())
    asked = {"hx-request": "true", "hx-target": "share"}
    box = Client().get(f"/gigs/{gig.public_id}/share/", headers=asked).content.decode()
    assert ("<html" in box, 'id="share"' in box) == (False, True)
    assert f'hx-get="/gigs/{gig.public_id}/share/"' in Client().get(f"/gigs/{gig.public_id}/").content.decode()


def test_what_is_not_open_to_readers_has_no_address():
    lab = make_lab(now=clock.now())
    gig = make_gig(lab, now=clock.now())
    code = short_link_of(gig, now=clock.now()).code
    assert browse(owner_of(lab)).get(f"/gigs/{make_draft(lab).public_id}/share/").status_code == 404
    assert Client().get("/g/nosuchgig/").status_code == 404
    listings.close_project(project_id=gig.pk, reason="All work is done.", by=owner_of(lab), now=clock.now())
    assert Client().get(f"/g/{code}/").status_code == 404


def test_an_expert_shares_a_gig_and_who_joins_through_it_counts_as_invited(client):
    gig, rosa = make_gig(None, title="Echo reports graded", now=clock.now()), make_expert(make_person("Rosa Ilves"))
    browser = browse(rosa.user)
    box = browser.get(f"/gigs/{gig.public_id}/share/").content.decode()
    way = re.search(r'href="(/me/referrals/share/[a-z0-9]+/)"', box).group(1)
    page = browser.get(way).content.decode()
    assert "Make my link" in page
    answer = browser.post(reverse("standing:open_link"), {"gig": ShortLink.objects.get().code})
    assert answer["Location"] == way
    own = ReferralCode.objects.get(user=rosa.user).code
    link = re.search(rf'value="{settings.SITE_URL}(/r/[^"]+)"', browser.get(way).content.decode()).group(1)
    assert link == f"/r/{own}/{ShortLink.objects.get().code}/"

    invited = client.get(link).content.decode()
    assert "Echo reports graded" in invited
    assert "they get 20 % of our fee" in invited
    assert f'href="/gigs/{gig.public_id}/"' in invited
    assert "Rosa" not in invited
    assert client.post(reverse("account_signup"), FORM).status_code == 302
    assert Referral.objects.get(referred=User.objects.get(email=FORM["email"])).referrer == rosa.user


def test_a_link_to_a_gig_that_is_closed_is_an_invitation_all_the_same():
    rosa = make_expert(make_person("Rosa Ilves"))
    browse(rosa.user).post(reverse("standing:open_link"), {"gig": "not a slug!"})
    own = ReferralCode.objects.get(user=rosa.user).code
    page = Client().get(f"/r/{own}/nosuchgig/")
    assert (page.status_code, b"Look at gigs first" in page.content) == (200, True)
    assert browse(rosa.user).get("/me/referrals/share/nosuchgig/").status_code == 404


def test_visitors_are_not_offered_a_link_of_their_own():
    gig = make_gig(None, now=clock.now())
    assert "/me/referrals/" not in Client().get(f"/gigs/{gig.public_id}/share/").content.decode()
