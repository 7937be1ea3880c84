"""Drafts and submissions: nothing that an expert wrote is ever lost, dropped or counted twice."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, Sum

from marketplace.accounts.models import User
from marketplace.kernel.actors import System
from marketplace.kernel.errors import Conflict, Invalid
from marketplace.kernel.states import require_move
from marketplace.notices.actions import notify
from projects.work import policies
from projects.work.actions.claims import held_by, locked_assignment, require_in_hand, take_next
from projects.work.actions.events import give_slot_back, take_slot, write_event
from projects.work.enums import (
    ASSIGNMENT_MOVES,
    MAX_DRAFT_BYTES,
    AssignmentState,
    EventKind,
)
from projects.work.kinds import kind_of
from projects.work.kinds.base import Answer
from projects.work.models import Assignment, Submission

RELEASE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class DraftSaved:
    """How saving a draft ended. When `is_stale`, nothing was written and `assignment.draft` is the other text."""

    assignment: Assignment
    is_stale: bool = False


@dataclass(frozen=True, slots=True)
class HandedIn:
    """How a submit ended: stale, or with a submission that may be late, and perhaps the next task in hand."""

    assignment: Assignment
    submission: Submission | None = None
    is_stale: bool = False
    following: Assignment | None = field(default=None)


@transaction.atomic(durable=True)
def save_draft(*, assignment_id: int, answer: Answer, version: int, by: User, now: datetime) -> DraftSaved:
    """
    Keep what the expert wrote, if they wrote it on top of the newest version.

    A stale write is no error but an answer: another window or device saved first, and both texts are shown. Works
    after the lease too, because a lost lease must not lose words.

    :raises NotAllowed: if the assignment is somebody else's.
    :raises WrongState: if it was submitted or skipped.
    :raises Invalid: if the draft is larger than 256 kB.
    """
    assignment = locked_assignment(assignment_id)
    policies.require_own_work(by, assignment)
    require_in_hand(assignment)
    if len(json.dumps(answer)) > MAX_DRAFT_BYTES:
        raise Invalid("The draft is larger than 256 kB, so it was not saved. Shorten it.")
    if assignment.draft == answer and assignment.draft_version > 0:
        return DraftSaved(assignment)
    if version != assignment.draft_version:
        return DraftSaved(assignment, is_stale=True)
    assignment.draft = answer
    assignment.draft_version += 1
    assignment.draft_saved_at = now
    assignment.save(update_fields=["draft", "draft_version", "draft_saved_at"])
    return DraftSaved(assignment)


@transaction.atomic(durable=True)
def submit_answer(
    *,
    assignment_id: int,
    answer: Answer,
    version: int,
    key: UUID,
    by: User,
    now: datetime,
    then_next: bool = False,
) -> HandedIn:
    """
    Hand the answer in as an immutable revision, and take the next task in the same transaction if asked.

    The place of the task is checked here: still ours, it is used; lost with the lease but free, it is taken back; gone,
    the work is parked as late, which is reviewed like any other and fills no place. The same key again gives the same
    answer again and hands nothing in.

    :param version: the draft version the answer was written on.
    :param key: the browser's idempotency key.
    :raises NotAllowed: if the assignment is somebody else's.
    :raises WrongState: if it was skipped or decided.
    :raises Conflict: if the key was used for another task.
    :raises Invalid: if the answer is incomplete or wrong; `facts["errors"]` has the sentences by field.
    """
    assignment = locked_assignment(assignment_id)
    policies.require_own_work(by, assignment)
    done = Submission.objects.filter(key=key).first()
    if done is not None:
        if done.assignment_id != assignment.pk:
            raise Conflict("This key was used to submit another task. Reload the page and submit again.")
        return HandedIn(assignment, done, following=_following(assignment, by=by, now=now) if then_next else None)
    require_move(ASSIGNMENT_MOVES, current=assignment.state, target=AssignmentState.SUBMITTED, what="task")
    if version != assignment.draft_version and answer != assignment.draft:
        return HandedIn(assignment, is_stale=True)
    _require_whole(assignment, answer)
    submission = _hand_in(assignment, answer, key=key, by=by, now=now)
    return HandedIn(assignment, submission, following=_following(assignment, by=by, now=now) if then_next else None)


def _require_whole(assignment: Assignment, answer: Answer) -> None:
    task = assignment.task
    problems = kind_of(task.batch.kind).problems(task.prompt, answer)
    if not problems:
        return
    errors: dict[str, list[str]] = {}
    for problem in problems:
        errors.setdefault(problem.field or "answer", []).append(problem.sentence)
    raise Invalid(problems[0].sentence, errors=errors)


def _hand_in(assignment: Assignment, answer: Answer, *, key: UUID, by: User, now: datetime) -> Submission:
    require_move(ASSIGNMENT_MOVES, current=assignment.state, target=AssignmentState.SUBMITTED, what="task")
    has_place = take_slot(assignment)
    earlier = assignment.submissions.aggregate(seconds=Sum("active_seconds", default=0), count=Count("pk"))
    submission = Submission.objects.create(
        assignment=assignment,
        revision=earlier["count"] + 1,
        answer=answer,
        active_seconds=max(0, assignment.active_seconds - earlier["seconds"]),
        key=key,
        submitted_at=now,
    )
    assignment.state = AssignmentState.SUBMITTED
    assignment.is_late = not has_place
    assignment.draft, assignment.draft_saved_at = answer, now
    assignment.draft_version += 1
    assignment.submitted_at, assignment.due_at = now, now + timedelta(days=assignment.task.project.lab.review_days)
    assignment.reviewer, assignment.review_lease_until = None, None
    assignment.save(
        update_fields=[
            "state", "is_late", "holds_slot", "draft", "draft_saved_at", "draft_version", "submitted_at", "due_at",
            "reviewer", "review_lease_until",
        ]
    )  # fmt: skip
    kind = EventKind.SUBMITTED if has_place else EventKind.PARKED
    words = f"Revision {submission.revision}"
    write_event(kind, task_id=assignment.task_id, assignment=assignment, by=by, now=now, words=words)
    return submission


def _following(assignment: Assignment, *, by: User, now: datetime) -> Assignment | None:
    """Take the next task of the same contract. What was handed in stands, whatever happens here."""
    try:
        with transaction.atomic():
            return take_next(contract=assignment.contract, by=by, now=now, may_wait=False)
    except IntegrityError:  # Another window took one in this moment.
        return held_by(assignment.contract)


@transaction.atomic(durable=True)
def release_overdue_corrections(*, now: datetime, limit: int = RELEASE_LIMIT) -> int:
    """Let others take tasks whose correction did not come within its days; the draft is kept. Return how many."""
    rule = System("corrections")
    rows = Assignment.objects.with_task().corrections_overdue(now)
    overdue = list(rows.select_for_update(of=("self",), no_key=True, skip_locked=True)[:limit])
    for assignment in sorted(overdue, key=lambda one: one.task_id):
        require_move(ASSIGNMENT_MOVES, current=assignment.state, target=AssignmentState.RELEASED, what="task")
        give_slot_back(assignment)
        assignment.state, assignment.due_at = AssignmentState.RELEASED, None
        assignment.save(update_fields=["state", "holds_slot", "due_at"])
        write_event(EventKind.OVERDUE, task_id=assignment.task_id, assignment=assignment, by=rule, now=now)
        notify(
            user=assignment.contract.expert.user,
            kind="work",
            title=f"The days to correct {assignment.task.external_id} are over",
            body="Others may take the task now. Your draft is kept: take it back while it is free, or submit it late.",
            path=f"/me/work/{assignment.public_id}/",
            now=now,
        )
    return len(overdue)
