"""The history of a task. Needs an open transaction: the deed and its line commit together."""

from __future__ import annotations

from datetime import datetime

from marketplace.kernel.actors import Actor
from projects.work.enums import EventKind
from projects.work.models import Assignment, Task, TaskEvent


def write_event(
    kind: EventKind, *, task_id: int, assignment: Assignment | None, by: Actor, now: datetime, words: str = ""
) -> TaskEvent:
    """Add a line to the history of a task."""
    return TaskEvent.objects.create(
        task_id=task_id,
        assignment=assignment,
        kind=kind,
        at=now,
        actor_kind=by.actor_kind,
        actor_ref=by.actor_ref,
        words=words[:300],
    )


def give_slot_back(assignment: Assignment) -> None:
    """Let somebody else take the task, if this assignment kept a place of it. The caller saves the assignment."""
    if not assignment.holds_slot:
        return
    task = Task.objects.select_for_update(of=("self",), no_key=True).get(pk=assignment.task_id)
    task.open_slots += 1
    task.save(update_fields=["open_slots"])
    assignment.holds_slot = False


def take_slot(assignment: Assignment) -> bool:
    """Take a free place of the task for this assignment; return False if there is none. The caller saves it."""
    if assignment.holds_slot:
        return True
    task = Task.objects.select_for_update(of=("self",), no_key=True).get(pk=assignment.task_id)
    if task.state != "OPEN" or task.open_slots == 0:
        return False
    task.open_slots -= 1
    task.save(update_fields=["open_slots"])
    assignment.holds_slot = True
    return True
