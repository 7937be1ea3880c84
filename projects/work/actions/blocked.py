"""Tasks that experts reported as broken: the lab opens them again or takes them out for good."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marketplace.audit.actions import record
from marketplace.kernel.actors import Actor
from marketplace.kernel.errors import WrongState
from marketplace.kernel.states import require_move
from projects.work import policies
from projects.work.actions.events import write_event
from projects.work.enums import BATCH_MOVES, TASK_MOVES, BatchState, EventKind, TaskState
from projects.work.models import Batch, Task


@transaction.atomic(durable=True)
def reopen_task(*, task_id: int, by: Actor, now: datetime) -> Task:
    """
    Hand a blocked task out again; its reports count from zero. With enough accepted answers it is done instead.

    :raises NotAllowed: if `by` may not run batches of this lab.
    :raises WrongState: if the task is not blocked.
    """
    task = _locked(task_id, by=by)
    is_done = task.accepted_count >= task.overlap
    target = TaskState.DONE if is_done else TaskState.OPEN
    require_move(TASK_MOVES, current=task.state, target=target, what="task")
    task.state, task.bad_reports = target, 0
    task.save(update_fields=["state", "bad_reports"])
    batch = _locked_batch(task)
    batch.tasks_blocked -= 1
    batch.tasks_done += int(is_done)
    _finish_if_over(batch)
    write_event(EventKind.REOPENED, task_id=task.pk, assignment=None, by=by, now=now)
    record(what="work.reopen_task", by=by, about=task, now=now)
    return task


@transaction.atomic(durable=True)
def cancel_task(*, task_id: int, by: Actor, now: datetime) -> Task:
    """
    Take a blocked task out of its batch for good. What was accepted of it stays.

    :raises NotAllowed: if `by` may not run batches of this lab.
    :raises WrongState: if the task is not blocked.
    """
    task = _locked(task_id, by=by)
    require_move(TASK_MOVES, current=task.state, target=TaskState.CANCELLED, what="task")
    task.state = TaskState.CANCELLED
    task.save(update_fields=["state"])
    batch = _locked_batch(task)
    batch.tasks_blocked -= 1
    batch.tasks_cancelled += 1
    _finish_if_over(batch)
    write_event(EventKind.CANCELLED, task_id=task.pk, assignment=None, by=by, now=now)
    record(what="work.cancel_task", by=by, about=task, now=now)
    return task


def _locked(task_id: int, *, by: Actor) -> Task:
    rows = Task.objects.select_related("project__lab").select_for_update(of=("self",), no_key=True)
    task: Task = rows.get(pk=task_id)
    policies.require_may_run_batches(task.project.lab, by)
    if task.state != TaskState.BLOCKED:
        raise WrongState(
            f"Only a task that was blocked by reports needs this; it is {task.get_state_display().lower()}."
        )
    return task


def _locked_batch(task: Task) -> Batch:
    batch: Batch = Batch.objects.select_for_update(of=("self",), no_key=True).get(pk=task.batch_id)
    return batch


def _finish_if_over(batch: Batch) -> None:
    if batch.tasks_left == 0 and batch.state in {BatchState.LIVE, BatchState.PAUSED}:
        require_move(BATCH_MOVES, current=batch.state, target=BatchState.FINISHED, what="batch")
        batch.state = BatchState.FINISHED
    batch.save(update_fields=["tasks_blocked", "tasks_done", "tasks_cancelled", "state"])
