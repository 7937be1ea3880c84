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
    APPEALED = "APPEALED", "Appealed"
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
        CaseState.DECLINED: frozenset({CaseState.APPEALED}),
        CaseState.APPEALED: frozenset({CaseState.DECLINED, CaseState.APPROVED, CaseState.CHECKING}),
        CaseState.WITHDRAWN: frozenset(),
    },
)
OPEN_CASE_STATES = frozenset(
    {CaseState.CHECKING, CaseState.AWAITING_DECISION, CaseState.MORE_ASKED, CaseState.APPEALED}
)
WAITING_FOR_STAFF = (CaseState.AWAITING_DECISION, CaseState.APPEALED)
"""Whose clock runs against us: a person of vetting has the next word."""


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
    WORK_SPEAKS = "WORK_SPEAKS", "The work shown makes up for a missing paper"
    DOCUMENT_MISSING = "DOCUMENT_MISSING", "A document is missing"
    DOCUMENT_UNCLEAR = "DOCUMENT_UNCLEAR", "A document cannot be read"
    IDENTITY_UNCLEAR = "IDENTITY_UNCLEAR", "It is not clear that the papers are yours"
    CREDENTIAL_NOT_FOUND = "CREDENTIAL_NOT_FOUND", "The credential was not found at its source"
    CREDENTIAL_EXPIRED = "CREDENTIAL_EXPIRED", "The credential has expired"
    EXPERIENCE_TOO_SHORT = "EXPERIENCE_TOO_SHORT", "Experience in the field is too short"
    STATEMENTS_DISAGREE = "STATEMENTS_DISAGREE", "Statements disagree with each other"
    BELOW_STANDARD = "BELOW_STANDARD", "What was asked was answered below the standard"
    FORGERY_SUSPECTED = "FORGERY_SUSPECTED", "A document appears to have been altered"
    SECOND_ACCOUNT = "SECOND_ACCOUNT", "The same person has another account"
    OTHER = "OTHER", "Another reason, in words"


REASON_SENTENCES: dict[ReasonCode, str] = {
    ReasonCode.MEETS_STANDARD: "What you showed is what the field asks for.",
    ReasonCode.WORK_SPEAKS: "A paper is missing, but the work you showed leaves no doubt.",
    ReasonCode.DOCUMENT_MISSING: "You named something that we could not see. A picture or PDF of it is enough.",
    ReasonCode.DOCUMENT_UNCLEAR: "We could not read a file. Send it again, whole, flat and in good light.",
    ReasonCode.IDENTITY_UNCLEAR: "The papers carry another name or leave it open. A paper with both names settles it.",
    ReasonCode.CREDENTIAL_NOT_FOUND: "We looked where it is registered and did not find it under what you gave us.",
    ReasonCode.CREDENTIAL_EXPIRED: "Its last day has passed. Renew it, or declare the one that is in force.",
    ReasonCode.EXPERIENCE_TOO_SHORT: "The years you showed in this field are fewer than it asks for. They can grow.",
    ReasonCode.STATEMENTS_DISAGREE: "Your profile, résumé or papers tell different things. Correct or explain them.",
    ReasonCode.BELOW_STANDARD: "The assessment or the interview stayed below what the field asks for.",
    ReasonCode.FORGERY_SUSPECTED: "Two people, each for themselves, found that a file was changed after it was issued.",
    ReasonCode.SECOND_ACCOUNT: "Two people, each for themselves, found that this person has another account with us.",
    ReasonCode.OTHER: "The words below say why.",
}
"""What a code says to the expert, beside the words that staff write."""


RESULT_TONES = {
    CheckResult.PENDING: "info",
    CheckResult.PASSED: "success",
    CheckResult.ATTENTION: "warning",
    CheckResult.NEEDS_PERSON: "unknown",
}

REASONS_OF_OUTCOME: dict[Outcome, tuple[ReasonCode, ...]] = {
    Outcome.APPROVE: (ReasonCode.MEETS_STANDARD, ReasonCode.WORK_SPEAKS),
    Outcome.ASK_FOR_MORE: (
        ReasonCode.DOCUMENT_MISSING, ReasonCode.DOCUMENT_UNCLEAR, ReasonCode.IDENTITY_UNCLEAR,
        ReasonCode.CREDENTIAL_NOT_FOUND, ReasonCode.CREDENTIAL_EXPIRED, ReasonCode.EXPERIENCE_TOO_SHORT,
        ReasonCode.STATEMENTS_DISAGREE, ReasonCode.OTHER,
    ),
    Outcome.DECLINE: (
        ReasonCode.CREDENTIAL_NOT_FOUND, ReasonCode.CREDENTIAL_EXPIRED, ReasonCode.EXPERIENCE_TOO_SHORT,
        ReasonCode.STATEMENTS_DISAGREE, ReasonCode.BELOW_STANDARD, ReasonCode.DOCUMENT_MISSING,
        ReasonCode.IDENTITY_UNCLEAR, ReasonCode.FORGERY_SUSPECTED, ReasonCode.SECOND_ACCOUNT, ReasonCode.OTHER,
    ),
}  # fmt: skip
"""A file that cannot be read is never a reason to decline: a better one is asked for."""

NEEDS_TWO = (ReasonCode.FORGERY_SUSPECTED, ReasonCode.SECOND_ACCOUNT)
"""Reasons that accuse: one person alone never declines for them. A second one, who did not know the first's mind, must agree."""


class AppealOutcome(models.TextChoices):
    """What another person made of a decline."""

    UPHELD = "UPHELD", "The decline stands"
    APPROVED = "APPROVED", "Overturned: approve"
    REOPENED = "REOPENED", "Overturned: check again"


APPEAL_LEADS_TO: dict[AppealOutcome, CaseState] = {
    AppealOutcome.UPHELD: CaseState.DECLINED,
    AppealOutcome.APPROVED: CaseState.APPROVED,
    AppealOutcome.REOPENED: CaseState.CHECKING,
}

DECLINE_REASON_MIN_CHARS = 100
ASK_REASON_MIN_CHARS = 20
APPEAL_MIN_CHARS = 50
"""What an appeal needs to say; whoever judges it must have something to go by."""
JUDGED_MIN_CHARS = 100
OPINION_MIN_CHARS = 50
WHY_MIN_CHARS = 10
"""Why a case is taken over or a check run again; colleagues read it."""

DECISION_DAYS = 3
"""Business promise: a person decides within this many days; the clock is shown to both sides."""
PASSED_ON_DAYS = 1
"""What the next person has when the promise was not kept."""
ANSWER_DAYS = 7
"""What an expert has to answer when more is asked; then the case closes without a decision."""
APPEAL_DAYS = 7
"""What an expert has to appeal against a decline; then it stands."""
JUDGE_DAYS = 5
"""Within how many days another person judges an appeal; then it goes to the head of the queue and to whoever leads."""
OPINION_DAYS = 1
"""What a colleague has for a second opinion; then anybody may give it."""
CLAIM_HOURS = 2
"""How long a claim holds without work on the case; then whoever is free may take it."""
CHECK_SECONDS = 60
"""How long one attempt at a check may take. A source that hangs longer counts as one that failed."""
FEWEST_TO_TELL = 20
"""Below this number a share says nothing, so none is shown."""


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
