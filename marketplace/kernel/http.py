"""What our middleware adds to a request, and the middleware that turns refusals into pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode

from marketplace.kernel.errors import NeedsReauthentication, Refused

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from marketplace.accounts.models import User

    class Request(HttpRequest):
        """A request of a signed-in person, as our views see it."""

        user: User
        htmx: HtmxDetails
else:
    Request = HttpRequest


class RefusalMiddleware:
    """Turn a Refused raised by any action into a page or an htmx flash, so that no view needs a try block."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        htmx = bool(getattr(request, "htmx", False))
        if isinstance(exception, NeedsReauthentication) and not htmx:
            query = urlencode({"next": request.META.get("HTTP_REFERER", request.path)})
            return redirect(f"/accounts/reauthenticate/?{query}")
        template = "errors/refusal_flash.html" if htmx else "errors/refusal.html"
        response = render(request, template, {"refusal": exception}, status=exception.status)
        if htmx:
            response["HX-Retarget"] = "#flash"
            response["HX-Reswap"] = "innerHTML"
        return response


def client_address(request: HttpRequest) -> str:
    """Return the address the request came from, for the audit trail; proxies are trusted only by the server."""
    return str(request.META.get("REMOTE_ADDR", ""))
