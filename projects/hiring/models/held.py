"""Decisions about many candidates, which wait a few minutes before they count and before anybody is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from marketplace.kernel.ids import new_public_id
from projects.hiring.enums import ApplicationState, DeclineCode, HeldKind, HeldState
from projects.hiring.models.applications import Application
from projects.labs.models import Lab


class HeldDecisionQuerySet(models.QuerySet["HeldDecision"]):
    def of_lab(self, lab: Lab) -> Self:
        return self.filter(application__project__lab=lab)

    def held(self) -> Self:
        return self.filter(state=HeldState.HELD)

    def due(self, now: datetime) -> Self:
        return self.held().filter(applies_at__lte=now).order_by("applies_at", "pk")


class HeldDecision(models.Model):
    """
    What a manager decided about one of many candidates. Until `applies_at` it can be undone, and no e-mail has gone.

    It counts only if the application is then still where it stood (`held_from`); else it comes to nothing, and `words`
    says why.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    group = models.UUIDField(db_index=True)  # those decided with one press
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="held")
    kind = models.CharField(max_length=10, choices=HeldKind)
    held_from = models.CharField(max_length=12, choices=ApplicationState)
    code = models.CharField(max_length=24, choices=DeclineCode, blank=True, default="")
    reason = models.TextField(max_length=2000, blank=True, default="")
    state = models.CharField(max_length=8, choices=HeldState, default=HeldState.HELD)
    words = models.CharField(max_length=200, blank=True, default="")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    held_at = models.DateTimeField()
    applies_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = HeldDecisionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application"], condition=Q(state=HeldState.HELD), name="application_has_one_held_decision"
            ),
            models.CheckConstraint(
                condition=~Q(kind=HeldKind.DECLINE) | ~Q(code="") & ~Q(reason=""), name="held_decline_says_why"
            ),
            models.CheckConstraint(
                condition=Q(state=HeldState.HELD, settled_at__isnull=True)
                | ~Q(state=HeldState.HELD) & Q(settled_at__isnull=False),
                name="settled_decision_says_when",
            ),
            models.CheckConstraint(condition=Q(applies_at__gt=F("held_at")), name="held_decision_can_be_undone"),
        ]
        indexes = [
            models.Index(fields=["applies_at"], name="held_decisions_that_wait", condition=Q(state=HeldState.HELD))
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, held"
