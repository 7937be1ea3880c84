"""Whose pages support may look at."""

from __future__ import annotations

from marketplace.accounts.models import User
from marketplace.kernel.errors import NotAllowed


def require_support(user: User) -> None:
    """:raises NotAllowed: for everybody but support."""
    if not user.is_support_staff:
        raise NotAllowed("Only support opens this.")


def may_be_impersonated(person: User) -> bool:
    """Never staff of any kind: looking must not lend a role that the one who looks does not have."""
    return person.is_active and not (person.is_staff or person.is_superuser or person.role_grants.all())
