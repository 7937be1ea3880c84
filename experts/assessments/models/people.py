"""What an expert asks for privately, and what this room tells the rooms above it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from experts.assessments.enums import EXTRA_TIME, AccommodationState
from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.kernel.events import Event
from marketplace.kernel.ids import new_public_id
from marketplace.kernel.jobs import JobQuerySet


class AccommodationQuerySet(models.QuerySet["Accommodation"]):
    def visible_to(self, user: User) -> Self:
        """The expert, and vetting staff who answer requests; no page about a case, a script or a gig shows it."""
        if user.is_vetting_staff:
            return self
        return self.filter(expert__user=user)

    def waiting(self) -> Self:
        return self.filter(state=AccommodationState.ASKED)

    def overdue(self, now: datetime) -> Self:
        """Promised for a day that has passed."""
        return self.waiting().filter(due_at__lte=now).order_by("due_at", "pk")

    def granted(self) -> Self:
        return self.filter(state=AccommodationState.GRANTED)


class Accommodation(models.Model):
    """Other conditions for the same questions. No diagnosis is asked for; whoever grants says what was granted."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="accommodations")
    state = models.CharField(max_length=10, choices=AccommodationState, default=AccommodationState.ASKED)
    extra_time = models.PositiveSmallIntegerField(default=0)
    may_pause = models.BooleanField(default=False)
    may_write = models.BooleanField(default=False)  # instead of speaking, in spoken interviews
    words = models.TextField(blank=True, default="")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    about = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    answer = models.TextField(blank=True, default="")

    objects: ClassVar[Any] = AccommodationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["expert"],
                condition=Q(state=AccommodationState.ASKED),
                name="expert_has_one_waiting_request_for_accommodation",
            ),
            models.UniqueConstraint(
                fields=["expert"],
                condition=Q(state=AccommodationState.GRANTED),
                name="expert_has_one_granted_accommodation",
            ),
            models.CheckConstraint(
                condition=Q(extra_time__in=EXTRA_TIME), name="extra_time_asked_for_is_one_that_can_be_granted"
            ),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=F("about")),
                name="nobody_grants_their_own_accommodation",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["GRANTED", "DECLINED"])
                | Q(answered_by__isnull=False, answered_at__isnull=False),
                name="answered_request_names_who_and_when",
            ),
            models.CheckConstraint(
                condition=~Q(state=AccommodationState.DECLINED) | ~Q(answer=""),
                name="declined_accommodation_gives_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"accommodation {self.pk}"


class ResultEvent(Event):
    """What this room tells the rooms above it: "result_changed"."""

    objects: ClassVar[Any] = JobQuerySet.as_manager()
