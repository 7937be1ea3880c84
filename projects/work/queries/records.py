"""What experts have done here, over all labs: for the ranking of candidates, which hiring makes below us."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Count, Q

from projects.hiring.queries.records import Record
from projects.work.enums import AssignmentState
from projects.work.models import Assignment

REVIEWED = Q(state__in=[AssignmentState.ACCEPTED, AssignmentState.REJECTED])
HANDED_IN = Q(submitted_at__isnull=False)


def records_of(expert_ids: Collection[int]) -> dict[int, Record]:
    """
    Return the record of each expert who has taken tasks, by one query.

    On time is what was handed in before the task had gone to somebody else. A task that is being worked on, was skipped
    with a reason, or whose lease ran out before anything was handed in says: taken, and not on time; the first two are
    left out.
    """
    taken = HANDED_IN | Q(state=AssignmentState.RELEASED)
    rows = (
        Assignment.objects.filter(contract__expert__in=list(expert_ids))
        .values("contract__expert")
        .annotate(
            accepted=Count("pk", filter=Q(state=AssignmentState.ACCEPTED)),
            reviewed=Count("pk", filter=REVIEWED),
            on_time=Count("pk", filter=HANDED_IN & Q(is_late=False)),
            taken=Count("pk", filter=taken),
        )
        .order_by()
    )
    return {
        row["contract__expert"]: Record(row["accepted"], row["reviewed"], row["on_time"], row["taken"]) for row in rows
    }
