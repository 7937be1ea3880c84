"""Which listings somebody may read, and a lab's own."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext

from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor
from marketplace.kernel.registry import PALETTE_ROWS
from projects.labs.models import Lab
from projects.listings.models import Project


def listing_or_404(actor: Actor | None, public_id: UUID) -> Project:
    """
    Return a listing that the visitor may read: open or paused for everybody, any state for the lab's own people.

    :raises Http404: the same for a foreign draft and for none.
    """
    readable = Project.objects.readable_by_anyone().values("pk")
    may_read = Q(pk__in=readable)
    if actor is not None:
        may_read |= Q(pk__in=Project.objects.visible_to(actor).values("pk"))
    project: Project | None = Project.objects.filter(may_read, public_id=public_id).with_listing().first()
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
