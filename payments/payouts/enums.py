"""States of payout accounts, pay runs, items, attempts and holds (design 5.4), with their tables of moves."""

from __future__ import annotations

from datetime import timedelta

from django.db import models

from marketplace.kernel.states import register_moves


class PayoutAccountState(models.TextChoices):
    STARTED = "STARTED", "Not finished"
    READY = "READY", "Ready"
    RESTRICTED = "RESTRICTED", "Stripe asks for more"


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
        RunState.CANCELLED: frozenset(),
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
        ItemState.QUEUED: frozenset({ItemState.SENDING, ItemState.SENT}),
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
        AttemptState.PROVED_ABSENT: frozenset(),
    },
)


class HoldReason(models.TextChoices):
    NO_PAYOUT_ACCOUNT = "NO_PAYOUT_ACCOUNT", "No payout account yet"
    ACCOUNT_NOT_READY = "ACCOUNT_NOT_READY", "Payout account is not ready"
    DESTINATION_CHANGED = "DESTINATION_CHANGED", "Bank details changed, cooling"
    SCREENING = "SCREENING", "Screening, a person decides"
    MANUAL = "MANUAL", "Held by finance"


class ExcludedReason(models.TextChoices):
    BELOW_MINIMUM = "BELOW_MINIMUM", "Below the minimum, carried to next week"
    NOTHING_TO_PAY = "NOTHING_TO_PAY", "Nothing to pay"


KEY_MAX_AGE = timedelta(hours=23)
"""No idempotency key whose first send is this old is sent again (reference C.3, rule 5)."""
ABSENCE_AFTER = timedelta(minutes=15)
"""A transfer that a look-up does not find is proved absent only this long after the last send (rule 6)."""
PAYOUT_MINIMUM_MINOR = 25_00
DESTINATION_COOLING = timedelta(hours=72)
