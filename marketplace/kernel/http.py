"""What our middleware adds to a request, and the middleware that turns refusals into pages."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect
from django_structlog.middlewares import RequestMiddleware

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

AWAY = (OperationalError, InterfaceError)
"""What the database's driver raises while the database does not answer, or not in time."""


class RefusalMiddleware:
    """Turn a Refused raised by any action into a page or an htmx flash, so that no view needs a try block."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return refusal_response(request, exception) if isinstance(exception, Refused) else None


def refusal_response(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """Return a refusal in the form that the asker reads: a page, a flash of htmx, JSON for a script, or a way to confirm."""
    htmx = bool(getattr(request, "htmx", False))
    if isinstance(refusal, NeedsReauthentication):
        there = f"/accounts/reauthenticate/?{urlencode({'next': _page_of(request)})}"
        return HttpResponseClientRedirect(there) if htmx else redirect(there)
    if request.headers.get("Accept") == "application/json":  # a script of ours that shows the sentence itself
        facts = {name: value for name, value in refusal.facts.items() if isinstance(value, str | int)}
        told = {"code": refusal.code, "detail": refusal.sentence, "status": refusal.status}
        response: HttpResponse = JsonResponse(facts | told, status=refusal.status)
    elif htmx:
        response = flash(request, refusal.sentence, refusal.status)
    else:
        response = render(request, "errors/refusal.html", {"refusal": refusal}, status=refusal.status)
    if "retry_after_seconds" in refusal.facts:
        response["Retry-After"] = str(math.ceil(refusal.facts["retry_after_seconds"]))
    return response


def flash(request: HttpRequest, sentence: str, status: int) -> HttpResponse:
    """Answer htmx with a sentence for the place where messages stand, whatever part of the page it asked for."""
    response = render(request, "errors/refusal_flash.html", {"sentence": sentence}, status=status)
    response["HX-Retarget"] = "#flash"
    response["HX-Reswap"] = "innerHTML"
    return response


def _page_of(request: HttpRequest) -> str:
    """Return the page that a person was on when they pressed; a request of htmx is not a page itself."""
    shown = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or request.path)
    if shown.netloc and shown.netloc != request.get_host():
        return request.path
    return shown._replace(scheme="", netloc="", fragment="").geturl() or "/"


def client_address(request: HttpRequest) -> str:
    """
    Return the address of the machine that called our outermost proxy, or "" when nobody knows it.

    Every proxy appends to X-Forwarded-For whom it was called by, and the last one is REMOTE_ADDR. So we count
    TRUSTED_PROXY_COUNT places from the right. What stands further left was written by the caller and proves nothing.
    The audit trail, signatures, logs, lockouts and rate limits all use this function and no other.
    """
    caller = request.META.get("REMOTE_ADDR", "")
    before = [hop for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    hops = [*before, caller][-settings.TRUSTED_PROXY_COUNT - 1 :]
    return _address(hops[0]) or _address(caller)


def _address(written: str) -> str:
    """Return an address without port and brackets, an IPv4 one in its own form; "" if it is none."""
    text = written.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    with suppress(ValueError):
        found = ipaddress.ip_address(text.partition("%")[0])
        return str(getattr(found, "ipv4_mapped", None) or found)
    return ""


class RequestLogMiddleware(RequestMiddleware):
    """
    Give every line of the log the id of its request, the client's address and the person.

    It stands before whatever may fail, so that an error page can name the id of the log's lines.
    """

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        """Name the person, who is known only now: this middleware stands before the one that signs in."""
        self.bind_user_id(request)

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        structlog.contextvars.bind_contextvars(ip=client_address(request))

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        """Name the person, unless the database is away: then the log must say so and not fail itself."""
        with suppress(*AWAY):
            RequestMiddleware.bind_user_id(request)


def request_id() -> str:
    """Return the id that all lines of the log about this request carry, or ""."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))
