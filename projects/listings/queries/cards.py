"""What a card on the board shows beside the listing itself, for a whole page of gigs at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from experts.profiles.models import Expert, Field
from projects.listings.models import Project
from projects.listings.queries.funds import Funding, funding_of_many
from projects.listings.queries.requirements import Fit, Standing, fit_of, requirements_met, standing_of, words_of


@dataclass(frozen=True, slots=True)
class Card:
    """One gig on the board. `fit` is for a signed-in expert; for everybody else `asked` says the hard gates."""

    project: Project
    funding: Funding
    fit: Fit | None
    asked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """A signed-in expert as the board knows them: what requirements are compared with, and whose gigs come first."""

    expert: Expert
    standing: Standing
    own_field_ids: frozenset[int]
    near_field_ids: frozenset[int]
    field_names: tuple[str, ...]


def reader_of(expert: Expert | None, *, today: date) -> Reader | None:
    """Return what the board knows of an expert; None for everybody else."""
    if expert is None:
        return None
    standing = standing_of(expert, today=today)
    fields = [entry.field for entry in expert.field_entries.all()]
    own = frozenset(field.pk for field in fields)
    near = own | standing.vetted_field_ids | {field.parent_id for field in fields if field.parent_id is not None}
    return Reader(expert, standing, own, near, tuple(field.name for field in fields))


def cards(rows: Sequence[Project], *, reader: Reader | None, today: date) -> list[Card]:
    """Return the cards of a page. One query for the money, none for the requirements."""
    funding = funding_of_many(rows, today=today)
    return [_card(project, funding[project.pk], reader) for project in rows]


def _card(project: Project, funding: Funding, reader: Reader | None) -> Card:
    if reader is not None:
        return Card(project, funding, fit_of(requirements_met(reader.expert, project, reader.standing)), ())
    required = sorted((row for row in project.requirements.all() if row.is_required), key=lambda row: row.position)
    return Card(project, funding, None, tuple(words_of(row) for row in required))


def top_level(taxonomy: Sequence[Field]) -> list[tuple[Field, list[Field]]]:
    """Return fields with the specialties below them, both in reading order."""
    tops = [field for field in taxonomy if field.parent_id is None]
    return [(top, [field for field in taxonomy if field.parent_id == top.pk]) for top in tops]
