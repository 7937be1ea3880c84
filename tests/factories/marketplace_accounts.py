"""People and staff."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator

from marketplace.accounts.models import StaffRole, User

PASSWORD = "correct horse battery"
NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def make_user(name: str = "Ada Quill", **facts: Any) -> User:
    """Make a person with the password "correct horse battery"."""
    email = facts.pop("email", f"user{next(_numbers)}@people.example")
    return User.objects.create_user(email, PASSWORD, full_name=name, **facts)


def make_staff(*roles: str, name: str = "Staff Member", second_factor: bool = True) -> User:
    """Make a person with staff roles, by default with an authenticator app."""
    user = make_user(name)
    for role in roles:
        StaffRole.objects.create(user=user, role=role, granted_at=NOW)
    if second_factor:
        give_second_factor(user)
    return user


def give_second_factor(user: User) -> None:
    """Let the person have an authenticator app."""
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "not-a-real-secret"})


def confirm_email(user: User) -> User:
    """Let the person have confirmed their address, without which nobody signs in by the page."""
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user
