"""States of payout accounts, pay runs, items, attempts and holds (design 5.4), with their tables of moves."""

from __future__ import annotations

from datetime import timedelta

from django.db import models

from marketplace.kernel.states import register_moves


class PayoutAccountState(models.TextChoices):
    STARTED = "STARTED", "Not finished"
    READY = "READY", "Ready"
    RESTRICTED = "RESTRICTED", "Stripe asks for more"


PAYOUT_ACCOUNT_MOVES = register_moves(
    "payout account",
    {
        PayoutAccountState.STARTED: frozenset({PayoutAccountState.READY}),
        PayoutAccountState.READY: frozenset({PayoutAccountState.RESTRICTED}),
        PayoutAccountState.RESTRICTED: frozenset({PayoutAccountState.READY}),
    },
)


class RunState(models.TextChoices):
    DRAFT = "DRAFT", "Draft"
    COMPUTED = "COMPUTED", "Computed"
    APPROVED = "APPROVED", "Approved"
    EXECUTING = "EXECUTING", "Executing"
    SETTLED = "SETTLED", "Settled"
    PARTIALLY_FAILED = "PARTIALLY_FAILED", "Partly failed"
    RECONCILED = "RECONCILED", "Reconciled"
    CANCELLED = "CANCELLED", "Cancelled"


RUN_MOVES = register_moves(
    "pay run",
    {
        RunState.DRAFT: frozenset({RunState.COMPUTED, RunState.CANCELLED}),
        RunState.COMPUTED: frozenset({RunState.APPROVED, RunState.CANCELLED}),
        RunState.APPROVED: frozenset({RunState.EXECUTING, RunState.CANCELLED}),
        RunState.EXECUTING: frozenset({RunState.SETTLED, RunState.PARTIALLY_FAILED}),
        RunState.SETTLED: frozenset({RunState.RECONCILED}),
        RunState.PARTIALLY_FAILED: frozenset({RunState.EXECUTING, RunState.SETTLED}),
        RunState.RECONCILED: frozenset(),
        # The week and the currency are the identity of a run (reference C.3, rule 1), so a cancelled run is drafted anew.
        RunState.CANCELLED: frozenset({RunState.DRAFT}),
    },
)
LIVE_RUN_STATES = frozenset(
    {RunState.DRAFT, RunState.COMPUTED, RunState.APPROVED, RunState.EXECUTING, RunState.PARTIALLY_FAILED}
)


class ItemState(models.TextChoices):
    READY = "READY", "Ready"
    HELD = "HELD", "Held"
    EXCLUDED = "EXCLUDED", "Excluded"
    QUEUED = "QUEUED", "Queued"
    SENDING = "SENDING", "Sending"
    SENT = "SENT", "Sent"
    REJECTED = "REJECTED", "Rejected"
    UNKNOWN = "UNKNOWN", "Unknown"


ITEM_MOVES = register_moves(
    "pay item",
    {
        ItemState.READY: frozenset({ItemState.QUEUED, ItemState.HELD}),
        ItemState.HELD: frozenset(),
        ItemState.EXCLUDED: frozenset(),
        # Unknown without a call: its key has become too old to be sent, so it is looked up first (rule 5).
        # Ready again: its run was cancelled before anything was sent. Held: its payee was put on hold after the approval
        # and before the first send (decision 5).
        ItemState.QUEUED: frozenset(
            {ItemState.READY, ItemState.SENDING, ItemState.SENT, ItemState.UNKNOWN, ItemState.HELD}
        ),
        ItemState.SENDING: frozenset({ItemState.SENT, ItemState.REJECTED, ItemState.UNKNOWN, ItemState.QUEUED}),
        ItemState.UNKNOWN: frozenset({ItemState.SENT, ItemState.QUEUED, ItemState.SENDING, ItemState.REJECTED}),
        ItemState.SENT: frozenset(),
        ItemState.REJECTED: frozenset({ItemState.QUEUED}),
    },
)
OPEN_ITEM_STATES = frozenset({ItemState.QUEUED, ItemState.SENDING, ItemState.UNKNOWN})
"""Approved money that is neither with the expert nor back in payable: equals account 2300."""


class AttemptState(models.TextChoices):
    OPEN = "OPEN", "Open"
    CREATED = "CREATED", "Transfer made"
    REJECTED = "REJECTED", "Rejected"
    UNKNOWN = "UNKNOWN", "Unknown"
    PROVED_ABSENT = "PROVED_ABSENT", "Proved absent"


ATTEMPT_MOVES = register_moves(
    "payout attempt",
    {
        AttemptState.OPEN: frozenset(
            {AttemptState.CREATED, AttemptState.REJECTED, AttemptState.UNKNOWN, AttemptState.PROVED_ABSENT}
        ),
        AttemptState.UNKNOWN: frozenset({AttemptState.CREATED, AttemptState.PROVED_ABSENT, AttemptState.REJECTED}),
        AttemptState.CREATED: frozenset(),
        AttemptState.REJECTED: frozenset(),
        # Stripe answered a request after a quarter of an hour: seen once, it is believed.
        AttemptState.PROVED_ABSENT: frozenset({AttemptState.CREATED}),
    },
)


class HoldReason(models.TextChoices):
    NO_PAYOUT_ACCOUNT = "NO_PAYOUT_ACCOUNT", "No payout account yet"
    ACCOUNT_NOT_READY = "ACCOUNT_NOT_READY", "Payout account is not ready"
    DESTINATION_CHANGED = "DESTINATION_CHANGED", "Bank details changed, cooling"
    SCREENING = "SCREENING", "Screening, a person decides"
    EARLIER_OPEN = "EARLIER_OPEN", "An earlier payout is not settled yet"
    MANUAL = "MANUAL", "Held by finance"


PLACEABLE_REASONS = (HoldReason.MANUAL, HoldReason.SCREENING, HoldReason.DESTINATION_CHANGED)
"""Reasons that are rows; the others follow from the payout account when a run is computed."""


class ExcludedReason(models.TextChoices):
    BELOW_MINIMUM = "BELOW_MINIMUM", "Below the minimum, carried to next week"
    NOTHING_TO_PAY = "NOTHING_TO_PAY", "Nothing to pay"


class CorrectionKind(models.TextChoices):
    """What a movement at Stripe is that our books do not know."""

    TRANSFER = "TRANSFER", "Transfer"
    REVERSAL = "REVERSAL", "Transfer taken back"


class CorrectionState(models.TextChoices):
    ASKED = "ASKED", "Waits for a second person"
    POSTED = "POSTED", "In the books"
    DECLINED = "DECLINED", "Declined"


CORRECTION_MOVES = register_moves(
    "correction",
    {
        CorrectionState.ASKED: frozenset({CorrectionState.POSTED, CorrectionState.DECLINED}),
        CorrectionState.POSTED: frozenset(),
        CorrectionState.DECLINED: frozenset(),
    },
)


class PayoutJobKind(models.TextChoices):
    """The long works of this room, each a durable job."""

    COMPUTE = "COMPUTE", "Compute a run"
    BEGIN = "BEGIN", "Look the group up, then ring every item"
    LOOK_UP = "LOOK_UP", "Look up what became of unknown items"
    RECONCILE = "RECONCILE", "Compare our books with Stripe"
    REFRESH = "REFRESH", "Fetch a payout account again"


KEY_MAX_AGE = timedelta(hours=23)
"""No idempotency key whose first send is this old is sent again (reference C.3, rule 5)."""
ABSENCE_AFTER = timedelta(minutes=15)
"""A transfer that a look-up does not find is proved absent only this long after the last send (rule 6)."""
LOOK_UP_LASTS = timedelta(hours=1)
"""A look-up of the whole group before sending (rule 7) is made again after this long."""
FIRST_LOOK_UP_AFTER = timedelta(seconds=5)
LOOK_UP_EVERY = timedelta(seconds=30)
"""How soon an unknown item is looked up again while it is too young to be proved absent."""
ITEM_LEASE = timedelta(minutes=2)
"""Longer than a call can take. A worker that outlives it does no harm: the next one sends the same key."""
MAX_SENDS = 4
"""How often one key is sent when no answer came; after that only a look-up resolves the item."""
SENDS_PER_SECOND = 17
"""Stripe allows 25 transfers a second (reference C.1); we stay below."""
CUTOFF_AFTER = timedelta(days=3)
"""Wednesday 24:00 UTC after the week: the end of review. No run is computed before (design 5.1)."""
UNMATCHED_LOOK_BACK = timedelta(days=30)
RECONCILE_OVERLAP = timedelta(hours=48)
ON_ITS_WAY = timedelta(hours=1)
"""A movement at Stripe this young may still be on its way into our books, for example a deposit's webhook."""
DAILY = timedelta(hours=24)
REFRESHES_A_ROUND = 20
"""How many payout accounts one round of the sweep has fetched again; two calls each, beside the sending of a run."""
PAYOUT_MINIMUM_MINOR = 25_00
DESTINATION_COOLING = timedelta(hours=72)

SELF_SERVE_COUNTRIES = (
    "US", "GB", "CA", "CH",
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT",
    "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip
"""Where Stripe pays to from a platform in the United States without another agreement (reference C.2)."""
