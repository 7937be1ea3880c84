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
