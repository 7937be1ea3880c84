"""Reviews: leasing work to a reviewer, accepting it, sending it back, rejecting it. Quality never touches hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.actors import Actor, System
from marketplace.kernel.errors import Invalid, Refused, WrongState
from marketplace.kernel.states import require_move
from marketplace.notices.actions import notify
from projects.labs.models import Lab
from projects.labs.queries import managers_of
from projects.work import policies
from projects.work.actions.claims import locked_assignment
from projects.work.actions.events import give_slot_back, write_event
from projects.work.enums import (
    ASSIGNMENT_MOVES,
    BATCH_MOVES,
    RETURN_DAYS,
    REVIEW_LEASE_MINUTES,
    TASK_MOVES,
    AssignmentState,
    BatchState,
    EventKind,
    RejectCode,
    ReviewDecision,
    TaskState,
)
from projects.work.kinds import kind_of
from projects.work.models import Assignment, Batch, Review, Submission, Task

REVIEW_LEASE = timedelta(minutes=REVIEW_LEASE_MINUTES)
SILENCE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reviewer says. `field_comments` are (field, words), anchored to a field of the answer."""

    decision: ReviewDecision
    comment: str = ""
    field_comments: Sequence[tuple[str, str]] = ()
    reject_code: str = ""


@transaction.atomic(durable=True)
def take_review(*, assignment_id: int, by: User, now: datetime) -> Assignment:
    """
    Lease submitted work to a reviewer for half an hour, so that two people do not read the same thing.

    :raises NotAllowed: if it is the reviewer's own work, or they review nothing in this lab.
    :raises WrongState: if it does not wait for a review.
    :raises Refused: if somebody else has it open.
    """
    assignment = locked_assignment(assignment_id)
    policies.require_may_review(by, assignment)
    _require_waiting(assignment)
    _require_free(assignment, by=by, now=now)
    return _lease(assignment, by=by, now=now)


@transaction.atomic(durable=True)
def take_next_review(*, lab: Lab, by: User, now: datetime) -> Assignment | None:
    """Lease the work whose clock runs out first and that nobody else has open; None if nothing waits."""
    rows = Assignment.objects.with_task().reviewable_by(by).filter(task__project__lab=lab)
    free = Q(review_lease_until__isnull=True) | Q(review_lease_until__lte=now) | Q(reviewer=by)
    waiting = rows.filter(free).order_by("due_at", "pk").select_for_update(of=("self",), no_key=True, skip_locked=True)
    assignment = waiting.first()
    return None if assignment is None else _lease(assignment, by=by, now=now)


@transaction.atomic(durable=True)
def put_back_review(*, assignment_id: int, by: User) -> Assignment:
    """Let somebody else review it. Does nothing if the lease is not the actor's."""
    assignment = locked_assignment(assignment_id)
    if assignment.reviewer_id == by.pk:
        assignment.reviewer, assignment.review_lease_until = None, None
        assignment.save(update_fields=["reviewer", "review_lease_until"])
    return assignment


@transaction.atomic(durable=True)
def review_submission(*, assignment_id: int, revision: int, verdict: Verdict, by: User, now: datetime) -> Review:
    """
    Accept the work, send it back to the same expert, or reject it. The approved hours stay as they are.

    :param revision: the one the reviewer read; a newer one is not decided unseen.
    :raises NotAllowed: if it is the reviewer's own work, or they review nothing in this lab.
    :raises WrongState: if it was decided meanwhile, or another revision came.
    :raises Refused: if somebody else has it open, or it was sent back too often.
    :raises Invalid: if a decision that is no yes does not say why.
    """
    assignment = locked_assignment(assignment_id)
    policies.require_may_review(by, assignment)
    _require_waiting(assignment)
    _require_free(assignment, by=by, now=now)
    submission = _newest(assignment)
    if submission.revision != revision:
        raise WrongState("The expert has handed in another revision meanwhile. Read that one first.")
    _require_reasons(assignment, verdict)
    review = _write_review(submission, verdict, by=by, now=now)
    if verdict.decision == ReviewDecision.ACCEPT:
        _accept(assignment, by=by, now=now, kind=EventKind.ACCEPTED)
    elif verdict.decision == ReviewDecision.SEND_BACK:
        _send_back(assignment, verdict, by=by, now=now)
    else:
        _reject(assignment, verdict, by=by, now=now)
    after = {"decision": str(verdict.decision), "revision": revision}
    record(what="work.review_submission", by=by, about=assignment, now=now, after=after)
    return review


def accept_silent(*, now: datetime, limit: int = SILENCE_LIMIT) -> int:
    """Accept what nobody reviewed within its days; return how many. Each one is a transaction of its own."""
    due = list(Assignment.objects.reviews_overdue(now).values_list("pk", flat=True)[:limit])
    return sum(_accept_one_silent(pk, now=now) for pk in due)


@transaction.atomic(durable=True)
def _accept_one_silent(assignment_id: int, *, now: datetime) -> bool:
    assignment = locked_assignment(assignment_id)
    if not Assignment.objects.reviews_overdue(now).filter(pk=assignment_id).exists():
        return False
    rule = System("silence")
    verdict = Verdict(ReviewDecision.ACCEPT)
    _write_review(_newest(assignment), verdict, by=rule, now=now)
    _accept(assignment, by=rule, now=now, kind=EventKind.ACCEPTED_BY_SILENCE)
    record(what="work.accept_by_silence", by=rule, about=assignment, now=now)
    return True


def _require_waiting(assignment: Assignment) -> None:
    if assignment.state != AssignmentState.SUBMITTED:
        raise WrongState(f"This work does not wait for a review: {assignment.get_state_display().lower()}.")


def _require_free(assignment: Assignment, *, by: User, now: datetime) -> None:
    until = assignment.review_lease_until
    if assignment.reviewer_id not in {None, by.pk} and until is not None and until > now:
        raise Refused(f"{assignment.reviewer} has this open. It is free again when they decide, or in half an hour.")


def _lease(assignment: Assignment, *, by: User, now: datetime) -> Assignment:
    assignment.reviewer, assignment.review_lease_until = by, now + REVIEW_LEASE
    assignment.save(update_fields=["reviewer", "review_lease_until"])
    return assignment


def _newest(assignment: Assignment) -> Submission:
    newest: Submission = assignment.submissions.order_by("-revision")[0]
    return newest


def _require_reasons(assignment: Assignment, verdict: Verdict) -> None:
    anchors = dict(kind_of(assignment.task.batch.kind).anchors)
    if any(anchor not in anchors for anchor, _ in verdict.field_comments):
        raise Invalid("A comment is anchored to a field that this kind of task does not have.", field="comment")
    if verdict.decision != ReviewDecision.ACCEPT and not verdict.comment.strip():
        raise Invalid("Say in words why. The expert reads it.", field="comment")
    if (verdict.decision == ReviewDecision.REJECT) != bool(verdict.reject_code):
        raise Invalid("Choose the reason for the rejection.", field="reject_code")
    if verdict.reject_code and verdict.reject_code not in RejectCode.values:
        raise Invalid("Choose one of the listed reasons.", field="reject_code")
    rounds_max = assignment.task.project.lab.rounds_max
    if verdict.decision == ReviewDecision.SEND_BACK and assignment.rounds >= rounds_max:
        often = "once" if rounds_max == 1 else f"{rounds_max} times"
        raise Refused(f"It was sent back {often}, so now it is accepted or rejected.")


def _write_review(submission: Submission, verdict: Verdict, *, by: Actor, now: datetime) -> Review:
    return Review.objects.create(
        submission=submission,
        reviewer=by if isinstance(by, User) else None,
        decision=verdict.decision,
        reject_code=verdict.reject_code,
        comment=verdict.comment.strip(),
        field_comments=[{"field": anchor, "text": words} for anchor, words in verdict.field_comments if words.strip()],
        decided_at=now,
    )


def _accept(assignment: Assignment, *, by: Actor, now: datetime, kind: EventKind) -> None:
    _decide(assignment, AssignmentState.ACCEPTED, now=now)
    write_event(kind, task_id=assignment.task_id, assignment=assignment, by=by, now=now)
    task = Task.objects.select_for_update(of=("self",), no_key=True).get(pk=assignment.task_id)
    task.accepted_count += 1
    is_done = task.accepted_count >= task.overlap and task.state == TaskState.OPEN
    if is_done:
        require_move(TASK_MOVES, current=task.state, target=TaskState.DONE, what="task")
        task.state = TaskState.DONE
    task.save(update_fields=["accepted_count", "state"])
    if is_done:
        _count_done(task, now=now)


def _count_done(task: Task, *, now: datetime) -> None:
    rows = Batch.objects.select_related("lab").select_for_update(of=("self",), no_key=True)
    batch: Batch = rows.get(pk=task.batch_id)
    batch.tasks_done += 1
    if batch.tasks_left == 0 and batch.state in {BatchState.LIVE, BatchState.PAUSED}:
        require_move(BATCH_MOVES, current=batch.state, target=BatchState.FINISHED, what="batch")
        batch.state = BatchState.FINISHED
        for manager in managers_of(batch.lab):
            notify(
                user=manager,
                kind="work",
                title=f"{batch} is finished",
                body=f"All {batch.tasks_done} tasks have their accepted answers.",
                path=f"/lab/{batch.lab.slug}/batches/{batch.public_id}/",
                button="See the batch",
                now=now,
            )
    batch.save(update_fields=["tasks_done", "state"])


def _send_back(assignment: Assignment, verdict: Verdict, *, by: User, now: datetime) -> None:
    require_move(ASSIGNMENT_MOVES, current=assignment.state, target=AssignmentState.RETURNED, what="submission")
    assignment.state = AssignmentState.RETURNED
    assignment.rounds += 1
    assignment.due_at = now + timedelta(days=RETURN_DAYS)
    assignment.heartbeat_at = now  # The time of the correction counts from its own first beat.
    assignment.reviewer, assignment.review_lease_until = None, None
    assignment.save(update_fields=["state", "rounds", "due_at", "heartbeat_at", "reviewer", "review_lease_until"])
    words = verdict.comment
    write_event(EventKind.RETURNED, task_id=assignment.task_id, assignment=assignment, by=by, now=now, words=words)
    notify(
        user=assignment.contract.expert.user,
        kind="work",
        title=f"{assignment.task.external_id} came back with comments",
        body=f"{verdict.comment}\n\nYou have {RETURN_DAYS} days to correct it. Hours already worked stay as they are.",
        path=f"/me/work/{assignment.public_id}/",
        button="Read the comments",
        now=now,
    )


def _reject(assignment: Assignment, verdict: Verdict, *, by: User, now: datetime) -> None:
    give_slot_back(assignment)
    _decide(assignment, AssignmentState.REJECTED, now=now)
    reason = RejectCode(verdict.reject_code).label
    words = f"{reason}. {verdict.comment}"
    write_event(EventKind.REJECTED, task_id=assignment.task_id, assignment=assignment, by=by, now=now, words=words)
    notify(
        user=assignment.contract.expert.user,
        kind="work",
        title=f"{assignment.task.external_id} was not accepted",
        body=f"{reason}.\n\n{verdict.comment}\n\nThis does not change the hours that you worked.",
        path=f"/me/work/{assignment.public_id}/",
        button="Read the reason",
        now=now,
    )


def _decide(assignment: Assignment, target: AssignmentState, *, now: datetime) -> None:
    require_move(ASSIGNMENT_MOVES, current=assignment.state, target=target, what="submission")
    assignment.state = target
    assignment.decided_at, assignment.due_at = now, None
    assignment.reviewer, assignment.review_lease_until = None, None
    assignment.save(update_fields=["state", "holds_slot", "decided_at", "due_at", "reviewer", "review_lease_until"])
