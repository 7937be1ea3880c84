"""Which listings somebody may read because of what they have with them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from marketplace.accounts.models import User
from projects.hiring.models import Application


def projects_applied_to(user: User) -> QuerySet[Any, Any]:
    """Return the ids of the projects that a person applied to, whatever became of it; a contract began so too."""
    return Application.objects.of_expert(user).values("project")
