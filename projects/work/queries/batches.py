"""Questions about batches."""

from __future__ import annotations

from django.db.models import QuerySet

from marketplace.accounts.models import User
from projects.hiring.enums import ContractState
from projects.hiring.models import Contract
from projects.listings.models import Project
from projects.work.models import TaskTemplate

EXPERTS_TOLD = 500


def newest_template(project: Project, kind: str) -> TaskTemplate | None:
    """Return the newest version of the project's template of this kind, if there is one."""
    return TaskTemplate.objects.filter(project=project, kind=kind).order_by("-version").first()


def experts_waiting(project: Project) -> QuerySet[User]:
    """Return the people with an active contract in the project, whom new work concerns."""
    hired = Contract.objects.filter(project=project, state=ContractState.ACTIVE).values("expert__user")
    return User.objects.filter(pk__in=hired, is_active=True).order_by("pk")[:EXPERTS_TOLD]
