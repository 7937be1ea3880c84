"""Applications: an expert asks for a place in a project."""

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
from projects.hiring.enums import (
    LIVE_APPLICATION_STATES,
    WAITING_APPLICATION_STATES,
    ApplicationState,
    DeclineCode,
    HeldState,
)
from projects.labs.models import ApiKey, Lab
from projects.listings.models import Project


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, actor: Actor) -> Self:
        """The expert it belongs to, and the lab's members once it was submitted."""
        if isinstance(actor, ApiKey):
            return self.filter(project__lab_id=actor.lab_id, submitted_at__isnull=False)
        if isinstance(actor, User):
            labs = Lab.objects.visible_to(actor).values("pk")
            theirs = Q(project__lab__in=labs, submitted_at__isnull=False)
            return self.filter(Q(expert__user=actor) | theirs)
        return self.none()

    def of_expert(self, user: User) -> Self:
        return self.filter(expert__user=user)

    def of_lab(self, lab: Lab) -> Self:
        """What a lab sees: everything that was submitted. A draft that was withdrawn was never theirs to read."""
        return self.filter(project__lab=lab, submitted_at__isnull=False)

    def with_people(self) -> Self:
        return self.select_related("expert__user", "project__lab", "project__assessed_field", "decided_by")

    def overdue(self, now: datetime) -> Self:
        """Submitted or shortlisted, the lab's clock has run out, and no decision that was made in time is held back."""
        late = self.filter(state__in=WAITING_APPLICATION_STATES, due_at__lte=now)
        return late.exclude(held__state=HeldState.HELD).order_by("due_at", "pk")


class Application(models.Model):
    """One expert's application to one project. Contact data stays hidden from the lab until hired."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    expert = models.ForeignKey(Expert, on_delete=models.PROTECT, related_name="applications")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="applications")
    state = models.CharField(max_length=12, choices=ApplicationState, default=ApplicationState.STARTED)
    note = models.TextField(max_length=3000, blank=True, default="")
    answers = models.JSONField(default=list)  # [{question, answer}] in the order of the listing
    work_authorised_at = models.DateTimeField(null=True, blank=True)
    work_authorised_in = models.CharField(max_length=2, blank=True, default="")  # the country it was said of
    conflicts_declared_at = models.DateTimeField(null=True, blank=True)
    conflicts = models.TextField(max_length=1000, blank=True, default="")
    version = models.PositiveIntegerField(default=0)  # of the autosaved draft
    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decline_code = models.CharField(max_length=24, choices=DeclineCode, blank=True, default="")
    decline_reason = models.TextField(max_length=2000, blank=True, default="")

    objects: ClassVar[Any] = ApplicationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["expert", "project"],
                condition=Q(state__in=sorted(LIVE_APPLICATION_STATES)),
                name="expert_has_one_live_application_per_project",
            ),
            models.CheckConstraint(
                condition=~Q(state=ApplicationState.DECLINED) | ~Q(decline_code="") & ~Q(decline_reason=""),
                name="declined_application_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["STARTED", "WITHDRAWN"]) | Q(submitted_at__isnull=False),
                name="application_beyond_started_was_submitted",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(WAITING_APPLICATION_STATES)) | Q(due_at__isnull=False),
                name="application_that_waits_has_a_clock",
            ),
        ]
        indexes = [models.Index(fields=["project", "state"], name="application_pipeline")]

    def __str__(self) -> str:
        return f"{self.expert} to {self.project}"
