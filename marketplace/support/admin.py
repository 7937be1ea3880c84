"""To look at; nobody writes here by hand."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from marketplace.kernel.admin import ReadOnlyAdmin
from marketplace.support.models import Impersonation


@admin.register(Impersonation)
class ImpersonationAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["started_at", "staff", "person", "ended_at", "reason"]
