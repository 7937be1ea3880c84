"""States and words of a listing."""

from __future__ import annotations

from django.db import models

from marketplace.kernel.states import register_moves


class ProjectState(models.TextChoices):
    DRAFT = "DRAFT", "Draft"
    IN_REVIEW = "IN_REVIEW", "In review"
    OPEN = "OPEN", "Open"
    PAUSED = "PAUSED", "Paused"
    CLOSED = "CLOSED", "Closed"


PROJECT_MOVES = register_moves(
    "project",
    {
        ProjectState.DRAFT: frozenset({ProjectState.OPEN, ProjectState.IN_REVIEW, ProjectState.CLOSED}),
        ProjectState.IN_REVIEW: frozenset(
            {ProjectState.OPEN, ProjectState.DRAFT, ProjectState.PAUSED, ProjectState.CLOSED}
        ),
        ProjectState.OPEN: frozenset({ProjectState.PAUSED, ProjectState.IN_REVIEW, ProjectState.CLOSED}),
        ProjectState.PAUSED: frozenset({ProjectState.OPEN, ProjectState.IN_REVIEW, ProjectState.CLOSED}),
        ProjectState.CLOSED: frozenset(),
    },
)


PUBLISHED_STATES = frozenset({ProjectState.OPEN, ProjectState.PAUSED})
"""Experts read it; every change of it is a version."""


class ReviewState(models.TextChoices):
    """What became of the question whether a listing may pay less than the same work did before."""

    WAITING = "WAITING", "Waits for staff"
    CONFIRMED = "CONFIRMED", "Confirmed"
    SENT_BACK = "SENT_BACK", "Sent back"
    TAKEN_BACK = "TAKEN_BACK", "Taken back by the lab"


LISTING_REVIEW_MOVES = register_moves(
    "listing review",
    {
        ReviewState.WAITING: frozenset({ReviewState.CONFIRMED, ReviewState.SENT_BACK, ReviewState.TAKEN_BACK}),
        ReviewState.CONFIRMED: frozenset(),
        ReviewState.SENT_BACK: frozenset(),
        ReviewState.TAKEN_BACK: frozenset(),
    },
)

RELISTED_DAYS = 60
"""So long the same work is not listed lower without staff knowing, and experts see what it paid before (design 3.2)."""

SIMILAR_TEXT = 0.45
SIMILAR_TITLE = 0.6
"""From which trigram similarity on two listings that share a field and a kind of task are the same scope: of what they say
about the work, or of their titles."""


class Visibility(models.TextChoices):
    PUBLIC = "PUBLIC", "Everyone can find it"
    LINK = "LINK", "Only people with the link"
    INVITED = "INVITED", "Only people whom the lab invited"


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

POSTED_DAYS = (1, 7, 30)
"""The board's steps of age: gigs that were posted in the last so many days."""

NO_CREDENTIAL = "NONE"
"""Among the kinds of credential on the board: gigs that require none."""

QUESTION_MINUTES = 5
UNPAID_MINUTES_MAX = 30
"""What answering one screening question takes, and how much unpaid time an application may take in all (design 3.2)."""

QUESTIONS_MAX = 10
BANDS_MAX = 40
"""Rates by country; one line for each."""
FIELDS_MAX = 8


class BoardOrder(models.TextChoices):
    BEST = "best", "Best match"
    NEWEST = "newest", "Newest"
    PAY = "pay", "Most pay"
    CLOSING = "closing", "Closing soon"
