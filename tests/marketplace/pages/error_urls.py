"""The site with a few pages more, that break in the ways a page can break."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from marketplace import urls
from marketplace.kernel.errors import NeedsReauthentication, TooMany
from marketplace.pages.errors import too_many
from marketplace.urls import handler400, handler403, handler404, handler429, handler500

__all__ = ["handler400", "handler403", "handler404", "handler429", "handler500", "urlpatterns"]


@login_not_required
def fault(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("on purpose")


@login_not_required
def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


@login_not_required
def slow(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 5; SELECT pg_sleep(1)")
    return HttpResponse()


@login_not_required
def away(request: HttpRequest) -> HttpResponse:
    raise OperationalError("on purpose")


@login_not_required
def refuse_for_now(request: HttpRequest) -> HttpResponse:
    raise TooMany("Slow down.", retry_after_seconds=30)


@login_not_required
def ask_again(request: HttpRequest) -> HttpResponse:
    raise NeedsReauthentication("Money needs your password once more.")


urlpatterns = [
    path("test/fault/", fault),
    path("api/v1/test/fault/", fault),
    path("test/forbidden/", forbidden),
    path("test/slow/", slow),
    path("test/away/", away),
    path("test/refuse-for-now/", refuse_for_now),
    path("test/ask-again/", ask_again),
    path("test/too-many/", login_not_required(too_many)),
    *urls.urlpatterns,
]
