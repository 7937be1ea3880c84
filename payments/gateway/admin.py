"""The inbox of Stripe's events, to look at and to try a parked one again."""

from __future__ import annotations

from django.contrib import admin

from marketplace.kernel.admin import JobAdmin
from payments.gateway.models import StripeEvent


@admin.register(StripeEvent)
class StripeEventAdmin(JobAdmin):
    list_display = ("stripe_id", "type", "source", "job_state", "attempts", "created", "last_error")
    search_fields = ("stripe_id", "object_id", "type")
