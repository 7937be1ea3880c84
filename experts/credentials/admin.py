"""To look things up, and to have a parked document looked into again. The numbers stay sealed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from experts.credentials.models import Credential, Document
from marketplace.kernel.admin import JobAdmin


class ReadOnlyAdmin(ModelAdmin):
    """Rows to look at."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Credential)
class CredentialAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["expert", "kind", "title", "region", "number_last4", "step", "expires_on", "withdrawn_at"]
    list_select_related: ClassVar = ["expert__user"]
    list_filter: ClassVar = ["kind", "step"]
    search_fields: ClassVar = ["expert__user__full_name", "expert__user__email", "title", "number_last4"]
    exclude: ClassVar = ["number", "number_hash"]
    ordering: ClassVar = ["-id"]


@admin.register(Document)
class DocumentAdmin(JobAdmin):
    list_display: ClassVar = [
        "original_name",
        "expert",
        "kind",
        "state",
        "size_bytes",
        "uploaded_at",
        "job_state",
        "last_error",
    ]
    list_select_related: ClassVar = ["expert__user"]
    list_filter: ClassVar = ["kind", "state", "job_state"]
    search_fields: ClassVar = ["expert__user__full_name", "expert__user__email", "original_name"]
    exclude: ClassVar = ["file", "extracted_text"]
    ordering: ClassVar = ["-id"]
