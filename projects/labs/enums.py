"""Roles inside a lab, and what an API key may do."""

from django.db import models


class LabRole(models.TextChoices):
    OWNER = "OWNER", "Owner"
    MANAGER = "MANAGER", "Manager"
    REVIEWER = "REVIEWER", "Reviewer"
    MEMBER = "MEMBER", "Member, reads only"


MANAGING_ROLES = frozenset({LabRole.OWNER, LabRole.MANAGER})
REVIEWING_ROLES = frozenset({LabRole.OWNER, LabRole.MANAGER, LabRole.REVIEWER})


INVITATION_DAYS = 7
"""So long an e-mail that invites somebody works."""
INVITATIONS_OPEN_MAX = 100
"""So many people can be asked at a time; an account that was taken over must not become a mail gun."""
INVITATION_SENDS_MAX = 5
INVITATION_KEPT_DAYS = 30
"""So long an address is kept that was invited and never came."""

REVIEW_DAYS_MAX = 7
ROUNDS_MAX = 3
"""What the product promises experts at least: a lab may review faster and send back less often, never the other way."""


class Scope(models.TextChoices):
    """What an API key may do."""

    PROJECTS_READ = "projects:read", "Read projects"
    PROJECTS_WRITE = "projects:write", "Create and change projects"
    TASKS_READ = "tasks:read", "Read batches, tasks and submissions"
    TASKS_WRITE = "tasks:write", "Create batches and tasks"
    EXPORTS = "exports", "Create and download exports"
