"""The shape of a listing as a person or a program sends it, and what is wrong with it in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from experts.credentials.enums import CredentialKind, LadderStep
from experts.profiles.models import Field
from experts.profiles.queries import countries, languages
from marketplace.kernel.errors import Invalid
from marketplace.kernel.money import EXPONENTS
from projects.listings.enums import BANDS_MAX, FIELDS_MAX, QUESTIONS_MAX, SECTIONS, TaskKind, Visibility
from projects.listings.models import Project, Requirement

TEXT_MAX = 20_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """One requirement: a credential at a step of the ladder, or vetting in a field (by its id), never both."""

    credential_kind: str = ""
    step: str = LadderStep.DOCUMENT_SEEN
    field_id: int | None = None
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Band:
    """What experts based in one country (ISO code) are paid, in minor units an hour, within the listing's range."""

    country: str
    rate_min_minor: int
    rate_max_minor: int


@dataclass(frozen=True, slots=True)
class Listing:
    """What people say about a project. Amounts are minor units of `currency`; sections are Markdown by code."""

    title: str
    summary: str = ""
    sections: Mapping[str, str] = field(default_factory=dict)
    field_ids: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    currency: str = "USD"
    rate_min_minor: int | None = None
    rate_max_minor: int | None = None
    bands: tuple[Band, ...] = ()
    weekly_hours_min: int | None = None
    weekly_hours_cap: int = 40
    expected_weeks: int | None = None
    starts_on: date | None = None
    closes_at: datetime | None = None
    places_wanted: int = 1
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    requirements: tuple[Wanted, ...] = ()
    assessed_field_id: int | None = None
    terms_text: str = ""
    visibility: str = Visibility.PUBLIC
    manual_time_allowed: bool = True


PLAIN = (
    "title", "summary", "currency", "rate_min_minor", "rate_max_minor", "weekly_hours_min", "weekly_hours_cap",
    "expected_weeks", "starts_on", "closes_at", "places_wanted", "visibility", "manual_time_allowed",
    "assessed_field_id",
)  # fmt: skip
LISTS = ("kinds", "countries", "languages", "questions")
"""The parts of a listing that are columns of a project under the same name; lists are arrays there."""


def columns_of(listing: Listing) -> dict[str, object]:
    """Return the listing as columns of a project."""
    known = {code for code, _label in SECTIONS}
    values: dict[str, object] = {name: getattr(listing, name) for name in PLAIN}
    values |= {name: list(getattr(listing, name)) for name in LISTS}
    values["title"] = listing.title.strip()
    values["sections"] = {code: text for code, text in listing.sections.items() if code in known and text.strip()}
    return values


def listing_of(project: Project) -> Listing:
    """Return a project as the listing that would make it again; the editor and the API begin with it."""
    asked = project.requirements.order_by("position", "pk")
    columns: dict[str, Any] = {name: getattr(project, name) for name in PLAIN}
    columns |= {name: tuple(getattr(project, name)) for name in LISTS}
    return Listing(
        **columns,
        sections=dict(project.sections),
        field_ids=tuple(project.fields.order_by("tree_order").values_list("pk", flat=True)),
        requirements=tuple(wanted_of(requirement) for requirement in asked),
        bands=tuple(
            Band(band.country, band.rate_min_minor, band.rate_max_minor) for band in project.bands.order_by("pk")
        ),
        terms_text=project.terms.text if project.terms else "",
    )


def wanted_of(requirement: Requirement) -> Wanted:
    """Return a requirement as its shape."""
    return Wanted(requirement.credential_kind, requirement.step, requirement.field_id, requirement.is_required)


def require_sound(listing: Listing) -> None:
    """:raises Invalid: naming the first part of the listing that cannot be stored; drafts may be incomplete."""
    if not listing.title.strip():
        raise Invalid("Give the project a title.", field="title")
    _require_pay(listing)
    _require_bands(listing)
    _require_time(listing)
    _require_known("kinds", listing.kinds, TaskKind.values)
    _require_known("countries", listing.countries, countries())
    _require_known("languages", listing.languages, languages())
    _require_known("sections", listing.sections, [code for code, _label in SECTIONS])
    if any(len(text) > TEXT_MAX for text in [*listing.sections.values(), listing.terms_text]):
        raise Invalid("A section or the terms are longer than 20,000 characters.", field="sections")
    if len(listing.questions) > QUESTIONS_MAX or any(len(question) > 300 for question in listing.questions):
        raise Invalid("Ask at most ten questions of at most 300 characters.", field="questions")
    if len(set(listing.field_ids)) > FIELDS_MAX:
        raise Invalid(f"Choose at most {FIELDS_MAX} fields.", field="fields")
    own = set(listing.field_ids)
    asked = {wanted.field_id for wanted in listing.requirements if wanted.field_id is not None}
    if listing.assessed_field_id is not None:
        asked.add(listing.assessed_field_id)
    known = set(Field.objects.filter(pk__in=own | asked).values_list("pk", flat=True))
    if not own <= known:
        raise Invalid("One of the fields does not exist.", field="fields")
    for wanted in listing.requirements:
        _require_asked(wanted)
    if not asked <= known:
        raise Invalid("A requirement or an assessment asks for a field that does not exist.", field="requirements")


def _require_pay(listing: Listing) -> None:
    if listing.currency not in EXPONENTS:
        raise Invalid(f"“{listing.currency}” is not a currency we pay in.", field="currency")
    low, high = listing.rate_min_minor, listing.rate_max_minor
    if any(rate is not None and rate <= 0 for rate in (low, high)):
        raise Invalid("A rate is more than zero.", field="rate_max")
    if low is not None and high is None:
        raise Invalid("Give the highest rate too.", field="rate_max")
    if low is not None and high is not None and low > high:
        raise Invalid("The lowest rate is above the highest one.", field="rate_min")


def _require_bands(listing: Listing) -> None:
    named = [band.country for band in listing.bands]
    _require_known("bands", named, countries())
    if len(named) > BANDS_MAX or len(set(named)) < len(named):
        raise Invalid(f"Name a country in one band only, and at most {BANDS_MAX} in all.", field="bands")
    if listing.bands and listing.rate_max_minor is None:
        raise Invalid("Give the whole range first; bands lie within it.", field="bands")
    low = listing.rate_min_minor or listing.rate_max_minor or 0
    for band in listing.bands:
        if not low <= band.rate_min_minor <= band.rate_max_minor <= (listing.rate_max_minor or 0):
            raise Invalid("A band lies within the listed range, its lowest rate first.", field="bands")
        if listing.countries and band.country not in listing.countries:
            raise Invalid("A band names a country in which the listing takes nobody.", field="bands")


def _require_time(listing: Listing) -> None:
    if not 1 <= listing.weekly_hours_cap <= 60:
        raise Invalid("A week has between 1 and 60 hours.", field="weekly_hours_cap")
    if listing.weekly_hours_min is not None and not 0 <= listing.weekly_hours_min <= listing.weekly_hours_cap:
        raise Invalid("The least hours a week are more than the most.", field="weekly_hours_min")
    if not 1 <= listing.places_wanted <= 100_000:
        raise Invalid("A project has between 1 and 100,000 places.", field="places_wanted")


def _require_known(name: str, given: Iterable[str], known: Iterable[str]) -> None:
    strange = sorted(set(given) - set(known))
    if strange:
        raise Invalid(f"Not known in {name}: {', '.join(strange)}.", field=name)


def _require_asked(wanted: Wanted) -> None:
    if bool(wanted.credential_kind) == (wanted.field_id is not None):
        raise Invalid("A requirement asks for a credential or for vetting in a field.", field="requirements")
    if wanted.credential_kind and wanted.credential_kind not in CredentialKind.values:
        raise Invalid("A requirement asks for a kind of credential that we do not know.", field="requirements")
    if wanted.step not in LadderStep.values:
        raise Invalid("A requirement asks for a step that is not on the ladder.", field="requirements")
