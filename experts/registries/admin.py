"""To see which lists were imported, how far and with what result. Rows of the registers are found by their number."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from experts.registries.models import FidePlayer, NppesProvider, RegistryImport, SanctionEntry
from marketplace.kernel.admin import ReadOnlyAdmin


@admin.register(RegistryImport)
class RegistryImportAdmin(ReadOnlyAdmin):
    list_display: ClassVar = [
        "register", "list_on", "state", "position", "rows_new", "rows_changed", "rows_gone", "rows_unreadable",
        "started_at", "finished_at",
    ]  # fmt: skip
    list_filter: ClassVar = ["register", "state"]
    ordering: ClassVar = ["-id"]


class RowAdmin(ReadOnlyAdmin):
    show_full_result_count = False  # counting eight million rows takes seconds
    list_per_page = 50
    ordering: ClassVar = ["-id"]


@admin.register(NppesProvider)
class NppesProviderAdmin(RowAdmin):
    list_display: ClassVar = ["number", "last_name", "first_name", "practice_state", "deactivated_on"]
    search_fields: ClassVar = ["=number"]


@admin.register(FidePlayer)
class FidePlayerAdmin(RowAdmin):
    list_display: ClassVar = ["number", "name", "federation", "title", "women_title", "rating"]
    search_fields: ClassVar = ["=number"]


@admin.register(SanctionEntry)
class SanctionEntryAdmin(RowAdmin):
    list_display: ClassVar = ["ent_num", "name", "kind", "program"]
    list_filter: ClassVar = ["kind"]
    search_fields: ClassVar = ["=ent_num", "name"]
