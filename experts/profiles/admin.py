"""Profiles and the taxonomy in Django's admin, to look at. Staff edit the taxonomy in the vetting console."""

from __future__ import annotations

from django.contrib import admin

from experts.profiles.models import Expert, Field, ProfileEvent
from marketplace.kernel.admin import JobAdmin, ReadOnlyAdmin


@admin.register(Field)
class FieldAdmin(ReadOnlyAdmin):
    """Fields with what became of them."""

    list_display = ["name", "parent", "code", "retired_at", "merged_into"]
    list_select_related = ["parent", "merged_into"]
    search_fields = ["name", "code", "synonyms"]
    ordering = ["tree_order"]


@admin.register(Expert)
class ExpertAdmin(ReadOnlyAdmin):
    """To look people up. Rates, conflicts and free hours stay private and do not appear."""

    list_display = ["user", "headline", "country", "open_to_work", "created_at"]
    list_select_related = ["user"]
    search_fields = ["user__full_name", "user__email", "headline"]
    fields = ["user", "headline", "country", "years_experience", "weekly_hours", "open_to_work", "created_at"]
    readonly_fields = fields
    ordering = ["-id"]


@admin.register(ProfileEvent)
class ProfileEventAdmin(JobAdmin):
    """What profiles tell the rooms above them."""
