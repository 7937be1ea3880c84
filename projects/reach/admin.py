"""Saved searches as jobs: to look at, and to try a parked one again."""

from __future__ import annotations

from django.contrib import admin

from marketplace.kernel.admin import JobAdmin
from projects.reach.models import SavedSearch


@admin.register(SavedSearch)
class SavedSearchAdmin(JobAdmin):
    list_display = ("public_id", "user", "frequency", "state", "job_state", "attempts", "looked_at", "last_error")
    list_select_related = ("user",)
    list_filter = ("job_state", "state", "frequency")
    search_fields = ("public_id", "user__email")
    exclude = ("query", "name")  # what somebody looks for is theirs
