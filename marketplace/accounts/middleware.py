"""What every signed-in request passes: the reader's time zone, and the second factor where a role needs one."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from marketplace.accounts.queries import second_factor_reason

Next = Callable[[HttpRequest], HttpResponse]
OPEN_PREFIXES = ("/accounts/", "/static/", "/dev/", "/healthz", "/readyz", "/stripe/", "/notices/unsubscribe/")


class TimeZoneMiddleware:
    """Show times in the reader's own zone."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        zone = getattr(request.user, "time_zone", "") or "UTC"
        try:
            timezone.activate(zoneinfo.ZoneInfo(zone))
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            timezone.deactivate()
        return self.get_response(request)


class SecondFactorMiddleware:
    """
    Lead people whose role needs a second factor to setting it up, before anything else.

    It stands in the middleware, so that a page cannot forget it; Django's admin is covered too.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(OPEN_PREFIXES) and request.user.is_authenticated:
            reason = second_factor_reason(request)
            if reason:
                request.session["second_factor_reason"] = reason
                return redirect("mfa_index")
        return self.get_response(request)
