"""The outbox of e-mails, to look at and to try a parked one again."""

from __future__ import annotations

from django.contrib import admin

from marketplace.kernel.admin import JobAdmin
from marketplace.notices.models import EmailMessage


@admin.register(EmailMessage)
class EmailMessageAdmin(JobAdmin):
    list_display = ("subject", "to_address", "kind", "job_state", "attempts", "queued_at", "finished_at", "last_error")
    search_fields = ("subject", "to_address")
