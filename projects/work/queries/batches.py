"""Questions about batches and their tasks."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from marketplace.accounts.models import User
from marketplace.kernel.registry import PALETTE_ROWS
from projects.hiring.enums import ContractState
from projects.hiring.models import Contract
from projects.labs.models import Lab
from projects.listings.models import Project
from projects.work.enums import AssignmentState
from projects.work.models import Assignment, Batch, Task, TaskEvent, TaskTemplate

EXPERTS_TOLD = 500


@dataclass(frozen=True, slots=True)
class Tally:
    """What is going on in a batch right now, beside the counters it keeps itself."""

    working: int = 0
    in_review: int = 0
    returned: int = 0


def newest_template(project: Project, kind: str) -> TaskTemplate | None:
    """Return the newest version of the project's template of this kind, if there is one."""
    return TaskTemplate.objects.filter(project=project, kind=kind).order_by("-version").first()


def experts_waiting(project: Project) -> QuerySet[User]:
    """Return the people with an active contract in the project, whom new work concerns."""
    hired = Contract.objects.filter(project=project, state=ContractState.ACTIVE).values("expert__user")
    return User.objects.filter(pk__in=hired, is_active=True).order_by("pk")[:EXPERTS_TOLD]


def project_of(lab: Lab, public_id: UUID | None) -> Project | None:
    """Return the lab's project that a filter names, or None."""
    return Project.objects.filter(lab=lab, public_id=public_id).first() if public_id is not None else None


def batches_of(lab: Lab) -> QuerySet[Batch]:
    """Return the lab's batches with what a list shows."""
    rows: QuerySet[Batch] = Batch.objects.filter(lab=lab).select_related("project")
    return rows


def count_by_state(batches: QuerySet[Batch]) -> dict[str, int]:
    """Return how many of these batches there are in each state."""
    return dict(batches.order_by().values_list("state").annotate(n=Count("pk")))


def tallies_of(batches: list[Batch]) -> dict[int, Tally]:
    """Return for each batch how many people work on it and wait: one query, over open assignments only."""
    open_states = [AssignmentState.WORKING, AssignmentState.SUBMITTED, AssignmentState.RETURNED]
    counted = (
        Assignment.objects.filter(task__batch__in=batches, state__in=open_states)
        .values_list("task__batch")
        .annotate(
            working=Count("pk", filter=Q(state=AssignmentState.WORKING)),
            in_review=Count("pk", filter=Q(state=AssignmentState.SUBMITTED)),
            returned=Count("pk", filter=Q(state=AssignmentState.RETURNED)),
        )
    )
    found = {batch: Tally(working, in_review, returned) for batch, working, in_review, returned in counted}
    return {batch.pk: found.get(batch.pk, Tally()) for batch in batches}


def tasks_of(batch: Batch, *, state: str = "", words: str = "") -> QuerySet[Task]:
    """Return the tasks of a batch, of one state, or whose external_id begins with the words."""
    tasks: QuerySet[Task] = Task.objects.filter(batch=batch)
    if state:
        tasks = tasks.filter(state=state)
    if words:
        tasks = tasks.filter(external_id__istartswith=words)
    return tasks


def history_of(task: Task) -> list[TaskEvent]:
    """Return everything that happened to the task, the newest first, with the alias of the expert it was about."""
    return list(TaskEvent.objects.filter(task=task).select_related("assignment__contract").order_by("-pk"))


def handouts_of(task: Task) -> QuerySet[Assignment]:
    """Return who had the task, with revisions and reviews."""
    rows: QuerySet[Assignment] = (
        Assignment.objects.filter(task=task)
        .select_related("contract", "reviewer")
        .prefetch_related("submissions__review__reviewer")
        .order_by("pk")
    )
    return rows


def found_work(user: User, text: str) -> list[tuple[str, str, str]]:
    """Return the batches with the text in their name, and the tasks with exactly this external id, of a person's labs."""
    batches = (
        Batch.objects.visible_to(user).filter(name__icontains=text).select_related("lab", "project").order_by("-pk")
    )
    tasks = (
        Task.objects.visible_to(user).filter(external_id=text).select_related("batch", "project__lab").order_by("-pk")
    )
    return [
        (row.name, row.project.title, reverse("work:batch", args=[row.lab.slug, row.public_id]))
        for row in batches[:PALETTE_ROWS]
    ] + [
        (row.external_id, row.batch.name, reverse("work:task", args=[row.project.lab.slug, row.public_id]))
        for row in tasks[:PALETTE_ROWS]
    ]
