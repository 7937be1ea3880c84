"""Words of a profile."""

from django.db import models


class LanguageLevel(models.TextChoices):
    """Common European Framework of Reference for Languages (Council of Europe)."""

    A1 = "A1", "A1, beginner"
    A2 = "A2", "A2, elementary"
    B1 = "B1", "B1, intermediate"
    B2 = "B2", "B2, upper intermediate"
    C1 = "C1", "C1, advanced"
    C2 = "C2", "C2, proficient"
    NATIVE = "NATIVE", "First language"
