"""People and the staff roles they hold. Roles are granted through actions."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest

from marketplace.accounts.actions import grant_role, revoke_role, set_active
from marketplace.accounts.models import StaffRole, User
from marketplace.kernel import clock
from marketplace.kernel.admin import ReadOnlyAdmin

# Forms that write past our actions, and some that show secrets.
admin.site.unregister([Group, EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken, UserSession])
# The admin's own sign-in knows neither our limits nor the second factor, so allauth's stands in front of it.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    list_display = ("email", "full_name", "is_active", "is_staff", "is_demonstration", "date_joined")
    search_fields = ("email", "full_name")
    list_filter = ("is_active", "is_staff", "is_demonstration")
    fields = ("public_id", "email", "full_name", "time_zone", "is_active", "is_staff", "is_superuser", "date_joined")
    actions = ("block", "unblock")

    @admin.action(description="Block sign-in", permissions=["view"])
    def block(self, request: HttpRequest, chosen: Any) -> None:
        for user in chosen:
            set_active(user_id=user.pk, active=False, by=request.user, now=clock.now())

    @admin.action(description="Allow sign-in again", permissions=["view"])
    def unblock(self, request: HttpRequest, chosen: Any) -> None:
        for user in chosen:
            set_active(user_id=user.pk, active=True, by=request.user, now=clock.now())


@admin.register(EmailAddress)
class EmailAddressAdmin(ReadOnlyAdmin):
    list_display = ("email", "user", "verified", "primary")
    search_fields = ("email", "user__full_name")


@admin.register(StaffRole)
class StaffRoleAdmin(ReadOnlyAdmin):
    """Granting and revoking are the only two things to do, and both are actions."""

    list_display = ("user", "role", "granted_by", "granted_at")
    list_filter = ("role",)
    fields = ("user", "role")
    autocomplete_fields = ("user",)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_superuser)

    def save_model(self, request: HttpRequest, obj: StaffRole, form: ModelForm[Any], change: bool) -> None:
        granted = grant_role(user_id=obj.user_id, role=obj.role, by=request.user, now=clock.now())
        obj.pk = granted.pk

    def delete_model(self, request: HttpRequest, obj: StaffRole) -> None:
        revoke_role(user_id=obj.user_id, role=obj.role, by=request.user, now=clock.now())

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for row in queryset:
            self.delete_model(request, row)
