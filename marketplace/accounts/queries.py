"""Questions about people that span tables."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest

from marketplace.accounts.models import StaffRole, User
from marketplace.kernel import registry

DEMONSTRATION_SIGN_IN = "demonstration_sign_in"
"""Session key set by the one-click sign-in of a development stack, which stands for both factors."""


def second_factor_reason(request: HttpRequest) -> str | None:
    """Return why this person must set up a second factor before going on, or None."""
    user = request.user
    if not isinstance(user, User):
        return None
    if settings.DEBUG and user.is_demonstration and request.session.get(DEMONSTRATION_SIGN_IN):
        return None
    reason = next((words for rule in registry.second_factor_rules if (words := rule(user))), None)
    if reason is None or has_second_factor(user):
        return None
    return reason


def confirmed_recently(request: HttpRequest) -> bool:
    """
    Whether the person has confirmed in the last five minutes that it is them.

    The one-click sign-in of a demonstration world stands for it, as it does for the second factor.
    """
    user = request.user
    if (
        settings.DEBUG
        and isinstance(user, User)
        and user.is_demonstration
        and request.session.get(DEMONSTRATION_SIGN_IN)
    ):
        return True
    return bool(did_recently_reauthenticate(request))


def has_second_factor(user: User) -> bool:
    """Whether the person has an authenticator app or a passkey."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return Authenticator.objects.filter(user=user, type__in=kinds).exists()


def email_of_attempt(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Return which e-mail somebody tried to sign in with, in one spelling, for the lockout to count by."""
    tried = credentials or {}
    return str(tried.get("email") or tried.get("username") or "").strip().lower()


def staff_with_role(*roles: str) -> list[User]:
    """Return the active people who hold one of these staff roles."""
    holders = StaffRole.objects.filter(role__in=roles).values("user")
    return list(User.objects.filter(pk__in=holders, is_active=True).order_by("pk"))


def active_superusers() -> list[User]:
    """Return the people who lead: they can give roles, and are told when nobody else can act."""
    return list(User.objects.filter(is_superuser=True, is_active=True).order_by("pk"))
