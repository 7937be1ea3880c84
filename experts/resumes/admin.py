"""To see how the reading of a résumé stands, and to have a parked one read again. What it says is its owner's."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from experts.resumes.models import Reading
from marketplace.kernel.admin import JobAdmin


@admin.register(Reading)
class ReadingAdmin(JobAdmin):
    list_display: ClassVar = ["expert", "state", "queued_at", "job_state", "attempts", "last_error"]
    list_select_related: ClassVar = ["expert__user"]
    list_filter: ClassVar = ["state", "job_state"]
    search_fields: ClassVar = ["expert__user__full_name", "expert__user__email"]
    exclude: ClassVar = ["document"]
    ordering: ClassVar = ["-id"]
