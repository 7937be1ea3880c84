"""Short addresses of gigs."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from projects.listings.models import Project
from projects.reach.models import ShortLink


def short_url(code: str) -> str:
    return settings.SITE_URL + reverse("reach:short", args=[code])


def gig_of_short_code(code: str) -> Project | None:
    """Return the gig of a short address while anybody may open it, else None."""
    link = ShortLink.objects.filter(code=code, project__in=Project.objects.readable_by_anyone())
    found: ShortLink | None = link.select_related("project__lab").first()
    return found.project if found else None
