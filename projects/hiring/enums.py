"""States of applications, offers and contracts, with their tables of moves."""

from __future__ import annotations

from datetime import timedelta

from django.db import models

from marketplace.kernel.states import register_moves


class ApplicationState(models.TextChoices):
    STARTED = "STARTED", "Started"
    SUBMITTED = "SUBMITTED", "Submitted"
    SHORTLISTED = "SHORTLISTED", "Shortlisted"
    OFFERED = "OFFERED", "Offer made"
    HIRED = "HIRED", "Hired"
    DECLINED = "DECLINED", "Declined"
    WITHDRAWN = "WITHDRAWN", "Withdrawn"
    LAPSED = "LAPSED", "Lapsed, no decision"


APPLICATION_MOVES = register_moves(
    "application",
    {
        ApplicationState.STARTED: frozenset({ApplicationState.SUBMITTED, ApplicationState.WITHDRAWN}),
        ApplicationState.SUBMITTED: frozenset(
            {
                ApplicationState.SHORTLISTED,
                ApplicationState.OFFERED,
                ApplicationState.DECLINED,
                ApplicationState.WITHDRAWN,
                ApplicationState.LAPSED,
            }
        ),
        ApplicationState.SHORTLISTED: frozenset(
            {
                ApplicationState.OFFERED,
                ApplicationState.DECLINED,
                ApplicationState.WITHDRAWN,
                ApplicationState.LAPSED,
            }
        ),
        ApplicationState.OFFERED: frozenset(
            {
                ApplicationState.HIRED,
                ApplicationState.SHORTLISTED,
                ApplicationState.DECLINED,
                ApplicationState.WITHDRAWN,
            }
        ),
        ApplicationState.HIRED: frozenset(),
        ApplicationState.DECLINED: frozenset(),
        ApplicationState.WITHDRAWN: frozenset(),
        ApplicationState.LAPSED: frozenset(),
    },
)
LIVE_APPLICATION_STATES = frozenset(
    {
        ApplicationState.STARTED,
        ApplicationState.SUBMITTED,
        ApplicationState.SHORTLISTED,
        ApplicationState.OFFERED,
        ApplicationState.HIRED,
    }
)
WAITING_APPLICATION_STATES = frozenset({ApplicationState.SUBMITTED, ApplicationState.SHORTLISTED})
"""The lab's clock runs."""
DECISION_DAYS = 10
"""Silence for this long after submission lapses the application with the reason "no decision"."""
OFFER_DAYS = 7


class DeclineCode(models.TextChoices):
    PLACES_FILLED = "PLACES_FILLED", "All places are filled"
    REQUIREMENT_MISSING = "REQUIREMENT_MISSING", "A requirement is missing"
    EXPERIENCE = "EXPERIENCE", "Experience does not fit the work"
    ANSWERS = "ANSWERS", "Screening answers did not convince"
    AVAILABILITY = "AVAILABILITY", "Hours do not fit"
    OTHER = "OTHER", "Another reason, in words"


class InvitationState(models.TextChoices):
    """Of an invitation to a gig. Members of a lab are invited elsewhere."""

    SENT = "SENT", "Waits for an answer"
    ACCEPTED = "ACCEPTED", "Is applying"
    DECLINED = "DECLINED", "Declined"
    LAPSED = "LAPSED", "No answer"
    WITHDRAWN = "WITHDRAWN", "Taken back"


INVITATION_MOVES = register_moves(
    "gig invitation",
    {
        InvitationState.SENT: frozenset(
            {
                InvitationState.ACCEPTED,
                InvitationState.DECLINED,
                InvitationState.LAPSED,
                InvitationState.WITHDRAWN,
            }
        ),
        InvitationState.ACCEPTED: frozenset(),
        InvitationState.DECLINED: frozenset(),
        InvitationState.LAPSED: frozenset(),
        InvitationState.WITHDRAWN: frozenset(),
    },
)
INVITATION_DAYS = 14
INVITATIONS_A_DAY = 20
"""How many experts one lab may invite within 24 hours, over all its projects."""


class HeldKind(models.TextChoices):
    """What a lab can decide about many candidates at once."""

    SHORTLIST = "SHORTLIST", "Shortlist"
    DECLINE = "DECLINE", "Decline"


class HeldState(models.TextChoices):
    HELD = "HELD", "Can still be undone"
    APPLIED = "APPLIED", "Done"
    UNDONE = "UNDONE", "Undone"
    DROPPED = "DROPPED", "Came to nothing"


HELD_MOVES = register_moves(
    "held decision",
    {
        HeldState.HELD: frozenset({HeldState.APPLIED, HeldState.UNDONE, HeldState.DROPPED}),
        HeldState.APPLIED: frozenset(),
        HeldState.UNDONE: frozenset(),
        HeldState.DROPPED: frozenset(),
    },
)
HOLD_MINUTES = 5
"""How long a decision about many waits, with nobody told, before it counts."""
BULK_MAX = 100

MARKS = ((1, "1, no"), (2, "2, rather not"), (3, "3, rather yes"), (4, "4, yes"))
"""The marks of a scorecard. There is no middle, so that nobody hides in it."""
CRITERIA_MAX = 8
DEFAULT_CRITERIA = ("Knows the field", "Screening answers", "Clear writing", "Fits the hours and the work")
"""What candidates are scored on as long as the lab says nothing else for a project."""
DECLINE_MIN_CHARS = 20


class OfferState(models.TextChoices):
    SENT = "SENT", "Sent"
    ACCEPTED = "ACCEPTED", "Accepted"
    DECLINED = "DECLINED", "Declined"
    EXPIRED = "EXPIRED", "Expired"
    WITHDRAWN = "WITHDRAWN", "Withdrawn"


OFFER_MOVES = register_moves(
    "offer",
    {
        OfferState.SENT: frozenset(
            {OfferState.ACCEPTED, OfferState.DECLINED, OfferState.EXPIRED, OfferState.WITHDRAWN}
        ),
        OfferState.ACCEPTED: frozenset(),
        OfferState.DECLINED: frozenset(),
        OfferState.EXPIRED: frozenset(),
        OfferState.WITHDRAWN: frozenset(),
    },
)


class ContractState(models.TextChoices):
    ACTIVE = "ACTIVE", "Active"
    PAUSED = "PAUSED", "Paused"
    ENDED = "ENDED", "Ended"


CONTRACT_MOVES = register_moves(
    "contract",
    {
        ContractState.ACTIVE: frozenset({ContractState.PAUSED, ContractState.ENDED}),
        ContractState.PAUSED: frozenset({ContractState.ACTIVE, ContractState.ENDED}),
        ContractState.ENDED: frozenset(),
    },
)


class PayKind(models.TextChoices):
    HOURLY = "HOURLY", "By the hour"


class Side(models.TextChoices):
    """A party of a contract."""

    EXPERT = "EXPERT", "Expert"
    LAB = "LAB", "Lab"


class AmendmentState(models.TextChoices):
    PROPOSED = "PROPOSED", "Proposed"
    ACCEPTED = "ACCEPTED", "Accepted"
    DECLINED = "DECLINED", "Declined"
    WITHDRAWN = "WITHDRAWN", "Withdrawn"
    LAPSED = "LAPSED", "Lapsed, no answer"


AMENDMENT_MOVES = register_moves(
    "amendment",
    {
        AmendmentState.PROPOSED: frozenset(
            {AmendmentState.ACCEPTED, AmendmentState.DECLINED, AmendmentState.WITHDRAWN, AmendmentState.LAPSED}
        ),
        AmendmentState.ACCEPTED: frozenset(),
        AmendmentState.DECLINED: frozenset(),
        AmendmentState.WITHDRAWN: frozenset(),
        AmendmentState.LAPSED: frozenset(),
    },
)


class EndCode(models.TextChoices):
    """Why a contract ends."""

    DONE = "DONE", "The work is done"
    BUDGET = "BUDGET", "No more budget"
    QUALITY = "QUALITY", "The work does not fit"
    BREACH = "BREACH", "Serious breach of the terms"
    TIME = "TIME", "No more time for it"
    OTHER = "OTHER", "Another reason, in words"
    AGREED = "AGREED", "The last day that was agreed"


class FlagState(models.TextChoices):
    """What became of a report about a rating."""

    OPEN = "OPEN", "Reported"
    KEPT = "KEPT", "Looked at, stays"
    HIDDEN = "HIDDEN", "Taken away"


FLAG_MOVES = register_moves(
    "report of a rating",
    {
        FlagState.OPEN: frozenset({FlagState.KEPT, FlagState.HIDDEN}),
        FlagState.KEPT: frozenset(),
        FlagState.HIDDEN: frozenset(),
    },
)
CODES_OF_LABS = (EndCode.DONE, EndCode.BUDGET, EndCode.QUALITY, EndCode.BREACH, EndCode.OTHER)
CODES_OF_EXPERTS = (EndCode.DONE, EndCode.TIME, EndCode.QUALITY, EndCode.OTHER)
NOTICE_DAYS = 14
"""How long before it counts a lab announces a cut, or the end of a contract (market reference E, Seattle's rule)."""
ANSWER_DAYS = 14
"""An amendment that nobody answered lapses after so long, or before its first Monday comes."""
ANSWERED_BEFORE = timedelta(hours=1)
"""So long before its first Monday: an answer that waited for a lock never reaches into a week that has begun."""
CORRECTION_HOURS = 12
"""After the Monday 00:00 UTC that ends a week, its hours may still be logged and corrected for so long."""
RATING_DAYS = 14
"""How long both sides may rate after the end; then what one of them gave is shown all the same."""
RATINGS_SHOWN_FROM = 5
"""A lab's average is public once so many contracts were rated: fewer would tell who said what."""
