"""Questions about invitations to gigs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from marketplace.accounts.models import User
from projects.hiring.enums import INVITATIONS_A_DAY, InvitationState
from projects.hiring.models import GigInvitation, LabMute
from projects.labs.models import Lab
from projects.listings.models import Project


def invitation_to(user: User, project: Project) -> GigInvitation | None:
    """Return the invitation of this person to a project, whatever became of it."""
    found: GigInvitation | None = GigInvitation.objects.of_expert(user).filter(project=project).first()
    return found


def projects_invited_to(user: User) -> QuerySet[Any, Any]:
    """Return the ids of the projects that a person reads because they were invited, as long as that stands."""
    standing = [InvitationState.SENT, InvitationState.ACCEPTED]
    return GigInvitation.objects.of_expert(user).filter(state__in=standing).values("project")


def open_invitations(user: User) -> QuerySet[GigInvitation]:
    """Return the invitations that wait for this person, the most urgent first."""
    return GigInvitation.objects.of_expert(user).open().with_gig().order_by("due_at", "pk")


def invitations_of_project(project: Project) -> QuerySet[GigInvitation]:
    """Return whom the lab invited to a project, the newest first."""
    return GigInvitation.objects.filter(project=project).with_gig().order_by("-pk")


def muted_by(user: User) -> QuerySet[LabMute]:
    """Return the labs from which this person wants no invitations."""
    return LabMute.objects.visible_to(user).select_related("lab").order_by("lab__name", "pk")


def invitations_left(lab: Lab, *, now: datetime) -> int:
    """Return how many experts the lab may still invite today: within the last 24 hours, over all its projects."""
    since = now - timedelta(days=1)
    sent = GigInvitation.objects.filter(project__lab=lab, sent_at__gt=since).count()
    return max(0, INVITATIONS_A_DAY - sent)


def invitation_of(user: User, invitation_id: UUID) -> GigInvitation | None:
    """Return an invitation of this person by its address."""
    found: GigInvitation | None = (
        GigInvitation.objects.of_expert(user).with_gig().filter(public_id=invitation_id).first()
    )
    return found
