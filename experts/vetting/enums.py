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
