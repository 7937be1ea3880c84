"""Who may call the API, and how often: nobody unless a view says so, and within a rate for each actor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.throttling import SimpleRateThrottle

from marketplace.kernel.http import client_address

if TYPE_CHECKING:
    from rest_framework.request import Request as ApiRequest
    from rest_framework.views import APIView


class NobodyUnlessSaid(BasePermission):
    """The default: nobody. A view of the API must say who may call it."""

    def has_permission(self, request: ApiRequest, view: APIView) -> bool:
        return False


class ActorRateThrottle(SimpleRateThrottle):
    """So many requests a minute for each key or person; the address stands in for whoever is neither."""

    scope = "actor"

    def get_cache_key(self, request: ApiRequest, view: APIView) -> str | None:
        ref = getattr(request.user, "actor_ref", None) or client_address(request._request)
        return self.cache_format % {"scope": self.scope, "ident": ref}
