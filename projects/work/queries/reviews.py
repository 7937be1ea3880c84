"""Questions about work that waits for a review."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from projects.labs.models import Lab
from projects.work.enums import AssignmentState
from projects.work.models import Assignment, Submission


def waiting_in(lab: Lab) -> QuerySet[Assignment]:
    """Return what waits for a review in this lab, with what a list shows and the revisions."""
    revisions = Prefetch("submissions", Submission.objects.order_by("revision"), to_attr="revisions")
    rows: QuerySet[Assignment] = (
        Assignment.objects.awaiting_review()
        .filter(task__project__lab=lab)
        .with_task()
        .select_related("reviewer")
        .prefetch_related(revisions)
    )
    return rows


def count_waiting(lab: Lab) -> int:
    """Return how many pieces of work wait for a review in this lab."""
    return int(Assignment.objects.filter(project__lab=lab, state=AssignmentState.SUBMITTED).count())


def revisions_of(assignment: Assignment) -> list[Submission]:
    """Return the revisions with their reviews, the oldest first."""
    return list(assignment.submissions.select_related("review__reviewer").order_by("revision"))
