"""Who may call the API for what is their own: a signed-in person. Keys of labs do not pass."""

from __future__ import annotations

from typing import cast

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from marketplace.accounts.models import User


class IsPerson(BasePermission):
    """Let people who signed in pass, for what is their own. Keys of labs do not."""

    message = "This needs a signed-in person."
    scheme = "cookieAuth"

    def has_permission(self, request: Request, view: APIView) -> bool:
        actor: object = request.user
        return isinstance(actor, User) and actor.is_active


def person_of(request: Request) -> User:
    """Return the person that IsPerson let pass."""
    return cast("User", request.user)
