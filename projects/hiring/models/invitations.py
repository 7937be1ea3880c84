"""Invitations of experts to a gig, and the labs that an expert wants no invitations from."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor
from marketplace.kernel.ids import new_public_id
from projects.hiring.enums import InvitationState
from projects.hiring.models.applications import Application
from projects.hiring.models.matching import MatchWeights
from projects.labs.enums import MANAGING_ROLES
from projects.labs.models import Lab
from projects.listings.models import Project


class GigInvitationQuerySet(models.QuerySet["GigInvitation"]):
    def visible_to(self, actor: Actor) -> Self:
        """The expert who was invited, and those who invite for the lab."""
        if isinstance(actor, User):
            labs = Lab.objects.filter(memberships__user=actor, memberships__role__in=sorted(MANAGING_ROLES)).values(
                "pk"
            )
            return self.filter(Q(expert__user=actor) | Q(project__lab__in=labs))
        return self.none()

    def of_expert(self, user: User) -> Self:
        return self.filter(expert__user=user)

    def open(self) -> Self:
        return self.filter(state=InvitationState.SENT)

    def overdue(self, now: datetime) -> Self:
        return self.open().filter(due_at__lte=now).order_by("due_at", "pk")

    def with_gig(self) -> Self:
        return self.select_related("project__lab", "expert__user", "sent_by", "application")


class GigInvitation(models.Model):
    """
    A lab asks one expert to apply to one project. Applying accepts it; silence lets it lapse.

    `rank`, `points` and `weights` say how the expert stood among the candidates when they were invited.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="invitations")
    expert = models.ForeignKey(Expert, on_delete=models.PROTECT, related_name="invitations")
    state = models.CharField(max_length=10, choices=InvitationState, default=InvitationState.SENT)
    message = models.TextField(max_length=600, blank=True, default="")
    weights = models.ForeignKey(MatchWeights, on_delete=models.PROTECT, related_name="+")
    rank = models.PositiveIntegerField()
    points = models.PositiveIntegerField()  # in hundredths
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    application = models.OneToOneField(
        Application, on_delete=models.PROTECT, null=True, blank=True, related_name="invitation"
    )

    objects: ClassVar[Any] = GigInvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "expert"], name="expert_is_invited_to_a_project_once"),
            models.CheckConstraint(
                condition=Q(state=InvitationState.SENT, answered_at__isnull=True)
                | ~Q(state=InvitationState.SENT) & Q(answered_at__isnull=False),
                name="ended_gig_invitation_says_when",
            ),
            models.CheckConstraint(
                condition=Q(state=InvitationState.ACCEPTED, application__isnull=False)
                | ~Q(state=InvitationState.ACCEPTED) & Q(application__isnull=True),
                name="accepted_gig_invitation_names_its_application",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="gig_invitations_that_wait", condition=Q(state=InvitationState.SENT)),
            models.Index(fields=["expert", "state"], name="gig_invitations_of_expert"),
        ]

    def __str__(self) -> str:
        return f"invitation to {self.project}"

    @property
    def is_open(self) -> bool:
        return self.state == InvitationState.SENT


class LabMuteQuerySet(models.QuerySet["LabMute"]):
    def visible_to(self, actor: Actor) -> Self:
        """The expert alone. A lab never learns that it was muted."""
        return self.filter(expert__user=actor) if isinstance(actor, User) else self.none()


class LabMute(models.Model):
    """An expert wants no more invitations from a lab. They are left out of its ranking and may still apply."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="muted_labs")
    lab = models.ForeignKey(Lab, on_delete=models.CASCADE, related_name="+")
    muted_at = models.DateTimeField()

    objects: ClassVar[Any] = LabMuteQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["expert", "lab"], name="expert_mutes_a_lab_once")]

    def __str__(self) -> str:
        return f"{self.expert} mutes {self.lab}"
