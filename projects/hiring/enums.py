"""States of applications, offers and contracts, with their tables of moves."""

from __future__ import annotations

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
