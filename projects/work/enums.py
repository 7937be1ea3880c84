"""States of batches, tasks, assignments and reviews, with their tables of moves."""

from __future__ import annotations

from django.db import models

from marketplace.kernel.states import register_moves


class BatchState(models.TextChoices):
    STAGED = "STAGED", "Being read"
    READY = "READY", "Ready to start"
    LIVE = "LIVE", "Live"
    PAUSED = "PAUSED", "Paused"
    FINISHED = "FINISHED", "Finished"
    CANCELLED = "CANCELLED", "Cancelled"


BATCH_MOVES = register_moves(
    "batch",
    {
        BatchState.STAGED: frozenset({BatchState.READY, BatchState.CANCELLED}),
        BatchState.READY: frozenset({BatchState.LIVE, BatchState.CANCELLED}),
        BatchState.LIVE: frozenset({BatchState.PAUSED, BatchState.FINISHED, BatchState.CANCELLED}),
        BatchState.PAUSED: frozenset({BatchState.LIVE, BatchState.CANCELLED}),
        BatchState.FINISHED: frozenset({BatchState.LIVE}),
        BatchState.CANCELLED: frozenset(),
    },
)


class TaskState(models.TextChoices):
    STAGED = "STAGED", "Staged"
    OPEN = "OPEN", "Open"
    DONE = "DONE", "Done"
    BLOCKED = "BLOCKED", "Blocked by reports"
    CANCELLED = "CANCELLED", "Cancelled"


TASK_MOVES = register_moves(
    "task",
    {
        TaskState.STAGED: frozenset({TaskState.OPEN, TaskState.CANCELLED}),
        TaskState.OPEN: frozenset({TaskState.DONE, TaskState.BLOCKED, TaskState.CANCELLED}),
        TaskState.DONE: frozenset({TaskState.OPEN}),
        TaskState.BLOCKED: frozenset({TaskState.OPEN, TaskState.CANCELLED}),
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
        AssignmentState.RETURNED: frozenset({AssignmentState.SUBMITTED, AssignmentState.REJECTED}),
        AssignmentState.ACCEPTED: frozenset(),
        AssignmentState.REJECTED: frozenset(),
    },
)


class ReviewDecision(models.TextChoices):
    ACCEPT = "ACCEPT", "Accept"
    SEND_BACK = "SEND_BACK", "Send back"
    REJECT = "REJECT", "Reject"


class SkipReason(models.TextChoices):
    OUTSIDE_EXPERTISE = "OUTSIDE_EXPERTISE", "Outside my expertise"
    CONFLICT = "CONFLICT", "Conflict of interest"
    BAD_TASK = "BAD_TASK", "The task itself is broken"
    OFFENSIVE = "OFFENSIVE", "Offensive content"
    TECHNICAL = "TECHNICAL", "Technical problem"


LEASE_MINUTES = 45
REVIEW_LEASE_MINUTES = 30
RETURN_DAYS = 3
SILENCE_DAYS = 7
"""Seven days without a review accept the work."""
MAX_ROUNDS = 3
BAD_TASK_REPORTS_TO_BLOCK = 2
