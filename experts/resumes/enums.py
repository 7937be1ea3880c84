"""Words of reading a résumé."""

from __future__ import annotations

from typing import Final

from django.db import models

from experts.profiles.enums import SectionCode
from marketplace.kernel.states import register_moves

MOST_SUGGESTIONS = 60


class ReadingOutcome(models.TextChoices):
    """What came of reading a résumé."""

    WAITING = "WAITING", "Being read"
    READ = "READ", "Read"
    NO_TEXT = "NO_TEXT", "A scan without text"
    FAILED = "FAILED", "Could not be read"


READING_MOVES = register_moves(
    "reading of a résumé",
    {
        ReadingOutcome.WAITING: frozenset({ReadingOutcome.READ, ReadingOutcome.NO_TEXT, ReadingOutcome.FAILED}),
        ReadingOutcome.READ: frozenset(),
        ReadingOutcome.NO_TEXT: frozenset(),
        ReadingOutcome.FAILED: frozenset(),
    },
)


class SuggestionKind(models.TextChoices):
    """What a suggestion would write into the profile."""

    HEADLINE = "HEADLINE", "Headline"
    YEARS = "YEARS", "Years of experience"
    FIELD = "FIELD", "Field"
    LANGUAGE = "LANGUAGE", "Language"
    WORK = "WORK", "Job"
    EDUCATION = "EDUCATION", "Education"
    CREDENTIAL = "CREDENTIAL", "Credential"


class SuggestionState(models.TextChoices):
    PROPOSED = "PROPOSED", "Waits for you"
    ACCEPTED = "ACCEPTED", "Accepted"
    DISMISSED = "DISMISSED", "Dismissed"


SUGGESTION_MOVES = register_moves(
    "suggestion",
    {
        SuggestionState.PROPOSED: frozenset({SuggestionState.ACCEPTED, SuggestionState.DISMISSED}),
        SuggestionState.ACCEPTED: frozenset(),
        SuggestionState.DISMISSED: frozenset({SuggestionState.PROPOSED}),
    },
)

CREDENTIALS: Final = "credentials"
SECTIONS: Final[dict[str, tuple[SuggestionKind, ...]]] = {
    SectionCode.ABOUT.value: (SuggestionKind.HEADLINE, SuggestionKind.YEARS),
    SectionCode.FIELDS.value: (SuggestionKind.FIELD,),
    SectionCode.LANGUAGES.value: (SuggestionKind.LANGUAGE,),
    SectionCode.HISTORY.value: (SuggestionKind.WORK, SuggestionKind.EDUCATION),
    CREDENTIALS: (SuggestionKind.CREDENTIAL,),
}
"""Where in a profile a kind of suggestion belongs, in the order of the profile; numbers belong to the credentials."""
