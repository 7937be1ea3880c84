"""Questions about profiles and fields that other rooms ask too."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from experts.profiles.iso import countries, country_name, language_name, languages, us_states
from experts.profiles.models import Expert, Field
from marketplace.accounts.models import User

__all__ = [
    "Section",
    "countries",
    "country_name",
    "expert_of",
    "field_groups",
    "language_name",
    "languages",
    "match_fields",
    "missing_from_profile",
    "profile_sections",
    "share_done",
    "us_states",
]


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the profile: what it is called, and what is still missing in words. Optional ones count for nothing."""

    code: str
    title: str
    missing: list[str]
    optional: bool = False

    @property
    def is_done(self) -> bool:
        return not self.missing


def expert_of(user: User) -> Expert | None:
    """Return the person's profile with everything a page shows of it, or None when they are no expert."""
    found: Expert | None = Expert.objects.filter(user=user).with_profile().first()
    return found


def profile_sections(expert: Expert) -> list[Section]:
    """Return the sections of a profile in order, each with what is missing. Reads fields and languages."""
    return [
        Section("about", _("About you"), [*expert.missing_for_vetting]),
        Section("fields", _("Fields"), [] if expert.field_entries.all() else [_("at least one field")]),
        Section("languages", _("Languages"), [] if expert.languages.all() else [_("at least one language")]),
        Section("terms", _("Hours and pay"), [] if expert.weekly_hours else [_("hours a week")]),
        Section("conflicts", _("Conflicts"), [], optional=True),
    ]


def missing_from_profile(expert: Expert) -> list[str]:
    """Return in words what a profile lacks before vetting can be asked for; empty when it is complete."""
    return [words for section in profile_sections(expert) for words in section.missing]


def share_done(sections: Iterable[Section]) -> tuple[int, int]:
    """Return how many of the needed sections are done, and how many there are."""
    needed = [section for section in sections if not section.optional]
    return sum(section.is_done for section in needed), len(needed)


def field_groups() -> list[tuple[Field, list[Field]]]:
    """Return the taxonomy as (field, its specialties), in reading order. One query."""
    groups: list[tuple[Field, list[Field]]] = []
    for row in Field.objects.in_reading_order():
        if row.parent_id is None:
            groups.append((row, []))
        else:
            groups[-1][1].append(row)
    return groups


def plain(text: str) -> str:
    """Return the text in lower case, without accents and doubled spaces, for comparing."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def match_fields(text: str, fields: Iterable[Field], limit: int = 8) -> list[Field]:
    """
    Return the fields that a person may mean by these words, the best first: by name, by synonym, by beginnings.

    A name that is met exactly stands alone, so that one answer means certainty.
    """
    wanted = plain(text)
    if not wanted:
        return []
    ranked = sorted((rank, row.tree_order, row) for row in fields if (rank := _rank(wanted, row)) is not None)
    if ranked and ranked[0][0] == 0:
        return [ranked[0][2]]
    best = ranked[0][0] if ranked else 0
    exact = [row for rank, _order, row in ranked if rank == 1]
    return exact if best == 1 else [row for _rank, _order, row in ranked[:limit]]


def _rank(wanted: str, field: Field) -> int | None:
    name, words = plain(field.name), [plain(word) for word in field.synonyms]
    if wanted in {name, field.code}:
        return 0
    if wanted in words:
        return 1
    if name.startswith(wanted):
        return 2
    if any(word.startswith(wanted) for word in [*name.split(), *words]):
        return 3
    return 4 if len(wanted) >= 4 and any(wanted in word for word in [name, *words]) else None
