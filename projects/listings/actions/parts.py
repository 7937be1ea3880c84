"""What hangs on the row of a listing, and the record of what it said. Steps of actions: each needs an open transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from typing import Any

from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor
from marketplace.kernel.errors import Invalid
from projects.listings.actions.index import index_project
from projects.listings.actions.shape import Band, Listing, Wanted, wanted_of
from projects.listings.actions.terms import clean_text, version_of_terms
from projects.listings.enums import ProjectState
from projects.listings.models import ListingVersion, Project, RateBand, Requirement


def write_parts(project: Project, listing: Listing, *, now: datetime) -> None:
    """Write fields, requirements, bands, terms, and what the board searches with."""
    project.fields.set(listing.field_ids)
    _write_requirements(project, listing.requirements)
    _write_bands(project, listing.bands)
    if listing.terms_text.strip():
        title = project.terms.title if project.terms else f"Terms of {project.title}"[:160]
        terms = version_of_terms(lab=project.lab, title=title, text=listing.terms_text, now=now)
    else:
        terms = None
    if project.terms != terms:
        if terms is None and project.state != ProjectState.DRAFT:
            raise Invalid("A published listing keeps terms that the expert signs.", field="terms_text")
        project.terms = terms
        project.save(update_fields=["terms"])
    index_project(project, now=now)


def _write_requirements(project: Project, wanted: Sequence[Wanted]) -> None:
    there = tuple(wanted_of(row) for row in project.requirements.order_by("position", "pk"))
    if tuple(wanted) == there:
        return
    if there:
        project.requirements.all().delete()
    Requirement.objects.bulk_create(
        Requirement(
            project=project,
            credential_kind=one.credential_kind,
            step=one.step,
            field_id=one.field_id,
            is_required=one.is_required,
            position=position,
        )
        for position, one in enumerate(wanted)
    )


def _write_bands(project: Project, wanted: Sequence[Band]) -> None:
    there = tuple(Band(row.country, row.rate_min_minor, row.rate_max_minor) for row in project.bands.order_by("pk"))
    if tuple(wanted) == there:
        return
    if there:
        project.bands.all().delete()
    RateBand.objects.bulk_create(RateBand(project=project, **asdict(band)) for band in wanted)


# --------------------------------------------------------------------------------------------------------- the record


def plain(value: Any) -> Any:
    """Return a part of a listing as JSON holds it."""
    if isinstance(value, date):  # and moments, which are dates too
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): clean_text(str(text)) for key, text in value.items() if str(text).strip()}
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(part) for name, part in asdict(value).items()}
    return clean_text(value) if isinstance(value, str) else value


def json_of(listing: Listing) -> dict[str, Any]:
    """Return a whole listing as a version keeps it."""
    return {name: plain(getattr(listing, name)) for name in Listing.__slots__}


def differences(before: Listing, after: Listing) -> dict[str, tuple[Any, Any]]:
    """Return what changed, as plain values for the audit trail; of the terms only that they changed."""
    old, new = json_of(before), json_of(after)
    found = {name: (old[name], new[name]) for name in old if old[name] != new[name]}
    if "terms_text" in found:
        found["terms_text"] = ("changed", "see the versions of the terms")
    return found


def write_version(project: Project, listing: Listing, *, by: Actor, now: datetime) -> ListingVersion:
    """Keep what a published listing says from now on. The project is locked, so numbers follow each other."""
    last = project.versions.order_by("-number").values_list("number", flat=True).first() or 0
    high = listing.rate_max_minor
    if high is None:
        raise Invalid("A published listing names its rate.", field="rate_max")
    return ListingVersion.objects.create(
        project=project,
        number=last + 1,
        content=json_of(listing),
        currency=listing.currency,
        rate_min_minor=listing.rate_min_minor or high,
        rate_max_minor=high,
        by=by if isinstance(by, User) else None,
        at=now,
    )
