"""What lies on an expert's desk: work in hand, work that came back, drafts that were kept, and what can be taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from marketplace.accounts.models import User
from projects.hiring.enums import ContractState
from projects.hiring.models import Contract
from projects.work.enums import AssignmentState
from projects.work.models import Assignment, Review

MANY = 1000
"""Counting stops here: "1,000 and more" says as much to a person as the number would."""
_WAITING = """
SELECT contract.id, (
    SELECT count(*) FROM (
        SELECT 1 FROM work_batch batch
        JOIN work_task task ON task.batch_id = batch.id AND task.state = 'OPEN' AND task.open_slots > 0
        WHERE batch.project_id = contract.project_id AND batch.state = 'LIVE'
          AND (SELECT 1 FROM work_assignment mine
               WHERE mine.task_id = task.id AND mine.contract_id = contract.id) IS NULL
        LIMIT %(many)s
    ) counted)
FROM hiring_contract contract
JOIN listings_project project ON project.id = contract.project_id
WHERE contract.id = ANY(%(contracts)s) AND contract.state = 'ACTIVE' AND project.state = 'OPEN'
"""


@dataclass(frozen=True, slots=True)
class OpenContract:
    """A contract under which work can be taken."""

    contract: Contract
    waiting: int
    held: Assignment | None

    @property
    def is_many(self) -> bool:
        return self.waiting >= MANY


def in_hand(user: User) -> list[Assignment]:
    """Return what waits for this expert: in hand, sent back, or kept after a lost lease; the nearest clock first."""
    states = [AssignmentState.WORKING, AssignmentState.RETURNED, AssignmentState.RELEASED]
    rows = Assignment.objects.of_expert(user).filter(state__in=states).with_task().order_by("-pk")[:100]
    order = {AssignmentState.WORKING: 0, AssignmentState.RETURNED: 1, AssignmentState.RELEASED: 2}
    return sorted(rows, key=lambda row: (order[AssignmentState(row.state)], row.due_at or row.lease_until))


def open_contracts(user: User, held: list[Assignment]) -> list[OpenContract]:
    """Return the expert's running contracts with how many tasks can be taken under each."""
    rows = Contract.objects.of_expert(user).with_people().filter(state=ContractState.ACTIVE).order_by("pk")
    contracts = list(rows)
    waiting = _waiting([contract.pk for contract in contracts])
    leases = {row.contract_id: row for row in held if row.state == AssignmentState.WORKING}
    return [OpenContract(one, waiting.get(one.pk, 0), leases.get(one.pk)) for one in contracts]


def _waiting(contracts: list[int]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"contracts": contracts, "many": MANY})
        return dict(cursor.fetchall())


def handed_in(user: User) -> QuerySet[Assignment]:
    """Return what the expert has handed in, whatever became of it."""
    states = [AssignmentState.SUBMITTED, AssignmentState.ACCEPTED, AssignmentState.REJECTED]
    rows: QuerySet[Assignment] = Assignment.objects.of_expert(user).filter(state__in=states).with_task()
    return rows


def submitted_since(user: User, start: datetime) -> int:
    """Return how many tasks the expert handed in since `start`, for "3 done today"."""
    return int(Assignment.objects.of_expert(user).filter(submitted_at__gte=start).count())


def reviews_of(assignment: Assignment) -> QuerySet[Review]:
    """Return what reviewers said about the revisions, the newest first."""
    return Review.objects.filter(submission__assignment=assignment).select_related("submission").order_by("-pk")


def newest_review(assignments: list[Assignment]) -> dict[int, Review]:
    """Return the newest review of each, by assignment: one query for a whole list."""
    rows = Review.objects.filter(submission__assignment__in=assignments).order_by("pk").select_related("submission")
    return {review.submission.assignment_id: review for review in rows}
