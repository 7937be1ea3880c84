"""The inbox of Stripe's events: stored once, worked as durable jobs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from marketplace.kernel.jobs import Job, JobQuerySet
from payments.gateway.enums import EventSource


class StripeEvent(Job):
    """One event as Stripe sent it. The object is fetched again before anything is done with it."""

    stripe_id = models.CharField(max_length=255, unique=True)
    type = models.CharField(max_length=120)
    source = models.CharField(max_length=8, choices=EventSource)
    object_id = models.CharField(max_length=255, blank=True, default="")
    account = models.CharField(max_length=255, blank=True, default="")
    livemode = models.BooleanField(default=False)
    created = models.DateTimeField()
    received_at = models.DateTimeField()
    payload = models.JSONField()

    objects: ClassVar[Any] = JobQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.type} {self.stripe_id}"
