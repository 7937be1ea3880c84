"""Impersonations: support looks at the pages of a person, as that person sees them, for half an hour at most."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from marketplace.accounts.models import User
from marketplace.kernel.ids import new_public_id


class ImpersonationQuerySet(models.QuerySet["Impersonation"]):
    def visible_to(self, user: User) -> Self:
        """Support sees all of them, everybody else those of their own pages."""
        return self if user.is_support_staff else self.filter(person=user)

    def running(self, now: datetime) -> Self:
        return self.filter(ended_at__isnull=True, ends_at__gt=now)

    def newest_first(self) -> Self:
        return self.select_related("staff", "person").order_by("-pk")


class Impersonation(models.Model):
    """
    That a member of support looked at a person's pages, when, and why. Nothing can be changed meanwhile.

    It ends by itself: `ends_at` is fixed when it begins, whatever the browser does.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="impersonations")
    reason = models.CharField(max_length=500)
    started_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = ImpersonationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(staff=F("person")), name="nobody_impersonates_themselves"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("started_at")), name="impersonation_ends_after_it_starts"),
            models.UniqueConstraint(
                fields=["staff"], condition=Q(ended_at__isnull=True), name="support_looks_at_one_person_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"impersonation {self.public_id}"
