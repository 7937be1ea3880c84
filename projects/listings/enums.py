"""States and words of a listing."""

from __future__ import annotations

from django.db import models

from marketplace.kernel.states import register_moves


class ProjectState(models.TextChoices):
    DRAFT = "DRAFT", "Draft"
    OPEN = "OPEN", "Open"
    PAUSED = "PAUSED", "Paused"
    CLOSED = "CLOSED", "Closed"


PROJECT_MOVES = register_moves(
    "project",
    {
        ProjectState.DRAFT: frozenset({ProjectState.OPEN, ProjectState.CLOSED}),
        ProjectState.OPEN: frozenset({ProjectState.PAUSED, ProjectState.CLOSED}),
        ProjectState.PAUSED: frozenset({ProjectState.OPEN, ProjectState.CLOSED}),
        ProjectState.CLOSED: frozenset(),
    },
)


class Visibility(models.TextChoices):
    PUBLIC = "PUBLIC", "Everyone can find it"
    LINK = "LINK", "Only people with the link"


class TaskKind(models.TextChoices):
    """Kinds of work a listing may ask for. Which of them the workbench can run is for projects.work to say."""

    DEMONSTRATION = "DEMONSTRATION", "Demonstration"
    PAIRWISE = "PAIRWISE", "Pairwise comparison"
    RANKING = "RANKING", "Ranking"
    ANSWER_REVIEW = "ANSWER_REVIEW", "Answer review"
    SCENARIO = "SCENARIO", "Scenario writing"
    RUBRIC_WRITING = "RUBRIC_WRITING", "Rubric writing"
    RUBRIC_GRADING = "RUBRIC_GRADING", "Rubric grading"
    FEEDBACK = "FEEDBACK", "Expert feedback"
    CREATIVE = "CREATIVE", "Creative evaluation"
    RED_TEAM = "RED_TEAM", "Red team"
    DIALOGUE = "DIALOGUE", "Multi-turn dialogue"


SECTIONS: tuple[tuple[str, str], ...] = (
    ("role", "The role"),
    ("what_you_will_do", "What you will do"),
    ("who_you_are", "Who you are"),
    ("what_success_looks_like", "What success looks like"),
    ("time_and_place", "Time and place"),
    ("pay_and_terms", "Pay and terms"),
    ("steps_to_apply", "Steps to apply"),
)
"""The sections of a listing in the order people know them; each is Markdown."""

SEARCH_CONFIG = "english_unaccent"
"""The text search configuration of migration 0002: English stems, accents ignored."""

RATE_BANDS_MINOR = (50_00, 90_00, 150_00, 250_00)
"""The board's steps of pay: "$90 or more"."""

HOURS_BANDS = (5, 10, 20, 30)
"""The board's steps of time: gigs that need at most so many hours a week."""

QUESTION_MINUTES = 5
UNPAID_MINUTES_MAX = 30
"""What answering one screening question takes, and how much unpaid time an application may take in all (design 3.2)."""

QUESTIONS_MAX = 10
FIELDS_MAX = 8


class BoardOrder(models.TextChoices):
    BEST = "best", "Best match"
    NEWEST = "newest", "Newest"
    PAY = "pay", "Most pay"
    CLOSING = "closing", "Closing soon"
