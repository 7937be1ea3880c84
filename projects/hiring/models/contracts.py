"""Contracts with immutable versions."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor
from marketplace.kernel.ids import new_public_id
from projects.hiring.enums import (
    ContractState,
    PayKind,
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
        ]

    def __str__(self) -> str:
        return f"{self.project}, {self.alias}"


class ContractVersion(models.Model):
    """The terms of pay from a day on. Never changed; a new rate or cap is a new version."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    pay_kind = models.CharField(max_length=8, choices=PayKind, default=PayKind.HOURLY)
    rate_minor = models.BigIntegerField()
    weekly_cap_minutes = models.PositiveIntegerField()
    fee_bps = models.PositiveIntegerField()
    effective_from = models.DateTimeField()
    accepted_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract", "number"], name="contract_version_is_numbered_once"),
            models.CheckConstraint(condition=Q(rate_minor__gt=0), name="contract_rate_is_positive"),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"
