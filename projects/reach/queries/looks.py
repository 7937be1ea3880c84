"""How a gig or a field looks from elsewhere: one line of an e-mail, and what a picture of it shows."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from experts.profiles.models import Field
from marketplace.kernel.money import SYMBOLS, format_money
from projects.listings.models import Project
from projects.listings.queries.fields import FieldFigures
from projects.reach.pictures import Shown


@dataclass(frozen=True, slots=True)
class Line:
    """A gig in an e-mail."""

    title: str
    url: str
    facts: str


def line_of(gig: Project) -> Line:
    """Return the line of a gig: what it is, what it pays, for whom, how much of it."""
    return Line(
        gig.title,
        absolute("listings:detail", gig.public_id),
        " · ".join([rate_of(gig), gig.lab.public_name, gig.hours_words]),
    )


def absolute(name: str, *args: object) -> str:
    """Return the whole address of a page of ours."""
    return f"{settings.SITE_URL}{reverse(name, args=args)}"


def site_picture() -> str:
    """Return the address of the picture for pages that have none of their own."""
    return settings.SITE_URL + static("img/share.png")


def rate_of(gig: Project) -> str:
    """Return "$180–250 /h", or "$90 /h" for one rate."""
    return rate_words(gig.rate_low_minor or 0, gig.rate_max_minor or 0, gig.currency)


def rate_words(low: int, high: int, currency: str) -> str:
    """Return a range of rates an hour in words."""
    top = format_money(high, currency, cents=False)
    if low in {0, high}:
        return f"{top} /h"
    return f"{format_money(low, currency, cents=False)}–{top.removeprefix(SYMBOLS[currency])} /h"


def shown_gig(gig: Project) -> Shown:
    """Return what the picture of a gig shows. Needs its lab and fields, and asks for nothing."""
    fields = [field.name for field in gig.fields.all()][:2]
    return Shown(
        kicker=gig.lab.public_name,
        title=gig.title,
        figure=rate_of(gig),
        facts=" · ".join([*fields, gig.hours_words, _("remote")]),
        mark=initials_of(gig.lab.public_name),
    )


def shown_field(field: Field, figures: FieldFigures) -> Shown:
    """Return what the picture of a field shows."""
    first = figures.pay[0] if figures.pay else None
    count = ngettext("%(n)s open gig", "%(n)s open gigs", figures.gigs) % {"n": figures.gigs}
    return Shown(
        kicker=field.parent.name if field.parent else _("Field"),
        title=_("Gigs in %(field)s") % {"field": field.name},
        figure=rate_words(first.low_minor, first.high_minor, first.currency) if first else "",
        facts=count if figures.gigs else _("Be told when the first one opens"),
        mark=initials_of(field.name),
    )


def initials_of(name: str) -> str:
    """Return the letters of a monogram: of the first and the last word."""
    words = [word for word in name.split() if word[0].isalnum()] or [name[:1]]
    return "".join(word[0].upper() for word in dict.fromkeys([words[0], words[-1]]) if word)
