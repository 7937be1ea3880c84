"""
What an impersonation does to a request: its pages are made for the person, and nothing can be sent.

The row decides, at each request: when it is over, or support lost its role, the next page is one's own again. Addresses that
are about signing in, and support's own pages, always belong to whoever is signed in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import structlog
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.kernel import clock, registry
from marketplace.kernel.errors import NotAllowed
from marketplace.kernel.http import refusal_response
from marketplace.support.policies import may_be_impersonated
from marketplace.support.queries import SESSION_KEY, impersonation_at

ONES_OWN = ("/support/", "/accounts/", "/admin/", "/static/", "/dev/", "/healthz", "/readyz", "/metrics", "/stripe/")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class ImpersonationMiddleware:
    """Stands after those that look who is signed in, so that both factors are the staff member's own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        ref = request.session.get(SESSION_KEY)
        if not ref or request.path.startswith(ONES_OWN):
            return self.get_response(request)
        staff = request.user
        if not isinstance(staff, User):  # signed out meanwhile
            return self.get_response(request)
        running = impersonation_at(UUID(ref), staff, clock.now()) if staff.is_support_staff else None
        if running is None or not may_be_impersonated(running.person):
            del request.session[SESSION_KEY]
            messages.info(request, _("The half hour is over. You see your own pages again."))
            return redirect("support:people" if staff.is_support_staff else "/")
        request.impersonation = running  # type: ignore[attr-defined]
        request.user = running.person
        structlog.contextvars.bind_contextvars(impersonated_by=staff.actor_ref)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """Refuse whatever would change something, and the pages that a room keeps to the person alone."""
        if getattr(request, "impersonation", None) is None:
            return None
        if request.method not in SAFE:
            return refusal_response(
                request, NotAllowed(_("You are looking at somebody else's pages. Nothing can be changed from here."))
            )
        match = request.resolver_match
        if match is not None and registry.for_the_person_alone & {match.view_name, f"{match.namespace}:"}:
            return refusal_response(request, NotAllowed(_("Only the person opens this, support does not.")))
        return None
