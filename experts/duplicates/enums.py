"""Words of the guard against second accounts: what is compared, and what a person found out."""

from __future__ import annotations

from datetime import timedelta

from django.db import models

from marketplace.kernel.states import register_moves


class IdentifierKind(models.TextChoices):
    """What one person has and two should not share. The product holds no phone and no tax number, so none is compared."""

    CREDENTIAL = "CREDENTIAL", "The same number"
    DOCUMENT = "DOCUMENT", "The same file"
    PAYOUT = "PAYOUT", "The same bank account"


class QuestionState(models.TextChoices):
    OPEN = "OPEN", "To look at"
    ANSWERED = "ANSWERED", "Answered"


QUESTION_MOVES = register_moves(
    "question about two accounts",
    {
        QuestionState.OPEN: frozenset({QuestionState.ANSWERED}),
        QuestionState.ANSWERED: frozenset({QuestionState.OPEN}),
    },
)


class Outcome(models.TextChoices):
    """What a person found out. None of them does anything by itself."""

    SAME_PERSON = "SAME_PERSON", "One person with two accounts"
    HOUSEHOLD = "HOUSEHOLD", "Two people of one household"
    SHARED_PLACE = "SHARED_PLACE", "A shared clinic, firm or practice"
    COINCIDENCE = "COINCIDENCE", "Coincidence or a slip of the hand"
    FRAUD_SUSPECTED = "FRAUD_SUSPECTED", "Fraud suspected"


WORDS_MIN_CHARS = 20
ANSWER_TIME = timedelta(days=3)
"""What staff give themselves to look at two accounts; nothing happens to the accounts when it passes."""
