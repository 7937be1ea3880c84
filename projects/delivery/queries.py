"""Questions about exports and what goes into them."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from projects.delivery.models import Export
from projects.labs.models import Lab
from projects.listings.models import Project
from projects.work.enums import AssignmentState
from projects.work.models import Assignment, Batch


def accepted(project: Project, kind: str, as_of: datetime) -> QuerySet[Assignment]:
    """Return the accepted work of a project up to a moment. Accepted is final, so the same moment is the same set."""
    rows: QuerySet[Assignment] = Assignment.objects.filter(
        project=project, state=AssignmentState.ACCEPTED, decided_at__lte=as_of, task__batch__kind=kind
    )
    return rows


def exports_of(lab: Lab) -> QuerySet[Export]:
    """Return the lab's exports with what a list shows."""
    rows: QuerySet[Export] = Export.objects.filter(lab=lab).select_related("project", "lab")
    return rows


def exportable(lab: Lab) -> list[tuple[Project, str]]:
    """Return (project, kind) for everything that has batches, the newest project first."""
    pairs = Batch.objects.filter(lab=lab, live_at__isnull=False).values_list("project", "kind").distinct()
    kinds = sorted(pairs, key=lambda pair: (-pair[0], pair[1]))
    projects = Project.objects.filter(lab=lab).in_bulk({pk for pk, _kind in kinds})
    return [(projects[pk], kind) for pk, kind in kinds]
