"""When each sweep last ran, and how it went."""

from __future__ import annotations

from django.contrib import admin

from marketplace.kernel.admin import ReadOnlyAdmin
from marketplace.pages.models import SweepRecord


@admin.register(SweepRecord)
class SweepRecordAdmin(ReadOnlyAdmin):
    list_display = ("name", "last_run_at", "touched", "last_error")
