"""Words of a profile."""

from typing import Final

from django.db import models


class SectionCode(models.TextChoices):
    """The sections of a profile in the order in which they are asked; each is a step of the way through it."""

    ABOUT = "about", "About you"
    FIELDS = "fields", "Fields"
    LANGUAGES = "languages", "Languages"
    HISTORY = "history", "Work and education"
    TERMS = "terms", "Hours and pay"
    CONFLICTS = "conflicts", "Conflicts"


OPTIONAL_SECTIONS: Final = frozenset({SectionCode.HISTORY.value, SectionCode.CONFLICTS.value})
"""What may be skipped: some people have nothing to write there."""


class LanguageLevel(models.TextChoices):
    """Common European Framework of Reference for Languages (Council of Europe)."""

    A1 = "A1", "A1, beginner"
    A2 = "A2", "A2, elementary"
    B1 = "B1", "B1, intermediate"
    B2 = "B2", "B2, upper intermediate"
    C1 = "C1", "C1, advanced"
    C2 = "C2", "C2, proficient"
    NATIVE = "NATIVE", "First language"
