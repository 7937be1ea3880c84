"""
The rows of an export: one accepted submission each, read in pieces and never all at once.

Pages by key instead of one long database cursor: a cursor would keep a transaction open for as long as the file takes,
or make Postgres copy everything first. Accepted work never changes, so the pages together are one snapshot.

Rules of the rows (so that `datasets.load_dataset` opens the file): the same keys in the same order in every row, never
a null, moments with six digits behind the point, and free columns of the lab as one JSON text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import QuerySet

from projects.delivery.models import Export
from projects.delivery.queries import accepted
from projects.work.enums import ReviewDecision
from projects.work.kinds import kind_of
from projects.work.models import Assignment, Batch, Submission

CHUNK: Final = 1000
_COLUMNS: Final = (
    "pk", "contract__alias", "is_late", "rounds", "active_seconds", "claimed_at", "decided_at", "task__batch_id",
    "task__public_id", "task__external_id", "task__content_sha256", "task__prompt", "task__metadata",
)  # fmt: skip


def count_rows(export: Export) -> int:
    """Return how many rows the export will have."""
    return accepted(export.project, export.kind, export.as_of).count()


def rows_of(export: Export, *, chunk: int = CHUNK) -> Iterator[dict[str, Any]]:
    """Yield the rows in the order in which the tasks were taken."""
    batches = {batch.pk: batch for batch in Batch.objects.filter(project=export.project).select_related("template")}
    source = accepted(export.project, export.kind, export.as_of).order_by("pk")
    last = 0
    while True:
        piece = _piece(source, last, chunk)
        if not piece:
            return
        last = piece[-1]["pk"]
        handed_in = _accepted_revisions([one["pk"] for one in piece])
        for one in piece:
            yield _row(export, one, batches[one["task__batch_id"]], handed_in[one["pk"]])


def _piece(source: QuerySet[Assignment], last: int, chunk: int) -> list[dict[str, Any]]:
    return list(source.filter(pk__gt=last).values(*_COLUMNS)[:chunk])


def _accepted_revisions(assignments: list[int]) -> dict[int, dict[str, Any]]:
    """Return the accepted revision of each assignment, with what the review said."""
    rows = Submission.objects.filter(assignment__in=assignments, review__decision=ReviewDecision.ACCEPT).values(
        "assignment_id", "public_id", "revision", "answer", "submitted_at", "review__comment", "review__reviewer_id"
    )
    return {row["assignment_id"]: dict(row) for row in rows}


def _row(export: Export, work: dict[str, Any], batch: Batch, handed_in: dict[str, Any]) -> dict[str, Any]:
    return {
        "submission_id": str(handed_in["public_id"]),
        "task_id": str(work["task__public_id"]),
        "external_id": work["task__external_id"],
        "kind": export.kind,
        **kind_of(export.kind).export(work["task__prompt"], handed_in["answer"]),
        "expert": work["contract__alias"],
        "batch": batch.code,
        "batch_name": batch.name,
        "template_version": batch.template.version,
        "revision": handed_in["revision"],
        "times_sent_back": work["rounds"],
        "is_late": work["is_late"],
        "active_seconds": work["active_seconds"],
        "claimed_at": moment(work["claimed_at"]),
        "submitted_at": moment(handed_in["submitted_at"]),
        "accepted_at": moment(work["decided_at"]),
        "accepted_by": "reviewer" if handed_in["review__reviewer_id"] else "silence",
        "review_comment": handed_in["review__comment"],
        "content_sha256": work["task__content_sha256"],
        "metadata": json.dumps(work["task__metadata"], ensure_ascii=False, sort_keys=True),
    }


def moment(at: datetime) -> str:
    """Return a moment in UTC, always with six digits behind the point: readers guess types from the first rows."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
