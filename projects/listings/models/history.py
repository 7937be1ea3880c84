"""What a listing said and where it stood: versions, moves, the question to staff, and what rooms above are told."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from marketplace.accounts.enums import StaffRoleKind
from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor
from marketplace.kernel.events import Event
from marketplace.kernel.ids import new_public_id
from marketplace.kernel.jobs import JobQuerySet
from projects.listings.enums import ProjectState, ReviewState
from projects.listings.models.projects import Project


class ListingVersion(models.Model):
    """
    What a listing said from a moment on, as the JSON of `actions.shape.Listing`. A trigger refuses every change.

    The first is written when it is published, one more with each change after that. Rates stand in columns too, so that
    a lower relisting is found without reading texts.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    currency = models.CharField(max_length=3)
    rate_min_minor = models.BigIntegerField()
    rate_max_minor = models.BigIntegerField()
    by = models.ForeignKey(  # empty: a program of the lab, which the audit trail names
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="listing_version_is_numbered_once"),
            models.CheckConstraint(
                condition=Q(rate_min_minor__gt=0, rate_min_minor__lte=F("rate_max_minor")),
                name="listing_version_pays_an_ordered_range",
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"


class StatusChange(models.Model):
    """One move of a project, with its reason: what its page shows as history. A trigger refuses every change."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="history")
    state = models.CharField(max_length=12, choices=ProjectState)
    reason = models.TextField(blank=True, default="")
    expected_back_on = models.DateField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["project", "at"], name="project_history")]

    def __str__(self) -> str:
        return f"{self.state} at {self.at}"


class ListingReviewQuerySet(models.QuerySet["ListingReview"]):
    def visible_to(self, actor: Actor) -> Self:
        """Vetting and support staff, and the members of the lab that it is about."""
        if not isinstance(actor, User):
            return self.none()
        if actor.is_vetting_staff or StaffRoleKind.SUPPORT in actor.staff_roles:
            return self
        return self.filter(project__lab__memberships__user=actor)

    def waiting(self) -> Self:
        return self.filter(state=ReviewState.WAITING).order_by("asked_at", "pk")


class ListingReview(models.Model):
    """A question to staff: this pays less than the same work did within sixty days. `earlier` may be the listing itself."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="reviews")
    state = models.CharField(max_length=10, choices=ReviewState, default=ReviewState.WAITING)
    earlier = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    earlier_min_minor = models.BigIntegerField()
    earlier_max_minor = models.BigIntegerField()
    earlier_until = models.DateTimeField()  # the last moment at which that rate was listed
    likeness_percent = models.PositiveSmallIntegerField()
    rate_min_minor = models.BigIntegerField()
    rate_max_minor = models.BigIntegerField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.TextField(max_length=2000, blank=True, default="")

    objects: ClassVar[Any] = ListingReviewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project"], condition=Q(state="WAITING"), name="listing_waits_for_one_review_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state="WAITING", decided_at__isnull=True)
                | ~Q(state="WAITING") & Q(decided_at__isnull=False),
                name="listing_review_that_ended_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="SENT_BACK") | ~Q(reason="") & Q(decided_by__isnull=False),
                name="listing_that_is_sent_back_is_told_why",
            ),
        ]

    def __str__(self) -> str:
        return f"review of {self.project}"


class ListingEvent(Event):
    """What listings tell the rooms above: a listing was changed, paused, opened again, closed."""

    objects: ClassVar[Any] = JobQuerySet.as_manager()
