"""To look things up. Secrets of keys are hashes, and even those stay hidden."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from marketplace.kernel.admin import ReadOnlyAdmin
from projects.labs.models import ApiKey, Invitation, Lab, Membership


@admin.register(Lab)
class LabAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["name", "slug", "country", "is_anonymous", "fee_bps", "created_at", "is_demonstration"]
    list_filter: ClassVar = ["is_anonymous", "is_demonstration"]
    search_fields: ClassVar = ["name", "slug", "legal_name", "billing_email"]
    ordering: ClassVar = ["-id"]


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["user", "lab", "role", "joined_at"]
    list_select_related: ClassVar = ["user", "lab"]
    list_filter: ClassVar = ["role"]
    search_fields: ClassVar = ["user__email", "user__full_name", "lab__name"]
    ordering: ClassVar = ["-id"]


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display: ClassVar = [
        "email",
        "lab",
        "role",
        "invited_by",
        "sent_at",
        "expires_at",
        "accepted_at",
        "revoked_at",
    ]
    list_select_related: ClassVar = ["lab", "invited_by"]
    search_fields: ClassVar = ["email", "lab__name"]
    exclude: ClassVar = ["token_sha256"]
    ordering: ClassVar = ["-id"]


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    list_display: ClassVar = [
        "name",
        "lab",
        "prefix",
        "created_by",
        "created_at",
        "last_used_at",
        "expires_at",
        "revoked_at",
    ]
    list_select_related: ClassVar = ["lab", "created_by"]
    search_fields: ClassVar = ["name", "prefix", "lab__name"]
    exclude: ClassVar = ["secret_sha256"]
    ordering: ClassVar = ["-id"]
