"""The durable jobs and the events of this room."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from marketplace.kernel.events import Event
from marketplace.kernel.jobs import Job, JobQuerySet
from payments.payouts.enums import PayoutJobKind
from payments.payouts.models.accounts import PayoutAccount
from payments.payouts.models.runs import PayRun


class PayoutEvent(Event):
    """What payouts tells the rooms above it: "run_drafted", "item_sent", "item_rejected"."""

    objects: ClassVar[Any] = JobQuerySet.as_manager()


class PayoutJob(Job):
    """
    A long work of this room; `run` is empty for the daily reconciliation.

    A payout account has one row, which is set due again each time that it shall be fetched.
    """

    kind = models.CharField(max_length=10, choices=PayoutJobKind)
    run = models.ForeignKey(PayRun, on_delete=models.PROTECT, null=True, blank=True, related_name="jobs")
    account = models.OneToOneField(
        PayoutAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="refresh"
    )

    objects: ClassVar[Any] = JobQuerySet.as_manager()

    class Meta(Job.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="REFRESH", account__isnull=False, run__isnull=True)
                | ~Q(kind="REFRESH") & Q(account__isnull=True),
                name="payout_job_is_about_a_run_or_an_account",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.run or self.account or 'all'}"
