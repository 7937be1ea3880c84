"""What finance calls projects, as owners of accounts."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from projects.listings.models import Project


def names_of_projects(refs: Iterable[UUID]) -> dict[UUID, str]:
    """Return title and lab of the projects with these public ids, by one query."""
    projects = (
        Project.objects.filter(public_id__in=list(refs)).select_related("lab").only("public_id", "title", "lab__name")
    )
    return {project.public_id: f"{project.title}, {project.lab.name}" for project in projects}
