"""Which listings somebody may read, and a lab's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext

from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor
from marketplace.kernel.registry import PALETTE_ROWS
from projects.labs.models import Lab
from projects.listings.models import Project, StatusChange

HISTORY_SHOWN = 30

known_to: dict[str, Callable[[User], QuerySet[Any, Any]]] = {}
"""
Rooms above add here, by a name, which projects a person may read beside the public ones: those they applied to, work on, or
were invited to. Each returns rows of which one column is selected: the project's row id.
"""


def readable_by(actor: Actor | None) -> Q:
    """
    Return the condition for the listings that a visitor may read: what is public or known by its link, what the rooms above
    say that they know, and everything of their own labs.
    """
    may_read = Q(pk__in=Project.objects.readable_by_anyone().values("pk"))
    if actor is not None:
        may_read |= Q(pk__in=Project.objects.visible_to(actor).values("pk"))
    if isinstance(actor, User):
        published = Project.objects.filter(published_at__isnull=False)
        for door in known_to.values():
            may_read |= Q(pk__in=published.filter(pk__in=door(actor)).values("pk"))
    return may_read


def may_read_listing(user: User, project: Project) -> bool:
    """Whether a person may read a listing, and so may apply to it once it is open."""
    return Project.objects.filter(readable_by(user), pk=project.pk).exists()


def listing_or_404(actor: Actor | None, public_id: UUID) -> Project:
    """
    Return a listing that the visitor may read: open or paused for everybody, any state for the lab's own people, and one
    that was published for those who applied to it, work on it, or were invited.

    :raises Http404: the same for a foreign draft and for none.
    """
    project: Project | None = Project.objects.filter(readable_by(actor), public_id=public_id).with_listing().first()
    if project is None:
        raise Http404
    return project


def project_or_404(actor: Actor, lab: Lab, public_id: UUID) -> Project:
    """
    Return a project of a lab's dashboard.

    :raises Http404: the same for a foreign project and for none.
    """
    rows = Project.objects.visible_to(actor).filter(lab=lab, public_id=public_id)
    project: Project | None = rows.with_listing().first()
    if project is None:
        raise Http404
    return project


def projects_of_lab(lab: Lab) -> QuerySet[Project]:
    """Return the lab's projects with what a list shows."""
    projects: QuerySet[Project] = Project.objects.filter(lab=lab).with_listing()
    return projects


def history_of(project: Project) -> list[StatusChange]:
    """Return where a project stood and why, the newest first, since it left the draft."""
    return list(StatusChange.objects.filter(project=project).order_by("-at", "-pk")[:HISTORY_SHOWN])


def count_by_state(lab: Lab) -> dict[str, int]:
    """Return how many projects of the lab stand in each state."""
    return dict(Project.objects.filter(lab=lab).order_by().values_list("state").annotate(number=Count("pk")))


def found_projects(user: User, text: str) -> list[tuple[str, str, str]]:
    """Return the projects of a person's labs whose title holds the text, for the command palette."""
    rows = Project.objects.visible_to(user).filter(title__icontains=text).select_related("lab").order_by("-pk")
    return [
        (
            row.title,
            gettext("%s, project") % row.lab.name,
            reverse("listings:project", args=[row.lab.slug, row.public_id]),
        )
        for row in rows[:PALETTE_ROWS]
    ]
