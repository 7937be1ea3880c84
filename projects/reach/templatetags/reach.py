"""What other sites read of a page: canonical address, Open Graph, the job posting. For the heads of pages of any room."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.template import Context
from django.utils.translation import gettext as _

from experts.profiles.models import Field
from marketplace.kernel import clock
from projects.listings.models import Project
from projects.listings.queries.fields import FieldFigures
from projects.reach.queries.looks import absolute, rate_of, shown_field, shown_gig, site_picture
from projects.reach.queries.matches import as_asked, plain_query
from projects.reach.writers.jobposting import in_page, is_posted, posting_of

register = template.Library()
TAGS = "reach/tags.html"


def _facts(title: str, description: str, url: str, picture: str, alt: str) -> dict[str, Any]:
    return {"title": title, "description": description, "url": url, "picture": picture, "alt": alt}


@register.inclusion_tag(TAGS)
def site_tags(title: str, description: str, path: str) -> dict[str, Any]:
    """Describe a page that has no picture of its own."""
    return _facts(title, description, settings.SITE_URL + path, site_picture(), _("Preceptor: teach AI what you know"))


@register.inclusion_tag(TAGS)
def gig_tags(gig: Project) -> dict[str, Any]:
    """Describe a gig, and post it to search engines for jobs while it is open to everybody. Asks for nothing."""
    if not gig.rate_max_minor or gig.state not in {"OPEN", "PAUSED"}:
        return {}
    url, title = absolute("listings:detail", gig.public_id), f"{gig.title}, {rate_of(gig)}"
    facts = _facts(title, gig.summary, url, site_picture(), title)
    if gig.visibility == "PUBLIC" and gig.state == "OPEN":
        version = shown_gig(gig).version
        facts["picture"] = f"{absolute('reach:gig_picture', gig.public_id)}?v={version}"
    if is_posted(gig, clock.now()):
        facts["posting"] = in_page(posting_of(gig))
    return facts


@register.inclusion_tag(TAGS)
def field_tags(field: Field, figures: FieldFigures, description: str) -> dict[str, Any]:
    """Describe a field."""
    shown = shown_field(field, figures)
    picture = f"{absolute('reach:field_picture', field.code)}?v={shown.version}"
    return _facts(shown.title, description, absolute("listings:field", field.code), picture, shown.title)


@register.simple_tag(takes_context=True)
def board_query(context: Context) -> str:
    """Return the board's query of this page as a saved search and a feed have it."""
    return plain_query(as_asked(context["request"].GET))
