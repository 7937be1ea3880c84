"""Words of standing: certificates and why they end, referrals and what they earn."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import models

from experts.credentials.enums import LadderStep
from marketplace.kernel.states import register_moves


class NameShown(models.TextChoices):
    """How a certificate names its holder; the holder decides."""

    FULL = "FULL", "Full name"
    INITIALS = "INITIALS", "Initials only"
    NONE = "NONE", "No name"


class RevocationReason(models.TextChoices):
    """Why a certificate does not count any more. The page for visitors shows these words."""

    ASKED = "ASKED", "Its holder took it back"
    CREDENTIAL_FELL = "CREDENTIAL_FELL", "A credential that it names does not stand on that step any more"
    WRONG_FACTS = "WRONG_FACTS", "It said something that is not so"
    MISUSED = "MISUSED", "It was used for something else than it says"
    KEY_LOST = "KEY_LOST", "The key that signed it is not trusted any more"
    ERASED = "ERASED", "Its holder had their data erased"


STAFF_REASONS: Final = (RevocationReason.WRONG_FACTS, RevocationReason.MISUSED, RevocationReason.KEY_LOST)
NAMED_STEPS: Final = (LadderStep.DOCUMENT_SEEN, LadderStep.REGISTRY_MATCHED, LadderStep.CONFIRMED)
"""What a certificate may name: credentials that somebody else than their holder has looked at."""
CERTIFICATES_A_DAY: Final = 10
"""One expert may issue so many within 24 hours. Nobody needs more, and every one takes a place in a list."""
LIST_PLACES: Final = 131_072
"""Places in one revocation list, the least of the standard. A list is used up to a half, so that places are easily found."""


class ReferralState(models.TextChoices):
    """
    QUESTIONED: something looks as if both accounts belong to one person, so nothing is booked until staff have looked.
    """

    ACTIVE = "ACTIVE", "Earning"
    QUESTIONED = "QUESTIONED", "Being looked at"
    CLEARED = "CLEARED", "Earning, looked at"
    STOPPED = "STOPPED", "Stopped"


REFERRAL_MOVES = register_moves(
    "referral",
    {
        ReferralState.ACTIVE: frozenset({ReferralState.QUESTIONED, ReferralState.STOPPED}),
        ReferralState.QUESTIONED: frozenset({ReferralState.CLEARED, ReferralState.STOPPED}),
        ReferralState.CLEARED: frozenset({ReferralState.STOPPED}),
        ReferralState.STOPPED: frozenset(),
    },
)


class RewardState(models.TextChoices):
    BOOKED = "BOOKED", "Booked"
    TAKEN_BACK = "TAKEN_BACK", "Taken back"


REWARD_MOVES = register_moves(
    "referral reward",
    {RewardState.BOOKED: frozenset({RewardState.TAKEN_BACK}), RewardState.TAKEN_BACK: frozenset()},
)

EARNING_STATES: Final = (ReferralState.ACTIVE, ReferralState.CLEARED)
REWARD_SHARE_BPS: Final = 2000
"""The referrer gets 20 % of the platform fee on the referred expert's paid hours (reference market E2). The fee comes on top
of the expert's pay, so the expert never pays for it."""
REWARD_FOR: Final = timedelta(days=365)
"""Hours count that were worked within a year of the sign-up."""
REWARD_CAP_MINOR: Final = {"USD": 50_000, "EUR": 50_000, "GBP": 40_000, "CAD": 65_000, "JPY": 75_000}
"""The most that one referred person may bring in each currency, in minor units: $500."""
CODE_LENGTH: Final = 10
REMEMBERED_FOR: Final = timedelta(days=30)
"""How long a browser remembers whose link it followed first."""
