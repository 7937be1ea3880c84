"""Roles inside a lab, and what an API key may do."""

from django.db import models


class LabRole(models.TextChoices):
    OWNER = "OWNER", "Owner"
    MANAGER = "MANAGER", "Manager"
    REVIEWER = "REVIEWER", "Reviewer"
    MEMBER = "MEMBER", "Member, reads only"


MANAGING_ROLES = frozenset({LabRole.OWNER, LabRole.MANAGER})
REVIEWING_ROLES = frozenset({LabRole.OWNER, LabRole.MANAGER, LabRole.REVIEWER})


class Scope(models.TextChoices):
    """What an API key may do."""

    PROJECTS_READ = "projects:read", "Read projects"
    PROJECTS_WRITE = "projects:write", "Create and change projects"
    TASKS_READ = "tasks:read", "Read batches, tasks and submissions"
    TASKS_WRITE = "tasks:write", "Create batches and tasks"
    EXPORTS = "exports", "Create and download exports"
