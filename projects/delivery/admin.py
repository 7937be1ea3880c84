"""Exports, to look at and to have a parked one written after all."""

from __future__ import annotations

from django.contrib import admin

from marketplace.kernel.admin import JobAdmin
from projects.delivery.actions import try_exports_again
from projects.delivery.models import Export


@admin.register(Export)
class ExportAdmin(JobAdmin):
    list_display = ("public_id", "lab", "project", "state", "job_state", "attempts", "asked_at", "last_error")
    list_select_related = ("lab", "project")
    list_filter = ("job_state", "state")
    search_fields = ("public_id", "lab__name", "project__title")
    exclude = ("file",)
    try_again = staticmethod(try_exports_again)
