"""Questions about applications: the pipeline of a lab, and what waits."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Case, Count, F, FloatField, Q, QuerySet, Value, When
from django.db.models.functions import Extract

from marketplace.accounts.models import User
from projects.hiring.enums import WAITING_APPLICATION_STATES
from projects.hiring.models import Application
from projects.labs.models import Lab
from projects.listings.models import Project


def application_of(user: User, project: Project) -> Application | None:
    """Return this person's newest application to a project, if there is one."""
    return Application.objects.of_expert(user).filter(project=project).order_by("-pk").first()


BEYOND_ANY_CLOCK: Final = 10**12


def pipeline_counts(lab: Lab, project: Project | None = None) -> dict[str, int]:
    """Return how many applications of the lab stand in each state."""
    rows = Application.objects.of_lab(lab)
    if project is not None:
        rows = rows.filter(project=project)
    return dict(rows.values_list("state").annotate(count=Count("pk")))


def candidates_waiting(lab: Lab) -> int:
    """Return how many applications wait for the lab's decision."""
    return int(Application.objects.of_lab(lab).filter(state__in=WAITING_APPLICATION_STATES).count())


def candidates_in_turn(lab: Lab, project: Project | None = None, state: str = "") -> QuerySet[Application]:
    """
    Return the applications of a lab: those that wait for a decision by their clock, then the rest, the newest first.

    `turn` and the row id are their order: seconds until the clock's end since 1970, or far beyond for the rest.
    """
    rows = Application.objects.of_lab(lab).with_people()
    if project is not None:
        rows = rows.filter(project=project)
    if state:
        rows = rows.filter(state=state)
    waits = When(state__in=WAITING_APPLICATION_STATES, then=Extract("due_at", "epoch"))
    turn = Case(waits, default=Value(BEYOND_ANY_CLOCK) - F("pk"), output_field=FloatField())
    return rows.annotate(turn=turn).order_by("turn", "pk")


def candidates_after(rows: QuerySet[Application], pk: int | None) -> QuerySet[Application]:
    """Return what follows an application in the order of `candidates_in_turn`; the first page if it is not there."""
    last: Any = rows.filter(pk=pk).first() if pk else None
    if last is None:
        return rows
    return rows.filter(Q(turn__gt=last.turn) | Q(turn=last.turn, pk__gt=last.pk))
