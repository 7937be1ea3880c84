"""
Handing out tasks: claim, heartbeat, release, skip and taking back.

A claim is one statement. It walks the live batches of the project in order, and in each the partial index
`task_claimable` from the expert's cursor on, locks the first task that is free (SKIP LOCKED: nobody waits), takes one
of its slots and writes the assignment. UNIQUE(task, contract) and "one live lease per expert and project" are
constraints, so the worst a race can do is to fail and be answered with the lease that won.

Three things keep it in constant time (design 8):
- it orders by (batch, position), exactly the partial index; no other index has this order, so the planner cannot
  choose one that still holds finished work;
- "not mine already" is a scalar sub-query, which Postgres runs per candidate through the unique index, where NOT EXISTS
  could become a hash of everything the expert ever did;
- the cursor lies behind what the expert has seen. When nothing is left behind it, one pass from the start finds slots
  that came back.
Rows are locked in the order assignment, task, batch everywhere.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction

from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor, System
from marketplace.kernel.errors import Refused, WrongState
from marketplace.kernel.ids import new_public_id
from marketplace.kernel.states import require_move
from marketplace.notices.actions import notify
from projects.hiring.models import Contract
from projects.labs.queries import managers_of
from projects.work import policies
from projects.work.actions.events import give_slot_back, take_slot, write_event
from projects.work.enums import (
    ASSIGNMENT_MOVES,
    BAD_TASK_REPORTS_TO_BLOCK,
    HEARTBEAT_GAP_SECONDS,
    IDLE_SECONDS,
    LEASE_MINUTES,
    TASK_MOVES,
    AssignmentState,
    EventKind,
    SkipReason,
    TaskState,
)
from projects.work.models import Assignment, Batch, Task

LEASE = timedelta(minutes=LEASE_MINUTES)
RELEASE_LIMIT = 500
HAS_ANOTHER = "You have another task of this project in hand. Finish or skip that one first."

_CLAIM = """
WITH allowed AS (
    SELECT contract.id, contract.project_id
    FROM hiring_contract contract
    JOIN listings_project project ON project.id = contract.project_id
    WHERE contract.id = %(contract)s AND contract.state = 'ACTIVE' AND project.state = 'OPEN'
      AND NOT EXISTS (
        SELECT 1 FROM work_assignment held WHERE held.contract_id = contract.id AND held.state = 'WORKING')
), live AS MATERIALIZED (
    SELECT batch.id, CASE WHEN %(from_start)s THEN -1 ELSE COALESCE(seen.position, -1) END AS after
    FROM allowed
    JOIN work_batch batch ON batch.project_id = allowed.project_id AND batch.state = 'LIVE'
    LEFT JOIN work_expertcursor seen ON seen.batch_id = batch.id AND seen.contract_id = allowed.id
    ORDER BY batch.priority DESC, batch.number
), pick AS MATERIALIZED (
    SELECT found.* FROM live CROSS JOIN LATERAL (
        SELECT task.id, task.batch_id, task.project_id, task.position
        FROM work_task task
        WHERE task.batch_id = live.id AND task.state = 'OPEN' AND task.open_slots > 0 AND task.position > live.after
          AND (SELECT 1 FROM work_assignment mine
               WHERE mine.task_id = task.id AND mine.contract_id = %(contract)s) IS NULL
        ORDER BY task.position
        LIMIT 1
        FOR NO KEY UPDATE OF task {wait}
    ) found
    LIMIT 1
), taken AS (
    UPDATE work_task task SET open_slots = task.open_slots - 1 FROM pick WHERE task.id = pick.id
    RETURNING pick.id, pick.batch_id, pick.project_id, pick.position
), moved AS (
    INSERT INTO work_expertcursor (contract_id, batch_id, position)
    SELECT %(contract)s, taken.batch_id, taken.position FROM taken
    ON CONFLICT (contract_id, batch_id) DO UPDATE SET position = excluded.position
), leased AS (
    INSERT INTO work_assignment (public_id, task_id, contract_id, project_id, state, holds_slot, is_late, claimed_at,
        lease_until, heartbeat_at, active_seconds, draft, draft_version, rounds, skip_reason, skip_note)
    SELECT %(public_id)s, taken.id, %(contract)s, taken.project_id, 'WORKING', true, false, %(now)s,
        %(until)s, %(now)s, 0, '{{}}', 0, 0, '', ''
    FROM taken
    RETURNING id, task_id
)
INSERT INTO work_taskevent (task_id, assignment_id, kind, at, actor_kind, actor_ref, words)
SELECT leased.task_id, leased.id, 'CLAIMED', %(now)s, 'user', %(actor)s, '' FROM leased
RETURNING assignment_id
"""
_SKIPPING = _CLAIM.format(wait="SKIP LOCKED")
_WAITING = _CLAIM.format(wait="")


def claim_next(*, contract: Contract, by: User, now: datetime) -> Assignment | None:
    """
    Hand the expert the next task of the contract's project, or the one they hold already; None if there is none.

    Right when pressed twice at once: the second gets what the first got.

    :raises NotAllowed: if the contract is somebody else's.
    """
    policies.require_own_contract(by, contract)
    try:
        return _claim(contract=contract, by=by, now=now)
    except IntegrityError:  # The other window was faster: one live lease per expert and project is a constraint.
        return held_by(contract)


@transaction.atomic(durable=True)
def _claim(*, contract: Contract, by: User, now: datetime) -> Assignment | None:
    return take_next(contract=contract, by=by, now=now)


def take_next(*, contract: Contract, by: User, now: datetime, may_wait: bool = True) -> Assignment | None:
    """
    Take the next task, or return the one in hand. Needs an open transaction.

    Behind the cursor first; then from the start; then once more waiting for locks, so that "there is none" is true.

    :param may_wait: False if the transaction holds other rows already, because then waiting could end in a deadlock.
    """
    passes = [(_SKIPPING, False), (_SKIPPING, True)] + [(_WAITING, True)] * may_wait
    for statement, from_start in passes:
        values: dict[str, Any] = {
            "contract": contract.pk,
            "public_id": str(new_public_id()),
            "from_start": from_start,
            "actor": by.actor_ref,
            "now": now,
            "until": now + LEASE,
        }
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            row = cursor.fetchone()
        if row is not None:
            return Assignment.objects.with_task().get(pk=row[0])
        if not from_start and (held := held_by(contract)) is not None:
            return held
    return None


def held_by(contract: Contract) -> Assignment | None:
    """Return the task that the expert has in hand under this contract."""
    held = Assignment.objects.with_task().filter(contract=contract, state=AssignmentState.WORKING)
    return held.first()


@transaction.atomic(durable=True)
def beat(*, assignment_id: int, visible: bool, idle_seconds: int, by: User, now: datetime) -> Assignment:
    """
    Count active time and renew the lease, from one heartbeat of the workbench.

    The server's own clock measures; the browser only says whether the page is visible and how long nobody touched it.
    Time counts up to the last beat, at most HEARTBEAT_GAP_SECONDS, and not while away or hidden. Two windows of one
    task share the clock, so nothing counts twice.

    :raises NotAllowed: if the assignment is somebody else's.
    """
    assignment = locked_assignment(assignment_id)
    policies.require_own_work(by, assignment)
    if assignment.state not in {AssignmentState.WORKING, AssignmentState.RETURNED}:
        return assignment
    passed = int((now - assignment.heartbeat_at).total_seconds())
    present = visible and idle_seconds < IDLE_SECONDS
    if present and 0 < passed <= HEARTBEAT_GAP_SECONDS:
        assignment.active_seconds += passed
    if passed > 0:
        assignment.heartbeat_at = now
    if present and assignment.state == AssignmentState.WORKING:
        assignment.lease_until = now + LEASE
    assignment.save(update_fields=["active_seconds", "heartbeat_at", "lease_until"])
    return assignment


def take_back(*, assignment_id: int, by: User, now: datetime) -> Assignment:
    """
    Go on with a task whose lease ran out, if nobody else has it and no other task is in hand.

    :raises NotAllowed: if the assignment is somebody else's.
    :raises WrongState: if the lease did not run out.
    :raises Refused: if the place is gone, or another task of the project is in hand.
    """
    try:
        return _take_back(assignment_id=assignment_id, by=by, now=now)
    except IntegrityError as error:  # Another window claimed in between.
        raise Refused(HAS_ANOTHER) from error


@transaction.atomic(durable=True)
def _take_back(*, assignment_id: int, by: User, now: datetime) -> Assignment:
    assignment = locked_assignment(assignment_id)
    policies.require_own_work(by, assignment)
    require_move(ASSIGNMENT_MOVES, current=assignment.state, target=AssignmentState.WORKING, what="task")
    if held_by(assignment.contract) is not None:
        raise Refused(HAS_ANOTHER)
    if not take_slot(assignment):
        raise Refused(
            "Somebody else has this task now. Your draft is kept; you can still submit it, and it is reviewed as late."
        )
    assignment.state = AssignmentState.WORKING
    assignment.lease_until, assignment.heartbeat_at = now + LEASE, now
    assignment.save(update_fields=["state", "holds_slot", "lease_until", "heartbeat_at"])
    write_event(EventKind.TAKEN_BACK, task_id=assignment.task_id, assignment=assignment, by=by, now=now)
    return assignment


@transaction.atomic(durable=True)
def skip_task(*, assignment_id: int, reason: SkipReason, note: str, by: User, now: datetime) -> Assignment:
    """
    Give the task to somebody else, saying why. It is not handed to the same expert again and costs them nothing.

    The k-th report of a broken task takes it out of the queue and tells the lab.

    :raises NotAllowed: if the assignment is somebody else's.
    :raises WrongState: if it is not being worked on.
    """
    assignment = locked_assignment(assignment_id)
    policies.require_own_work(by, assignment)
    require_move(ASSIGNMENT_MOVES, current=assignment.state, target=AssignmentState.SKIPPED, what="task")
    give_slot_back(assignment)
    assignment.state, assignment.skip_reason, assignment.skip_note = AssignmentState.SKIPPED, reason, note
    assignment.save(update_fields=["state", "holds_slot", "skip_reason", "skip_note"])
    words = f"{reason.label}. {note}".strip()
    write_event(EventKind.SKIPPED, task_id=assignment.task_id, assignment=assignment, by=by, now=now, words=words)
    if reason == SkipReason.BAD_TASK:
        _count_report(assignment.task_id, note=note, now=now)
    return assignment


def _count_report(task_id: int, *, note: str, now: datetime) -> None:
    task = Task.objects.select_for_update(of=("self",), no_key=True).get(pk=task_id)
    task.bad_reports += 1
    blocks = task.bad_reports >= BAD_TASK_REPORTS_TO_BLOCK and task.state == TaskState.OPEN
    if blocks:
        require_move(TASK_MOVES, current=task.state, target=TaskState.BLOCKED, what="task")
        task.state = TaskState.BLOCKED
    task.save(update_fields=["bad_reports", "state"])
    if not blocks:
        return
    rule = System("reports")
    words = f"{task.bad_reports} experts say that the task is broken."
    write_event(EventKind.BLOCKED, task_id=task.pk, assignment=None, by=rule, now=now, words=words)
    batch: Batch = Batch.objects.select_for_update(of=("self",), no_key=True).get(pk=task.batch_id)
    batch.tasks_blocked += 1
    batch.save(update_fields=["tasks_blocked"])
    for manager in managers_of(batch.lab):
        notify(
            user=manager,
            kind="work",
            title=f"Task {task.external_id} was taken out of the queue",
            body=f"{words} The last one wrote: {note or 'nothing'}",
            path=f"/lab/{batch.lab.slug}/tasks/{task.public_id}/",
            button="Look at the task",
            now=now,
        )


@transaction.atomic(durable=True)
def release_expired(*, now: datetime, limit: int = RELEASE_LIMIT) -> int:
    """Take tasks whose lease has run out back into the queue, drafts kept; return how many."""
    rule: Actor = System("leases")
    over = Assignment.objects.leased_out(now).select_for_update(of=("self",), no_key=True, skip_locked=True)
    released = list(over[:limit])
    for assignment in sorted(released, key=lambda one: one.task_id):
        require_move(ASSIGNMENT_MOVES, current=assignment.state, target=AssignmentState.RELEASED, what="task")
        give_slot_back(assignment)
        assignment.state = AssignmentState.RELEASED
        assignment.save(update_fields=["state", "holds_slot"])
        write_event(EventKind.RELEASED, task_id=assignment.task_id, assignment=assignment, by=rule, now=now)
    return len(released)


def require_in_hand(assignment: Assignment) -> None:
    """
    :raises WrongState: if nothing can be written to this assignment any more.
    """
    if not assignment.is_writable:
        raise WrongState(f"This task is closed for you: {assignment.get_state_display().lower()}.")


def locked_assignment(assignment_id: int) -> Assignment:
    """Return the assignment with its task and people, its own row locked. Needs an open transaction."""
    rows = Assignment.objects.with_task().select_for_update(of=("self",), no_key=True)
    return rows.get(pk=assignment_id)
