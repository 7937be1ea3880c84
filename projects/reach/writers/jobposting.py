"""
A gig as JobPosting (https://schema.org/JobPosting), with the fields that search engines for jobs ask for.

https://developers.google.com/search/docs/appearance/structured-data/job-posting
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from experts.profiles.queries import countries, country_name
from marketplace.kernel.markdown import render_markdown
from marketplace.kernel.money import major_units
from projects.listings.enums import SECTIONS, ProjectState, Visibility
from projects.listings.models import Project
from projects.listings.queries.requirements import words_of
from projects.reach.queries.looks import absolute

NOT_SAID: Final = {"@type": "Organization", "name": "confidential"}
"""What the guidelines want in the place of an organisation that does not say its name."""
UNSAFE: Final = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
"""So that nothing in a listing can end the element that the JSON stands in."""


def is_posted(gig: Project, now: datetime) -> bool:
    """Whether the gig is found by anybody and takes applications: others are no postings."""
    in_time = gig.closes_at is None or gig.closes_at > now
    is_open = gig.state == ProjectState.OPEN and gig.visibility == Visibility.PUBLIC
    return is_open and in_time and gig.places_left > 0 and gig.published_at is not None


def posting_of(gig: Project) -> dict[str, Any]:
    """Return the posting. Needs lab, fields and requirements, and asks for nothing."""
    fields = [field.name for field in gig.fields.all()]
    asked = [words_of(row) for row in sorted(gig.requirements.all(), key=lambda row: row.position) if row.is_required]
    places = [country_name(code) for code in gig.countries] or list(countries().values())
    said: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "JobPosting",
        "title": gig.title,
        "description": str(description_of(gig)),
        "identifier": {"@type": "PropertyValue", "name": "Preceptor", "value": str(gig.public_id)},
        "url": absolute("listings:detail", gig.public_id),
        "datePosted": gig.published_at.date().isoformat() if gig.published_at else "",
        "employmentType": "CONTRACTOR",
        "hiringOrganization": _organisation(gig),
        "jobLocationType": "TELECOMMUTE",
        "applicantLocationRequirements": [{"@type": "Country", "name": name} for name in places],
        "baseSalary": {
            "@type": "MonetaryAmount",
            "currency": gig.currency,
            "value": {"@type": "QuantitativeValue", **_rate(gig), "unitText": "HOUR"},
        },
        "workHours": gig.hours_words,
        "totalJobOpenings": gig.places_left,
        "directApply": True,
    }
    if gig.closes_at is not None:
        said["validThrough"] = gig.closes_at.isoformat()
    if fields:
        said["skills"] = ", ".join(fields)
    if asked:
        said["qualifications"] = "; ".join(asked)
    if gig.starts_on is not None:
        said["jobStartDate"] = gig.starts_on.isoformat()
    return said


def _organisation(gig: Project) -> dict[str, str]:
    if gig.lab.is_anonymous:
        return NOT_SAID
    said = {"@type": "Organization", "name": gig.lab.name, "url": absolute("labs:public", gig.lab.slug)}
    return said | ({"sameAs": gig.lab.website} if gig.lab.website else {})


def _rate(gig: Project) -> dict[str, float | int]:
    low, high = (
        json.loads(major_units(minor or 0, gig.currency)) for minor in (gig.rate_low_minor, gig.rate_max_minor)
    )
    return {"value": high} if low == high else {"minValue": low, "maxValue": high}


def description_of(gig: Project) -> SafeString:
    """Return what the listing says as HTML, cleaned like everything that people write."""
    parts = ((label, render_markdown(str(gig.sections[code]))) for code, label in SECTIONS if gig.sections.get(code))
    return format_html("<p>{}</p>{}", gig.summary, format_html_join("", "<h3>{}</h3>{}", parts))


def in_page(data: dict[str, Any]) -> SafeString:
    """Return JSON that can stand in a data block of a page, whatever the listing says."""
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(UNSAFE))  # noqa: S308 -- cannot end its element
