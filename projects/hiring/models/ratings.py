"""Ratings of an ended contract: each side once, and neither sees the other's before both are given or the time is over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor
from marketplace.kernel.ids import new_public_id
from projects.hiring.enums import RATING_DAYS, FlagState, Side
from projects.hiring.models.contracts import Contract
from projects.labs.models import ApiKey, Lab


class RatingQuerySet(models.QuerySet["Rating"]):
    def visible_to(self, actor: Actor) -> Self:
        """What is shown to both sides, and what one's own side gave. Staff see what was reported."""
        shown = Q(revealed_at__isnull=False)
        if isinstance(actor, ApiKey):
            return self.filter(Q(contract__lab_id=actor.lab_id) & (shown | Q(side=Side.LAB)))
        if isinstance(actor, User):
            labs = Lab.objects.visible_to(actor).values("pk")
            of_expert = Q(contract__expert__user=actor) & (shown | Q(side=Side.EXPERT))
            of_lab = Q(contract__lab__in=labs) & (shown | Q(side=Side.LAB))
            reported = Q(flag_state__gt="") if actor.is_vetting_staff else Q(pk__in=[])
            return self.filter(of_expert | of_lab | reported)
        return self.none()

    def counted(self) -> Self:
        """What averages are made of: shown, and not taken away by staff."""
        return self.filter(revealed_at__isnull=False).exclude(flag_state=FlagState.HIDDEN)

    def to_reveal(self, now: datetime) -> Self:
        """Those that still wait for the other side although the time to give one is over."""
        waiting = self.filter(revealed_at__isnull=True, contract__ended_at__lte=now - timedelta(days=RATING_DAYS))
        return waiting.order_by("pk")

    def reported(self) -> Self:
        """What staff still have to look at, the oldest report first."""
        return self.filter(flag_state=FlagState.OPEN).order_by("flagged_at", "pk")


class Rating(models.Model):
    """What one side says of the other after the end: one to five, and words. Its side never changes it."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="ratings")
    side = models.CharField(max_length=6, choices=Side)
    stars = models.PositiveSmallIntegerField()
    words = models.TextField(max_length=1000)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    revealed_at = models.DateTimeField(null=True, blank=True)
    reply = models.TextField(max_length=1000, blank=True, default="")
    replied_at = models.DateTimeField(null=True, blank=True)
    flag_state = models.CharField(max_length=6, choices=FlagState, blank=True, default="")
    flag_reason = models.TextField(max_length=1000, blank=True, default="")
    flagged_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_why = models.TextField(max_length=1000, blank=True, default="")

    objects: ClassVar[Any] = RatingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract", "side"], name="each_side_rates_a_contract_once"),
            models.CheckConstraint(condition=Q(stars__gte=1, stars__lte=5), name="rating_has_one_to_five_stars"),
            models.CheckConstraint(
                condition=Q(reply="") | Q(replied_at__isnull=False, revealed_at__isnull=False),
                name="rating_is_replied_to_once_it_is_shown",
            ),
            models.CheckConstraint(
                condition=Q(flag_state="") | Q(flagged_at__isnull=False, revealed_at__isnull=False),
                name="rating_is_reported_once_it_is_shown",
            ),
            models.CheckConstraint(
                condition=~Q(flag_state__in=["KEPT", "HIDDEN"]) | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="decision_on_a_reported_rating_says_who_and_when",
            ),
        ]
        indexes = [models.Index(fields=["flagged_at"], condition=Q(flag_state="OPEN"), name="rating_reports")]

    def __str__(self) -> str:
        return f"rating by the {self.get_side_display().lower()}"

    @property
    def is_hidden(self) -> bool:
        return self.flag_state == FlagState.HIDDEN
