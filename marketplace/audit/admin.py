"""The audit trail, to look at."""

from __future__ import annotations

from django.contrib import admin

from marketplace.audit.models import AuditEvent
from marketplace.kernel.admin import ReadOnlyAdmin


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "what", "actor_name", "about_kind", "about_ref", "address")
    search_fields = ("what", "actor_name", "about_ref")
    list_filter = ("about_kind",)
    date_hierarchy = "at"
    show_full_result_count = False
