"""Questions about profiles and fields that other rooms ask too."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from experts.profiles import ranges
from experts.profiles.enums import OPTIONAL_SECTIONS, SectionCode
from experts.profiles.iso import countries, country_name, language_name, languages, time_zones, us_states, zone_name
from experts.profiles.models import Conflict, Expert, ExpertField, Field
from experts.profiles.ranges import PRESETS, to_ranges
from marketplace.accounts.models import User

__all__ = [
    "PRESETS",
    "Found",
    "FreeTime",
    "Progress",
    "Section",
    "conflict_with",
    "countries",
    "country_name",
    "expert_of",
    "experts_claiming",
    "field_groups",
    "find_fields",
    "free_time_of",
    "language_name",
    "languages",
    "match_fields",
    "missing_from_profile",
    "profile_sections",
    "progress_of",
    "taxonomy_rows",
    "time_zones",
    "to_ranges",
    "us_states",
    "zone_name",
]

SIMILAR = 0.3
"""From this share of common letter triples on, a word may be a slip of the hand for another, as pg_trgm has it too."""


@dataclass(frozen=True, slots=True)
class Section:
    """
    One section of the profile: what it is called, and what is missing in words. An optional one is done when there is
    something in it, or when the person said that there is nothing.
    """

    code: str
    title: str
    missing: list[str]
    is_filled: bool = True
    is_skipped: bool = False

    @property
    def optional(self) -> bool:
        return self.code in OPTIONAL_SECTIONS

    @property
    def is_done(self) -> bool:
        return not self.missing and (self.is_filled or self.is_skipped)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a profile is: sections done of all, and the first that is not, where a person goes on."""

    sections: tuple[Section, ...]

    @property
    def done(self) -> int:
        return sum(section.is_done for section in self.sections)

    @property
    def of(self) -> int:
        return len(self.sections)

    @property
    def percent(self) -> int:
        return 100 * self.done // self.of

    @property
    def next(self) -> Section | None:
        return next((section for section in self.sections if not section.is_done), None)

    @property
    def missing(self) -> list[str]:
        """What vetting still needs; empty although optional sections are open."""
        return [words for section in self.sections for words in section.missing]


def expert_of(user: User, *, with_history: bool = False) -> Expert | None:
    """
    Return the person's profile with what a page shows of it, or None when they are no expert.

    :param with_history: also work, education, free hours and conflicts; four more queries.
    """
    rows = Expert.objects.filter(user=user).with_profile()
    found: Expert | None = (rows.with_history() if with_history else rows).first()
    return found


def _needed_sections(expert: Expert) -> list[Section]:
    """Return the sections without which nobody is vetted. Reads fields and languages."""
    return [
        Section(SectionCode.ABOUT, _("About you"), [*expert.missing_for_vetting]),
        Section(SectionCode.FIELDS, _("Fields"), [] if expert.field_entries.all() else [_("at least one field")]),
        Section(SectionCode.LANGUAGES, _("Languages"), [] if expert.languages.all() else [_("at least one language")]),
        Section(SectionCode.TERMS, _("Hours and pay"), [] if expert.weekly_hours else [_("hours a week")]),
    ]


def profile_sections(expert: Expert) -> list[Section]:
    """Return the sections of a profile in order. Reads everything of it, as `with_history` brings it."""
    found = {section.code: section for section in _needed_sections(expert)}
    skipped = set(expert.skipped_sections)
    for code, title, has_any in (
        (SectionCode.HISTORY, _("Work and education"), bool(expert.work.all()) or bool(expert.education.all())),
        (SectionCode.CONFLICTS, _("Conflicts"), bool(expert.conflicts.all())),
    ):
        found[code] = Section(code, title, [], is_filled=has_any, is_skipped=code in skipped)
    return [found[code] for code in SectionCode]


def missing_from_profile(expert: Expert) -> list[str]:
    """Return in words what a profile lacks before vetting can be asked for; empty when it is complete."""
    return [words for section in _needed_sections(expert) for words in section.missing]


def progress_of(expert: Expert) -> Progress:
    """Return how far the profile is, counted from what is in it."""
    return Progress(tuple(profile_sections(expert)))


def conflict_with(expert: Expert, name: str, *, on: date) -> Conflict | None:
    """
    Return the conflict that the person declared about an organisation of this name, if it holds on this day.

    Legal forms and case do not matter: “Larkfield Labs, Inc.” is “larkfield labs”. Ask about public names only, else the
    answer tells who stands behind a lab that stays anonymous.
    """
    wanted = _company(name)
    for row in expert.conflicts.all():
        begun = row.from_month is None or row.from_month <= on
        over = row.to_month is not None and row.to_month < on.replace(day=1)
        if wanted and begun and not over and _company(row.organisation) == wanted:
            found: Conflict = row
            return found
    return None


LEGAL_FORMS = frozenset(
    ["inc", "llc", "ltd", "limited", "corp", "corporation", "co", "gmbh", "ag", "plc", "pbc", "sa", "bv"]
)


def _company(name: str) -> str:
    words = "".join(letter if letter.isalnum() else " " for letter in plain(name).replace(".", "")).split()
    while len(words) > 1 and words[-1] in LEGAL_FORMS:
        words.pop()
    return " ".join(words)


@dataclass(frozen=True, slots=True)
class FreeTime:
    """When somebody can work in a week: hours in all, in words on their own clock, and on the reader's this week."""

    hours: int
    zone: str
    words: list[str]
    reader_words: list[str]

    @property
    def zone_name(self) -> str:
        return zone_name(self.zone)


def free_time_of(expert: Expert, *, reader_zone: str, now: datetime) -> FreeTime | None:
    """Return the free hours of an expert, or None when they told none. Reads the person and `free_hours`."""
    own = [row.range for row in expert.free_hours.all()]
    if not own:
        return None
    zone, reader = _zone(expert.user.time_zone), _zone(reader_zone)
    monday = now.astimezone(zone).date()
    monday -= timedelta(days=monday.weekday())
    days = ranges.by_day(own)
    theirs = ranges.on_the_wall(ranges.moments(own, zone=zone, monday=monday), zone=reader)
    return FreeTime(
        hours=sum(one.hours for one in own),
        zone=zone.key,
        words=ranges.in_words(days),
        reader_words=[] if theirs == days else ranges.in_words(theirs),
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def field_groups(keeping: Iterable[int] = ()) -> list[tuple[Field, list[Field]]]:
    """
    Return the fields that are offered as (field, its specialties), in reading order. One query.

    :param keeping: ids of fields that were chosen before they were retired, and stay where they are.
    """
    kept = list(keeping)
    rows = Field.objects.filter(Q(retired_at__isnull=True) | Q(pk__in=kept) | Q(children__in=kept)).distinct()
    groups: dict[int, tuple[Field, list[Field]]] = {}
    for row in rows.in_reading_order():
        if row.parent_id is None:
            groups[row.pk] = (row, [])
        elif row.parent_id in groups:
            groups[row.parent_id][1].append(row)
    return list(groups.values())


@dataclass(frozen=True, slots=True)
class TaxonomyRow:
    """A field as staff see it: how many experts claim it, and where what was merged into it came from."""

    field: Field
    experts: int

    @property
    def is_offered(self) -> bool:
        return self.field.retired_at is None


def taxonomy_rows(text: str = "") -> list[TaxonomyRow]:
    """Return every field, retired ones too, in reading order, or those that the text finds, the best first."""
    fields = list(Field.objects.select_related("parent", "merged_into").order_by("tree_order"))
    claimed = dict(ExpertField.objects.values_list("field").annotate(number=Count("pk")))
    found = [one.field for one in find_fields(text, fields, limit=50)] if text.strip() else fields
    return [TaxonomyRow(field, claimed.get(field.pk, 0)) for field in found]


def experts_claiming(field: Field) -> int:
    """Return how many experts have the field in their profile."""
    return int(ExpertField.objects.filter(field=field).count())


def plain(text: str) -> str:
    """Return the text in lower case, without accents and doubled spaces, for comparing."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


@dataclass(frozen=True, slots=True)
class Found:
    """A field that a person may mean, and the word that told: its name or a synonym. A guess is for a slip of the hand."""

    field: Field
    word: str
    rank: int

    @property
    def is_guess(self) -> bool:
        return self.rank >= GUESS

    @property
    def is_synonym(self) -> bool:
        return plain(self.word) != plain(self.field.name)


GUESS = 5


def find_fields(text: str, fields: Iterable[Field], limit: int = 8) -> list[Found]:
    """
    Return the fields that a person may mean by these words, the best first: by name, by synonym, by beginnings, and
    when nothing of that fits by likeness, so that “cardiolgy” finds Cardiology.

    A name or synonym that is met exactly leaves out everything less exact. The taxonomy has a few hundred rows, so this
    is quicker here than by an index in the database.
    """
    wanted = plain(text)
    if not wanted:
        return []
    known = list(fields)
    ranked = [found for row in known if (found := _ranked(wanted, row)) is not None]
    if not ranked and len(wanted) >= 3:
        return _similar(wanted, known)[:limit]
    ranked.sort(key=lambda found: (found.rank, found.field.tree_order))
    best = ranked[0].rank if ranked else 0
    if best <= 1:
        return [found for found in ranked if found.rank == best][: 1 if best == 0 else limit]
    return ranked[:limit]


def match_fields(text: str, fields: Iterable[Field], limit: int = 8) -> list[Field]:
    """Return the fields that these words mean, guesses left out; a single one is certain."""
    return [found.field for found in find_fields(text, fields, limit) if not found.is_guess]


def _ranked(wanted: str, field: Field) -> Found | None:
    if wanted in {plain(field.name), field.code}:
        return Found(field, field.name, 0)
    ranks = [(rank, word) for word in [field.name, *field.synonyms] if (rank := _rank(wanted, plain(word))) is not None]
    if not ranks:
        return None
    rank, word = min(ranks, key=lambda pair: pair[0])  # the name stands first, so among equals it is the name
    return Found(field, word, 3 if rank == 2 and word != field.name else rank)


def _rank(wanted: str, word: str) -> int | None:
    if word == wanted:
        return 1
    if word.startswith(wanted):
        return 2
    if any(part.startswith(wanted) for part in word.split()):
        return 3
    return 4 if len(wanted) >= 4 and wanted in word else None


def _similar(wanted: str, fields: Iterable[Field]) -> list[Found]:
    rows = []
    for field in fields:
        likeness, word = max((_likeness(wanted, plain(word)), word) for word in [field.name, *field.synonyms])
        if likeness >= SIMILAR:
            rows.append((-likeness, field.tree_order, Found(field, word, GUESS)))
    return [found for _likeness_of, _order, found in sorted(rows, key=lambda row: row[:2])]


def _likeness(one: str, other: str) -> float:
    """Return the share of common letter triples, as pg_trgm counts it (postgresql.org/docs/18/pgtrgm.html)."""
    mine, its = _triples(one), _triples(other)
    return len(mine & its) / len(mine | its)


@lru_cache(maxsize=4096)
def _triples(text: str) -> frozenset[str]:
    padded = [f"  {word} " for word in text.split()]
    return frozenset(word[at : at + 3] for word in padded for at in range(len(word) - 2))
