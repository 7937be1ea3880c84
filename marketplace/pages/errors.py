"""Error pages that say what happened, what is safe, and what to do. They need no database, for it may be what broke."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from marketplace.kernel.api import plain_problem
from marketplace.kernel.http import AWAY, flash, request_id

TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
AWAY_RETRY_SECONDS = 15
SWAPPED = {400, 403, 413, 429}
"""What htmx puts into the page (base.html says so); for the others our script shows a sentence of its own."""


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 for a body over the limits of the settings, which Django counts as one of the bad requests."""
    if isinstance(exception, TOO_LARGE):
        return _answer(request, 413, "too_large", _("That is too large to send at once. Nothing was kept."))
    return _answer(request, 400, "bad_request", _("That request could not be read. Nothing was changed."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 403, "not_allowed", _("This account may not do that. Nothing was changed."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _answer(
        request,
        403,
        "csrf_failed",
        _("This form was open for too long. Reload the page and send it again."),
        page="403_csrf",
    )


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 404, "not_found", _("There is nothing here that you may see."))


def too_many(request: HttpRequest) -> HttpResponse:
    """429: allauth counted too many attempts of some kind; its limits are for minutes."""
    return _answer(request, 429, "too_many", _("Too many attempts for now. Try again in some minutes."))


def locked_out(request: HttpRequest, original: HttpResponse, credentials: Any) -> HttpResponse:
    """429 for a sign-in that axes does not let through any more, from this address with this e-mail."""
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    return _answer(request, 429, "too_many", _("Too many attempts for now."), retry_after_seconds=seconds)


def server_error(request: HttpRequest) -> HttpResponse:
    """503 while the database does not answer, else 500 with the reference that every line of the log carries."""
    if isinstance(sys.exc_info()[1], AWAY):
        again = AWAY_RETRY_SECONDS
        return _answer(request, 503, "unavailable", _("Try again in a moment."), retry_after_seconds=again)
    return _answer(request, 500, "fault", _("This is our fault. Send us the reference."), reference=request_id())


def _answer(
    request: HttpRequest, status: int, code: str, detail: str, *, page: str = "", **facts: int | str
) -> HttpResponse:
    """
    Answer a browser with the page, htmx with the sentence, a program with the same as problem+json.

    :param page: the template's name, if it is not the status.
    :param facts: what the page and the problem say beyond that.
    """
    response: HttpResponse
    if request.path.startswith("/api/"):
        response = plain_problem(status, code, detail, **facts)
    elif getattr(request, "htmx", False) and status in SWAPPED:
        response = flash(request, detail, status)
    else:
        response = render(request, f"errors/{page or status}.html", facts, status=status)
    if "retry_after_seconds" in facts:
        response["Retry-After"] = str(facts["retry_after_seconds"])
    return response
