"""States of a vetting case and of its checks, with their tables of moves."""

from __future__ import annotations

from django.db import models

from marketplace.kernel.states import register_moves


class CaseState(models.TextChoices):
    CHECKING = "CHECKING", "Checks running"
    AWAITING_DECISION = "AWAITING_DECISION", "Awaiting a decision"
    MORE_ASKED = "MORE_ASKED", "More asked of you"
    APPROVED = "APPROVED", "Approved"
    DECLINED = "DECLINED", "Declined"
    WITHDRAWN = "WITHDRAWN", "Withdrawn"


CASE_MOVES = register_moves(
    "vetting case",
    {
        CaseState.CHECKING: frozenset({CaseState.AWAITING_DECISION, CaseState.WITHDRAWN}),
        CaseState.AWAITING_DECISION: frozenset(
            {CaseState.APPROVED, CaseState.DECLINED, CaseState.MORE_ASKED, CaseState.WITHDRAWN}
        ),
        CaseState.MORE_ASKED: frozenset({CaseState.CHECKING, CaseState.WITHDRAWN, CaseState.DECLINED}),
        CaseState.APPROVED: frozenset(),
        CaseState.DECLINED: frozenset(),
        CaseState.WITHDRAWN: frozenset(),
    },
)
OPEN_CASE_STATES = frozenset({CaseState.CHECKING, CaseState.AWAITING_DECISION, CaseState.MORE_ASKED})


class CheckKind(models.TextChoices):
    PROFILE = "PROFILE", "Profile complete"
    RESUME = "RESUME", "Résumé agrees with the profile"
    CREDENTIAL = "CREDENTIAL", "Credential"
    REGISTRY = "REGISTRY", "Registry match"
    SANCTIONS = "SANCTIONS", "Sanctions screening"
    DUPLICATE = "DUPLICATE", "One account per person"
    ASSESSMENT = "ASSESSMENT", "Assessment score"
    INTERVIEW = "INTERVIEW", "Structured interview"


class CheckResult(models.TextChoices):
    PENDING = "PENDING", "Not yet run"
    PASSED = "PASSED", "Passed"
    ATTENTION = "ATTENTION", "Look at this"
    NEEDS_PERSON = "NEEDS_PERSON", "Needs a person"


class Outcome(models.TextChoices):
    APPROVE = "APPROVE", "Approve"
    ASK_FOR_MORE = "ASK_FOR_MORE", "Ask for more"
    DECLINE = "DECLINE", "Decline"


class ReasonCode(models.TextChoices):
    MEETS_STANDARD = "MEETS_STANDARD", "Meets the standard of the field"
    DOCUMENT_MISSING = "DOCUMENT_MISSING", "A document is missing"
    DOCUMENT_UNCLEAR = "DOCUMENT_UNCLEAR", "A document cannot be read"
    CREDENTIAL_NOT_FOUND = "CREDENTIAL_NOT_FOUND", "The credential was not found at its source"
    CREDENTIAL_EXPIRED = "CREDENTIAL_EXPIRED", "The credential has expired"
    EXPERIENCE_TOO_SHORT = "EXPERIENCE_TOO_SHORT", "Experience in the field is too short"
    STATEMENTS_DISAGREE = "STATEMENTS_DISAGREE", "Statements disagree with each other"
    OTHER = "OTHER", "Another reason, in words"


RESULT_TONES = {
    CheckResult.PENDING: "info",
    CheckResult.PASSED: "success",
    CheckResult.ATTENTION: "warning",
    CheckResult.NEEDS_PERSON: "unknown",
}

REASONS_OF_OUTCOME: dict[Outcome, tuple[ReasonCode, ...]] = {
    Outcome.APPROVE: (ReasonCode.MEETS_STANDARD,),
    Outcome.ASK_FOR_MORE: tuple(code for code in ReasonCode if code != ReasonCode.MEETS_STANDARD),
    Outcome.DECLINE: tuple(code for code in ReasonCode if code != ReasonCode.MEETS_STANDARD),
}

DECLINE_REASON_MIN_CHARS = 100
DECISION_DAYS = 3
"""Business promise: a person decides within this many days; the clock is shown to both sides."""
PASSED_ON_DAYS = 1
"""What the next person has when the promise was not kept."""
ANSWER_DAYS = 7
"""What an expert has to answer when more is asked; then the case closes without a decision."""


# ---------------------------------------------------------------------------------------------------------- sanctions


class HitState(models.TextChoices):
    """What became of a name that is like one on a sanctions list."""

    OPEN = "OPEN", "To compare"
    MATCH_SAID = "MATCH_SAID", "A second person looks"
    CLEARED = "CLEARED", "Not the same person"
    CONFIRMED = "CONFIRMED", "The same person"
    UNLISTED = "UNLISTED", "Not on the list any more"


HIT_MOVES = register_moves(
    "sanctions hit",
    {
        HitState.OPEN: frozenset({HitState.CLEARED, HitState.MATCH_SAID, HitState.UNLISTED}),
        HitState.MATCH_SAID: frozenset({HitState.CONFIRMED, HitState.OPEN, HitState.UNLISTED}),
        HitState.CLEARED: frozenset({HitState.OPEN}),
        HitState.CONFIRMED: frozenset({HitState.OPEN}),
        HitState.UNLISTED: frozenset({HitState.OPEN}),
    },
)
BLOCKING_HITS = (HitState.OPEN, HitState.MATCH_SAID, HitState.CONFIRMED)
"""While a hit stands so, nobody approves a case of the person and no payout leaves."""

WAITING_HITS = (HitState.OPEN, HitState.MATCH_SAID)


class Verdict(models.TextChoices):
    """What a member of staff says about a hit."""

    NOT_SAME = "NOT_SAME", "Not the same person"
    MATCH = "MATCH", "The same person: stop"
    CONFIRM = "CONFIRM", "Confirm the match"
    DISAGREE = "DISAGREE", "Disagree: compare again"
    LOOK_AGAIN = "LOOK_AGAIN", "Open it again"


VERDICT_LEADS_TO: dict[Verdict, HitState] = {
    Verdict.NOT_SAME: HitState.CLEARED,
    Verdict.MATCH: HitState.MATCH_SAID,
    Verdict.CONFIRM: HitState.CONFIRMED,
    Verdict.DISAGREE: HitState.OPEN,
    Verdict.LOOK_AGAIN: HitState.OPEN,
}
VERDICTS_IN: dict[HitState, tuple[Verdict, ...]] = {
    HitState.OPEN: (Verdict.NOT_SAME, Verdict.MATCH),
    HitState.MATCH_SAID: (Verdict.CONFIRM, Verdict.DISAGREE),
    HitState.CLEARED: (Verdict.LOOK_AGAIN,),
    HitState.CONFIRMED: (Verdict.LOOK_AGAIN,),
    HitState.UNLISTED: (),
}
HIT_REASON_MIN_CHARS = 20
