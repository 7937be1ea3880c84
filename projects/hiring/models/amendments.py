"""Amendments: what a lab proposes to change, and the answer. An accepted one has become a version of the contract."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor
from marketplace.kernel.ids import new_public_id
from projects.hiring.enums import AmendmentState
from projects.hiring.models.contracts import Contract, ContractVersion, begins_on_a_monday
from projects.labs.models import ApiKey, Lab


class AmendmentQuerySet(models.QuerySet["Amendment"]):
    def visible_to(self, actor: Actor) -> Self:
        if isinstance(actor, ApiKey):
            return self.filter(contract__lab_id=actor.lab_id)
        if isinstance(actor, User):
            labs = Lab.objects.visible_to(actor).values("pk")
            return self.filter(Q(contract__expert__user=actor) | Q(contract__lab__in=labs))
        return self.none()

    def overdue(self, now: datetime) -> Self:
        """Those that nobody answered in time."""
        return self.filter(state=AmendmentState.PROPOSED, answer_by__lte=now).order_by("answer_by", "pk")


class Amendment(models.Model):
    """
    New terms of pay that a lab proposes: rate, weekly cap, last day, from a Monday 00:00 UTC on.

    Nothing changes before the expert accepts. `answer_by` is never after the first moment at which it would count, so no
    week that has begun can be changed.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="amendments")
    state = models.CharField(max_length=10, choices=AmendmentState, default=AmendmentState.PROPOSED)
    rate_minor = models.BigIntegerField()
    weekly_cap_minutes = models.PositiveIntegerField()
    ends_on = models.DateField(null=True, blank=True)
    effective_from = models.DateTimeField()
    is_cut = models.BooleanField()
    reason = models.TextField(max_length=2000)
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answer_by = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    version = models.OneToOneField(
        ContractVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="amendment"
    )

    objects: ClassVar[Any] = AmendmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contract"], condition=Q(state="PROPOSED"), name="contract_has_one_open_amendment"
            ),
            models.CheckConstraint(
                condition=Q(state=AmendmentState.ACCEPTED, version__isnull=False)
                | ~Q(state=AmendmentState.ACCEPTED) & Q(version__isnull=True),
                name="accepted_amendment_is_a_version",
            ),
            models.CheckConstraint(
                condition=Q(begins_on_a_monday("effective_from")), name="amendment_begins_on_a_monday"
            ),
            models.CheckConstraint(
                condition=Q(answer_by__lte=models.F("effective_from")), name="amendment_is_answered_before_it_counts"
            ),
            models.CheckConstraint(condition=Q(rate_minor__gt=0), name="amended_rate_is_positive"),
            models.CheckConstraint(
                condition=Q(weekly_cap_minutes__gte=60, weekly_cap_minutes__lte=3600),
                name="amended_week_has_between_1_and_60_hours",
            ),
        ]
        indexes = [
            models.Index(fields=["answer_by"], condition=Q(state="PROPOSED"), name="amendment_that_waits"),
        ]

    def __str__(self) -> str:
        return f"amendment {self.public_id}"

    @property
    def begins_on(self) -> date:
        """The Monday, as it stands in UTC; in the reader's zone it may still be Sunday."""
        return self.effective_from.astimezone(UTC).date()
