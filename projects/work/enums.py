"""States of batches, tasks, assignments and reviews, with their tables of moves."""

from __future__ import annotations

from django.db import models

from marketplace.kernel.states import register_moves


class BatchState(models.TextChoices):
    """
    DRAFT: a file whose columns are not confirmed yet, or a batch that a program fills through the API.

    Only tasks of a LIVE batch are handed out, so starting, pausing and cancelling a batch touch no task.
    """

    DRAFT = "DRAFT", "Being prepared"
    STAGED = "STAGED", "Being read"
    READY = "READY", "Ready to start"
    LIVE = "LIVE", "Live"
    PAUSED = "PAUSED", "Paused"
    FINISHED = "FINISHED", "Finished"
    CANCELLED = "CANCELLED", "Cancelled"


BATCH_MOVES = register_moves(
    "batch",
    {
        BatchState.DRAFT: frozenset({BatchState.STAGED, BatchState.LIVE, BatchState.CANCELLED}),
        BatchState.STAGED: frozenset({BatchState.READY, BatchState.CANCELLED}),
        BatchState.READY: frozenset({BatchState.LIVE, BatchState.STAGED, BatchState.CANCELLED}),
        BatchState.LIVE: frozenset({BatchState.PAUSED, BatchState.FINISHED, BatchState.CANCELLED}),
        BatchState.PAUSED: frozenset({BatchState.LIVE, BatchState.FINISHED, BatchState.CANCELLED}),
        BatchState.FINISHED: frozenset(),
        BatchState.CANCELLED: frozenset(),
    },
)


class TaskState(models.TextChoices):
    """The state of the task itself; whether it is handed out also needs its batch to be LIVE."""

    STAGED = "STAGED", "Set aside"  # A duplicate by content: the lab decides when it starts the batch.
    OPEN = "OPEN", "Open"
    DONE = "DONE", "Done"
    BLOCKED = "BLOCKED", "Blocked by reports"
    CANCELLED = "CANCELLED", "Cancelled"


TASK_MOVES = register_moves(
    "task",
    {
        TaskState.STAGED: frozenset({TaskState.OPEN, TaskState.CANCELLED}),
        TaskState.OPEN: frozenset({TaskState.DONE, TaskState.BLOCKED, TaskState.CANCELLED}),
        TaskState.DONE: frozenset(),
        # Done at once if enough answers were accepted while it was blocked.
        TaskState.BLOCKED: frozenset({TaskState.OPEN, TaskState.DONE, TaskState.CANCELLED}),
        TaskState.CANCELLED: frozenset(),
    },
)


class AssignmentState(models.TextChoices):
    WORKING = "WORKING", "Being worked on"
    RELEASED = "RELEASED", "Lease over, draft kept"
    SKIPPED = "SKIPPED", "Skipped"
    SUBMITTED = "SUBMITTED", "In review"
    RETURNED = "RETURNED", "Sent back to you"
    ACCEPTED = "ACCEPTED", "Accepted"
    REJECTED = "REJECTED", "Rejected"


ASSIGNMENT_MOVES = register_moves(
    "assignment",
    {
        AssignmentState.WORKING: frozenset(
            {AssignmentState.SUBMITTED, AssignmentState.RELEASED, AssignmentState.SKIPPED}
        ),
        AssignmentState.RELEASED: frozenset({AssignmentState.WORKING, AssignmentState.SUBMITTED}),
        AssignmentState.SKIPPED: frozenset(),
        AssignmentState.SUBMITTED: frozenset(
            {AssignmentState.ACCEPTED, AssignmentState.RETURNED, AssignmentState.REJECTED}
        ),
        AssignmentState.RETURNED: frozenset({AssignmentState.SUBMITTED, AssignmentState.RELEASED}),
        AssignmentState.ACCEPTED: frozenset(),
        AssignmentState.REJECTED: frozenset(),
    },
)


class ReviewDecision(models.TextChoices):
    """The labels are the record's; a button says "Accept"."""

    ACCEPT = "ACCEPT", "Accepted"
    SEND_BACK = "SEND_BACK", "Sent back"
    REJECT = "REJECT", "Rejected"


class RejectCode(models.TextChoices):
    WRONG = "WRONG", "The marks or the verdict are wrong"
    INCOMPLETE = "INCOMPLETE", "Important parts are missing"
    INSTRUCTIONS = "INSTRUCTIONS", "The instructions were not followed"
    REASONS = "REASONS", "The reasons do not carry the verdict"
    OTHER = "OTHER", "Another reason, in words"


class EventKind(models.TextChoices):
    """What can happen to a task, for its history."""

    CLAIMED = "CLAIMED", "Taken"
    RELEASED = "RELEASED", "Lease over, draft kept"
    TAKEN_BACK = "TAKEN_BACK", "Taken back"
    SKIPPED = "SKIPPED", "Skipped"
    SUBMITTED = "SUBMITTED", "Submitted"
    PARKED = "PARKED", "Submitted late, kept for review"
    ACCEPTED = "ACCEPTED", "Accepted"
    ACCEPTED_BY_SILENCE = "SILENCE", "Accepted, nobody reviewed it in time"
    RETURNED = "RETURNED", "Sent back"
    OVERDUE = "OVERDUE", "Correction did not come in time"
    REJECTED = "REJECTED", "Rejected"
    BLOCKED = "BLOCKED", "Blocked by reports"
    REOPENED = "REOPENED", "Opened again"
    CANCELLED = "CANCELLED", "Cancelled"


class SkipReason(models.TextChoices):
    OUTSIDE_EXPERTISE = "OUTSIDE_EXPERTISE", "Outside my expertise"
    CONFLICT = "CONFLICT", "Conflict of interest"
    BAD_TASK = "BAD_TASK", "The task itself is broken"
    OFFENSIVE = "OFFENSIVE", "Offensive content"
    TECHNICAL = "TECHNICAL", "Technical problem"


LEASE_MINUTES = 45
LEASE_WARNING_MINUTES = 10
HEARTBEAT_SECONDS = 15
HEARTBEAT_GAP_SECONDS = 45
"""Longer silence than this between two heartbeats is not counted as active time."""
IDLE_SECONDS = 90
"""Without a key, click or scroll for this long the expert counts as away."""
REVIEW_LEASE_MINUTES = 30
RETURN_DAYS = 3
MAX_DRAFT_BYTES = 256 * 1024
BAD_TASK_REPORTS_TO_BLOCK = 2
