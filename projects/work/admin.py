"""Batches, to look at and to have a parked one read on."""

from __future__ import annotations

from django.contrib import admin

from marketplace.kernel.admin import JobAdmin
from projects.work.models import Batch


@admin.register(Batch)
class BatchAdmin(JobAdmin):
    list_display = ("__str__", "lab", "project", "state", "job_state", "attempts", "created_at", "last_error")
    list_select_related = ("lab", "project")
    list_filter = ("job_state", "state")
    search_fields = ("name", "lab__name", "project__title")
    exclude = ("file",)
