"""To look things up, and to have a parked document looked into again. The numbers stay sealed."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from experts.credentials.models import Credential, Document, FileEvent
from marketplace.kernel.admin import JobAdmin, ReadOnlyAdmin


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


@admin.register(FileEvent)
class FileEventAdmin(JobAdmin):
    """What this room tells the rooms above it of files."""
