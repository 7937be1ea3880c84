"""Contracts with immutable versions."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Func, Q
from django.db.models.lookups import Exact

from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.kernel.actors import Actor
from marketplace.kernel.ids import new_public_id
from projects.hiring.enums import (
    CORRECTION_HOURS,
    ContractState,
    EndCode,
    PayKind,
    Side,
)
from projects.hiring.models.offers import Offer
from projects.labs.models import ApiKey, Lab
from projects.listings.models import Project


class ContractQuerySet(models.QuerySet["Contract"]):
    def visible_to(self, actor: Actor) -> Self:
        if isinstance(actor, ApiKey):
            return self.filter(lab_id=actor.lab_id)
        if isinstance(actor, User):
            labs = Lab.objects.visible_to(actor).values("pk")
            return self.filter(Q(expert__user=actor) | Q(lab__in=labs))
        return self.none()

    def of_expert(self, user: User) -> Self:
        return self.filter(expert__user=user)

    def active(self) -> Self:
        return self.filter(state=ContractState.ACTIVE)

    def with_people(self) -> Self:
        return self.select_related("expert__user", "project__lab", "current_version")

    def over(self, now: datetime) -> Self:
        """Those whose last moment has come and that nobody ended yet, the longest first."""
        running = self.filter(ends_at__lte=now).exclude(state=ContractState.ENDED)
        return running.order_by("ends_at", "pk")

    def with_a_newer_version(self, now: datetime) -> Self:
        """Those of which a later version than the one they show is in force."""
        newer = Q(versions__effective_from__lte=now, versions__number__gt=F("current_version__number"))
        return self.filter(newer).order_by("pk").distinct()


class Contract(models.Model):
    """An agreement between a lab and an expert. `alias` ("E-7") is how others in the lab's files see the expert."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    offer = models.OneToOneField(Offer, on_delete=models.PROTECT, related_name="contract")
    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, related_name="contracts")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="contracts")
    expert = models.ForeignKey(Expert, on_delete=models.PROTECT, related_name="contracts")
    alias = models.CharField(max_length=12)
    state = models.CharField(max_length=8, choices=ContractState, default=ContractState.ACTIVE)
    currency = models.CharField(max_length=3)
    current_version = models.ForeignKey(
        "ContractVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    # The moment at which it ends by itself: the last day of the offer is over, or the notice that one side gave.
    ends_at = models.DateTimeField(null=True, blank=True)
    notice_given_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=6, choices=Side, blank=True, default="")
    end_code = models.CharField(max_length=8, choices=EndCode, blank=True, default="")
    end_reason = models.TextField(max_length=2000, blank=True, default="")

    objects: ClassVar[Any] = ContractQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "expert"],
                condition=~Q(state="ENDED"),
                name="expert_has_one_running_contract_per_project",
            ),
            models.UniqueConstraint(fields=["project", "alias"], name="contract_alias_is_unique_in_its_project"),
            models.CheckConstraint(
                condition=Q(state="ENDED", ended_at__isnull=False) | ~Q(state="ENDED") & Q(ended_at__isnull=True),
                name="ended_contract_says_when",
            ),
            models.CheckConstraint(
                condition=Q(notice_given_at__isnull=True) | Q(ends_at__isnull=False) & ~Q(ended_by=""),
                name="notice_says_who_gave_it_and_until_when",
            ),
        ]
        indexes = [
            models.Index(fields=["ends_at"], condition=~Q(state="ENDED"), name="contract_ends_by_the_clock"),
        ]

    def __str__(self) -> str:
        return f"{self.project}, {self.alias}"

    @property
    def last_moment(self) -> datetime | None:
        """When time stops to count: the end that came, or else the one that is agreed or announced."""
        return self.ended_at or self.ends_at

    @property
    def last_day(self) -> date | None:
        """The last UTC day on which hours count."""
        return (self.last_moment - timedelta(microseconds=1)).date() if self.last_moment else None

    @property
    def hours_until(self) -> datetime | None:
        """Until when hours of the last week may still be logged and corrected."""
        if self.last_moment is None:
            return None
        last = clock.period_of(self.last_moment - timedelta(microseconds=1))
        return clock.ends_at(last) + timedelta(hours=CORRECTION_HOURS)


def begins_on_a_monday(column: str) -> Exact:
    """The condition that a moment is a Monday 00:00 UTC."""
    plain, monday = "timezone('UTC', %(expressions)s)", "date_trunc('week', timezone('UTC', %(expressions)s))"
    moment = models.DateTimeField()
    return Exact(Func(column, template=plain, output_field=moment), Func(column, template=monday, output_field=moment))


class ContractVersion(models.Model):
    """
    The terms of pay from a moment on. Never changed; a new rate, cap or last day is a new version.

    The first begins when the contract does, every later one on a Monday 00:00 UTC, because the money of a week is set aside
    by one version. Their moments rise with their numbers.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    pay_kind = models.CharField(max_length=8, choices=PayKind, default=PayKind.HOURLY)
    rate_minor = models.BigIntegerField()
    weekly_cap_minutes = models.PositiveIntegerField()
    fee_bps = models.PositiveIntegerField()
    ends_on = models.DateField(null=True, blank=True)
    effective_from = models.DateTimeField()
    accepted_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract", "number"], name="contract_version_is_numbered_once"),
            models.CheckConstraint(condition=Q(rate_minor__gt=0), name="contract_rate_is_positive"),
            models.CheckConstraint(
                condition=Q(effective_from__gte=F("accepted_at")), name="contract_version_is_never_retroactive"
            ),
            models.CheckConstraint(
                condition=Q(number=1) | Q(begins_on_a_monday("effective_from")),
                name="later_contract_version_begins_on_a_monday",
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"
