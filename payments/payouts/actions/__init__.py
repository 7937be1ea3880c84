"""What may be done with payouts. One file per noun; other rooms use what is named here."""

from payments.payouts.actions.accounts import (
    onboarding_url,
    refresh_account,
    rehash_destinations,
    ring_old_accounts,
    start_account,
)
from payments.payouts.actions.approval import approve_run, execute_run, pause_run, resume_run
from payments.payouts.actions.corrections import ask_for_correction, decline_correction, post_correction
from payments.payouts.actions.holds import place_hold, release_hold
from payments.payouts.actions.jobs import (
    deliver_event,
    perform_job,
    ring_due_events,
    ring_due_items,
    ring_due_jobs,
)
from payments.payouts.actions.lookups import look_up_group
from payments.payouts.actions.reconciliation import ask_to_reconcile, reconcile_all, reconcile_run, ring_daily
from payments.payouts.actions.reversals import credit_reversals
from payments.payouts.actions.runs import (
    ask_to_compute,
    cancel_run,
    compute_run,
    create_run,
    finish_screening,
    unmatched_transfers,
)
from payments.payouts.actions.sending import runs_in_doubt, send_item
from payments.payouts.actions.settling import close_run, retry_item, settle_if_done

__all__ = [
    "approve_run",
    "ask_for_correction",
    "ask_to_compute",
    "ask_to_reconcile",
    "cancel_run",
    "close_run",
    "compute_run",
    "create_run",
    "credit_reversals",
    "decline_correction",
    "deliver_event",
    "execute_run",
    "finish_screening",
    "look_up_group",
    "onboarding_url",
    "pause_run",
    "perform_job",
    "place_hold",
    "post_correction",
    "reconcile_all",
    "reconcile_run",
    "refresh_account",
    "rehash_destinations",
    "release_hold",
    "resume_run",
    "retry_item",
    "ring_daily",
    "ring_due_events",
    "ring_due_items",
    "ring_due_jobs",
    "ring_old_accounts",
    "runs_in_doubt",
    "send_item",
    "settle_if_done",
    "start_account",
    "unmatched_transfers",
]
