"""To look at jobs of this room, and to have a parked one tried again. Nobody changes a request here."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from marketplace.kernel.admin import JobAdmin
from marketplace.privacy.actions import try_copies_again
from marketplace.privacy.models import DataCopy, ErasureRequest


@admin.register(DataCopy)
class DataCopyAdmin(JobAdmin):
    list_display: ClassVar = ["public_id", "state", "asked_at", "expires_at", "job_state", "last_error"]
    list_filter: ClassVar = ["state", "job_state"]
    exclude: ClassVar = ["file"]
    try_again = staticmethod(try_copies_again)


@admin.register(ErasureRequest)
class ErasureRequestAdmin(JobAdmin):
    list_display: ClassVar = ["pseudonym", "state", "asked_at", "due_at", "done_at", "job_state", "last_error"]
    list_filter: ClassVar = ["state", "job_state"]
