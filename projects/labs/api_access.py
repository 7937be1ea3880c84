"""Who may call the API for a lab: one of its keys with the scope of the method."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from projects.labs.models import ApiKey


class HasScope(BasePermission):
    """
    Let keys pass that have the scope which the view names for the method, in `scopes = {"GET": ..., "POST": ...}`.

    A method without a scope is refused, so forgetting one closes it.
    """

    message = "This needs an API key of the lab with the right scope."
    scheme = "apiKey"

    def has_permission(self, request: Request, view: APIView) -> bool:
        scope = getattr(view, "scopes", {}).get(request.method if request.method != "HEAD" else "GET")
        actor: object = request.user  # a person, a key, or nobody
        return isinstance(actor, ApiKey) and scope is not None and actor.may(scope)


def key_of(request: Request) -> ApiKey:
    """Return the key that HasScope let pass."""
    return cast("ApiKey", request.user)


class ApiKeyScheme(OpenApiAuthenticationExtension):
    """How the API's description speaks of keys."""

    target_class = "projects.labs.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A lab's API key: `Authorization: Bearer pk_….…`"}
