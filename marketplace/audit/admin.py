"""The audit trail, to look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from marketplace.audit.models import AuditEvent
from marketplace.kernel.admin import ReadOnlyAdmin


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "what", "who", "about_kind", "about_ref", "address")
    search_fields = ("what", "actor_name", "actor_ref", "about_ref")
    list_filter = ("about_kind",)
    date_hierarchy = "at"
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).with_names()

    @admin.display(description="Actor")
    def who(self, event: AuditEvent) -> str:
        return str(getattr(event, "name", "") or event.actor_ref)
