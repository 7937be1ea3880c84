"""Batches, tasks, assignments, submissions and reviews."""

from projects.work.models.batches import ROWS_PER_BATCH, Batch, BatchRowError, TaskTemplate
from projects.work.models.submissions import Review, Submission
from projects.work.models.tasks import Assignment, ExpertCursor, Task, TaskEvent

__all__ = [
    "ROWS_PER_BATCH",
    "Assignment",
    "Batch",
    "BatchRowError",
    "ExpertCursor",
    "Review",
    "Submission",
    "Task",
    "TaskEvent",
    "TaskTemplate",
]
