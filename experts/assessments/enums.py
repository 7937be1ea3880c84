"""States of questions, papers, attempts, interviews and scores, with their tables of moves, and the numbers of the rules."""

from __future__ import annotations

from datetime import timedelta

from django.db import models

from marketplace.kernel.states import register_moves


class QuestionKind(models.TextChoices):
    SINGLE = "SINGLE", "One right answer"
    MULTIPLE = "MULTIPLE", "Several right answers"
    ORDERED = "ORDERED", "Put in order"
    NUMERIC = "NUMERIC", "A number"
    TEXT = "TEXT", "Short text, scored by two people"


class AuthoringState(models.TextChoices):
    DRAFT = "DRAFT", "Draft"
    PUBLISHED = "PUBLISHED", "Published"
    RETIRED = "RETIRED", "Retired"


AUTHORING_MOVES = register_moves(
    "question, assessment or interview guide",
    {
        AuthoringState.DRAFT: frozenset({AuthoringState.PUBLISHED, AuthoringState.RETIRED}),
        AuthoringState.PUBLISHED: frozenset({AuthoringState.PUBLISHED, AuthoringState.RETIRED}),
        AuthoringState.RETIRED: frozenset({AuthoringState.PUBLISHED}),
    },
)


class AttemptState(models.TextChoices):
    RUNNING = "RUNNING", "Running"
    PAUSED = "PAUSED", "Paused"
    SCORING = "SCORING", "Being scored"
    SCORED = "SCORED", "Scored"


ATTEMPT_MOVES = register_moves(
    "attempt",
    {
        AttemptState.RUNNING: frozenset({AttemptState.PAUSED, AttemptState.SCORING, AttemptState.SCORED}),
        AttemptState.PAUSED: frozenset({AttemptState.RUNNING, AttemptState.SCORING, AttemptState.SCORED}),
        AttemptState.SCORING: frozenset({AttemptState.SCORED}),
        AttemptState.SCORED: frozenset(),
    },
)
OPEN_ATTEMPT_STATES = frozenset({AttemptState.RUNNING, AttemptState.PAUSED})


class ClosedBy(models.TextChoices):
    EXPERT = "EXPERT", "Handed in"
    CLOCK = "CLOCK", "Time ran out"


class InterviewState(models.TextChoices):
    OPEN = "OPEN", "Open"
    SCORING = "SCORING", "Being scored"
    SCORED = "SCORED", "Scored"
    LAPSED = "LAPSED", "Lapsed"


INTERVIEW_MOVES = register_moves(
    "interview",
    {
        InterviewState.OPEN: frozenset({InterviewState.SCORING, InterviewState.LAPSED}),
        InterviewState.SCORING: frozenset({InterviewState.SCORED}),
        InterviewState.SCORED: frozenset(),
        InterviewState.LAPSED: frozenset(),
    },
)


class ScriptState(models.TextChoices):
    WAITING = "WAITING", "Waits for two people"
    DISPUTED = "DISPUTED", "Waits for a third person"
    SETTLED = "SETTLED", "Settled"


SCRIPT_MOVES = register_moves(
    "script",
    {
        ScriptState.WAITING: frozenset({ScriptState.DISPUTED, ScriptState.SETTLED}),
        ScriptState.DISPUTED: frozenset({ScriptState.SETTLED}),
        ScriptState.SETTLED: frozenset(),
    },
)
SCORERS_NEEDED = {ScriptState.WAITING: 2, ScriptState.DISPUTED: 3, ScriptState.SETTLED: 0}


class RecordingState(models.TextChoices):
    QUARANTINED = "QUARANTINED", "Being checked"
    CLEAN = "CLEAN", "Checked"
    REFUSED = "REFUSED", "Refused"


RECORDING_MOVES = register_moves(
    "recording",
    {
        RecordingState.QUARANTINED: frozenset({RecordingState.CLEAN, RecordingState.REFUSED}),
        RecordingState.CLEAN: frozenset(),
        RecordingState.REFUSED: frozenset(),
    },
)


class AccommodationState(models.TextChoices):
    ASKED = "ASKED", "Asked"
    GRANTED = "GRANTED", "Granted"
    DECLINED = "DECLINED", "Declined"
    WITHDRAWN = "WITHDRAWN", "Withdrawn"


ACCOMMODATION_MOVES = register_moves(
    "accommodation",
    {
        AccommodationState.ASKED: frozenset(
            {AccommodationState.GRANTED, AccommodationState.DECLINED, AccommodationState.WITHDRAWN}
        ),
        AccommodationState.GRANTED: frozenset({AccommodationState.WITHDRAWN}),
        AccommodationState.DECLINED: frozenset(),
        AccommodationState.WITHDRAWN: frozenset(),
    },
)

EXTRA_TIME = (0, 25, 50, 100)
"""Extra time that can be asked for, in percent of the limit."""
UNPAID_MINUTES = 30
"""What may be asked of an expert without pay for one case or application, in sum."""
GRACE = timedelta(seconds=15)
"""After the deadline: how long an answer that was on its way is still taken."""
LONGEST_PAUSE = timedelta(hours=24)
"""A pause that lasts longer ends the attempt, so that nobody waits for ever with the questions known."""
INTERVIEW_DAYS = 7
"""From opening an interview to handing it in; then it lapses, and counts neither for nor against."""
ACCOMMODATION_DAYS = 3
"""Business promise: staff answer a request for an accommodation within this many days."""
SCORING_DAYS = 2
"""Business promise: scores are in within this many days."""
LATE_DAYS = 1
"""What staff have when the promise was not kept."""
HOLD = timedelta(hours=2)
"""How long a scorer has a script to themselves before another may take their place."""
RUBRIC_TOP = 3
"""Every criterion is marked 0 (not there), 1 (partly), 2 (mostly) or 3 (fully)."""
DISPUTE_BPS = 2000
"""Two scores of one script that lie further apart than this go to a third person."""
FEWEST_FOR_STATISTICS = 20
"""Below so many first answers, difficulty and discrimination say nothing, so they are not shown."""
FEWEST_MARKS_FOR_KAPPA = 10
FULL_BPS = 10_000
PLACEHOLDERS = ("field", "years", "headline", "country")
"""What a question of an interview may say in braces; filled from the profile when the interview begins."""
AUDIO = frozenset({"webm", "ogg", "m4a", "mp3", "wav"})
MAX_RECORDING_BYTES = 25 * 1024 * 1024
