"""What labs did with their listings lately: rates by country, a lower relisting that waits for staff, an open invitation."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from marketplace.demo.actions.board import FLAGSHIP, GigPlan, owners_of_labs, post_gig
from marketplace.demo.actions.people import address_of, personas
from projects.labs.actions import invite_member
from projects.labs.enums import LabRole
from projects.labs.models import Invitation, Lab
from projects.listings.actions.events import deliver_event
from projects.listings.actions.projects import edit_project
from projects.listings.actions.shape import Band, Listing, listing_of
from projects.listings.enums import ProjectState
from projects.listings.models import ListingEvent, Project

FIRST, FRUGAL = "Larkfield Labs", "Ombra Studio"
AGAIN = ", second round"
GUEST = "Noor Haddad"


def make_news(*, now: datetime) -> None:
    """Invite a reviewer without an account, change a listing, and post another one again for less."""
    labs = {lab.name: lab for lab in Lab.objects.filter(name__in=[FIRST, FRUGAL], is_demonstration=True)}
    _invite(labs[FIRST], now=now - timedelta(days=1))
    _change(labs[FIRST], now=now - timedelta(days=3))
    _relist(labs[FRUGAL], now=now - timedelta(hours=5))
    for event_id in ListingEvent.objects.due(now).values_list("pk", flat=True):
        deliver_event(event_id=event_id, now=now)


def _invite(lab: Lab, *, now: datetime) -> None:
    address = address_of(GUEST)
    if not Invitation.objects.filter(lab=lab, email=address).exists():
        invite_member(lab_id=lab.pk, email=address, role=LabRole.REVIEWER, by=personas()["lab-owner"], now=now)


def _change(lab: Lab, *, now: datetime) -> None:
    """Pay more at the top, and say what is paid where."""
    gigs = Project.objects.filter(lab=lab, state=ProjectState.OPEN).exclude(title=FLAGSHIP)
    gig = gigs.select_related("terms").order_by("pk").first()
    if gig is None or gig.versions.count() > 1 or gig.rate_max_minor is None:
        return
    listing = listing_of(gig)
    low, high = gig.rate_low_minor or gig.rate_max_minor, gig.rate_max_minor + 10_00
    where = listing.countries[:2] or ("GB", "CA")
    bands = tuple(Band(country, low, high - 10_00) for country in where)
    changed = replace(listing, rate_min_minor=low, rate_max_minor=high, bands=bands)
    edit_project(project_id=gig.pk, listing=changed, by=owners_of_labs()[lab.pk], now=now)


def _relist(lab: Lab, *, now: datetime) -> None:
    """Post the lab's newest gig once more for a fifth less: it waits for staff."""
    gigs = Project.objects.filter(lab=lab, state=ProjectState.OPEN).exclude(title__endswith=AGAIN)
    gig = gigs.select_related("terms").order_by("-published_at").first()
    if gig is None or gig.rate_max_minor is None:
        return
    title = f"{gig.title}{AGAIN}"
    there = Project.objects.filter(lab=lab, title=title).select_related("lab", "terms").first()
    post_gig(GigPlan(0, _lower(gig, title), 4_000_00, now), there, lab, by=owners_of_labs()[lab.pk])


def _lower(gig: Project, title: str) -> Listing:
    low, high = gig.rate_low_minor or 0, gig.rate_max_minor or 0
    return replace(
        listing_of(gig),
        title=title,
        rate_min_minor=low * 8 // 10,
        rate_max_minor=high * 8 // 10,
        bands=(),
        places_wanted=2,
    )
