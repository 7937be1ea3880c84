"""Questions about suggestions: which there are, and which of them the profile says already."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from experts.credentials.enums import DocumentKind, DocumentState
from experts.credentials.models import Credential, Document
from experts.credentials.queries import current_resume
from experts.profiles.models import Expert
from experts.resumes.enums import SECTIONS, SuggestionKind, SuggestionState
from experts.resumes.models import Reading, Suggestion


@dataclass(frozen=True, slots=True)
class Group:
    """The suggestions of one section: those that wait, and those that were decided."""

    section: str
    waiting: list[Suggestion]
    decided: list[Suggestion]

    @property
    def ready(self) -> int:
        """How many could be accepted as they stand."""
        return sum(not missing_in(row.kind, row.value) for row in self.waiting)


def reading_of(expert: Expert) -> Reading | None:
    """Return the reading of the résumé that counts, if it was begun."""
    document = current_resume(expert)
    rows = Reading.objects.filter(document=document).select_related("document").defer("document__extracted_text")
    found: Reading | None = rows.first() if document is not None else None
    return found


def unread_resumes() -> QuerySet[Document]:
    """Return the résumés that count and were not read yet, the oldest first."""
    resumes = Document.objects.filter(kind=DocumentKind.RESUME)
    newer = resumes.filter(expert=OuterRef("expert"), pk__gt=OuterRef("pk")).exclude(state=DocumentState.REFUSED)
    rows: QuerySet[Document] = resumes.filter(state=DocumentState.CLEAN, reading__isnull=True).exclude(Exists(newer))
    return rows.order_by("pk")


def groups_of(reading: Reading) -> list[Group]:
    """Return the suggestions of a résumé in the order of a profile, sections without any left out. One query."""
    rows = list(Suggestion.objects.filter(reading=reading).order_by("position"))
    groups = []
    for section in SECTIONS:
        mine = [row for row in rows if row.section == section]
        waiting = [row for row in mine if row.state == SuggestionState.PROPOSED]
        if mine:
            groups.append(Group(section, waiting, [row for row in mine if row not in waiting]))
    return groups


def how_many_wait(expert: Expert, section: str = "") -> int:
    """Return how many suggestions wait for the expert, of one section or of all."""
    rows = Suggestion.objects.filter(expert=expert).proposed()
    return int((rows.of_section(section) if section else rows).count())


def missing_in(kind: str, value: dict[str, Any]) -> list[str]:
    """Return what a résumé left open of a fact, so that its owner is asked before it can be accepted."""
    if kind == SuggestionKind.LANGUAGE:
        return [] if value["level"] else ["level"]
    if kind not in {SuggestionKind.WORK, SuggestionKind.EDUCATION}:
        return []
    open_ends = [] if len(value["begin"]) == 7 else ["begin"]
    if not value["goes_on"] and len(value["end"]) != 7:
        open_ends.append("end")
    return open_ends


def key_of(kind: str, value: dict[str, Any]) -> str:
    """Return what tells equal facts of one kind."""
    parts = {
        SuggestionKind.HEADLINE: lambda: [value["text"]],
        SuggestionKind.YEARS: lambda: [str(value["years"])],
        SuggestionKind.FIELD: lambda: [value["code"]],
        SuggestionKind.LANGUAGE: lambda: [value["code"]],
        SuggestionKind.WORK: lambda: [value["title"], value["organisation"], value["begin"]],
        SuggestionKind.EDUCATION: lambda: [value["school"], value["degree"], value["subject"]],
        SuggestionKind.CREDENTIAL: lambda: [value["kind"], value["number"].lower()],
    }[SuggestionKind(kind)]()
    return "|".join(_plain(part) for part in parts)[:300]


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def is_known_to(expert: Expert) -> Callable[[str, dict[str, Any]], bool]:
    """
    Return a function that tells whether the profile says a fact already. Reads the profile once.

    A headline or years of experience that somebody wrote themselves are never doubted by their résumé.
    """
    fields = set(expert.field_entries.values_list("field__code", flat=True))
    languages = set(expert.languages.values_list("code", flat=True))
    work = _names(expert.work.values_list("title", "organisation", "from_month"))
    study = _names(expert.education.values_list("school", "degree", "subject"))
    numbers = {(row.kind, row.number.lower()) for row in Credential.objects.standing().filter(expert=expert)}

    tests: dict[str, Callable[[dict[str, Any]], bool]] = {
        SuggestionKind.HEADLINE: lambda _value: bool(expert.headline),
        SuggestionKind.YEARS: lambda _value: expert.years_experience is not None,
        SuggestionKind.FIELD: lambda value: value["code"] in fields,
        SuggestionKind.LANGUAGE: lambda value: value["code"] in languages,
        SuggestionKind.WORK: lambda value: _is_there(work, value["title"], value["organisation"]),
        SuggestionKind.EDUCATION: lambda value: _is_there(study, value["school"], value["degree"] or value["subject"]),
        SuggestionKind.CREDENTIAL: lambda value: (value["kind"], value["number"].lower()) in numbers,
    }
    return lambda kind, value: tests[kind](value)


def _names(rows: Iterable[tuple[Any, ...]]) -> list[set[str]]:
    return [{_plain(str(part)) for part in row if part} for row in rows]


def _is_there(entries: list[set[str]], *names: str) -> bool:
    """Whether one entry says all of these; a shorter name inside a longer one counts: “Brightwater” is “Brightwater, Boston”."""
    wanted = [_plain(name) for name in names]
    return any(all(any(one in part or part in one for part in entry) for one in wanted) for entry in entries)
