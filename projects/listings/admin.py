"""To look things up. A listing is changed by its lab, in the product."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from marketplace.kernel.admin import JobAdmin, ReadOnlyAdmin
from projects.listings.models import ListingEvent, ListingReview, Meaning, Project, Terms


@admin.register(Project)
class ProjectAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["title", "lab", "state", "visibility", "places_filled", "places_wanted", "published_at"]
    list_select_related: ClassVar = ["lab"]
    list_filter: ClassVar = ["state", "visibility", "currency"]
    search_fields: ClassVar = ["title", "lab__name", "public_id"]
    exclude: ClassVar = ["search", "search_text", "field_ids"]
    ordering: ClassVar = ["-id"]


@admin.register(Terms)
class TermsAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["title", "version", "lab", "sha256", "created_at"]
    list_select_related: ClassVar = ["lab"]
    search_fields: ClassVar = ["title", "lab__name", "sha256"]
    ordering: ClassVar = ["-id"]


@admin.register(ListingReview)
class ListingReviewAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["project", "state", "earlier", "likeness_percent", "asked_at", "decided_by", "decided_at"]
    list_select_related: ClassVar = ["project", "earlier", "decided_by"]
    list_filter: ClassVar = ["state"]
    search_fields: ClassVar = ["project__title", "project__lab__name"]
    ordering: ClassVar = ["-id"]


@admin.register(ListingEvent)
class ListingEventAdmin(JobAdmin):
    """What listings tell the rooms above them."""


@admin.register(Meaning)
class MeaningAdmin(JobAdmin):
    list_display: ClassVar = ["project", "queued_at", "job_state", "attempts", "last_error"]
    list_select_related: ClassVar = ["project"]
    search_fields: ClassVar = ["project__title", "project__public_id"]
    exclude: ClassVar = ["vector"]
    ordering: ClassVar = ["-id"]
