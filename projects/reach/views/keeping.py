"""What works for people who are signed out: a search kept until there is an account, and the link that ends e-mails."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from marketplace.accounts.models import User
from marketplace.kernel import clock
from projects.reach.actions import searches as actions
from projects.reach.enums import QUERY_MAX
from projects.reach.queries.matches import filters_of, plain_query
from projects.reach.queries.searches import search_to_stop

COOKIE: Final = "search"
KEPT_FOR: Final = timedelta(hours=6)
"""Long enough to make an account; the search is saved at that moment, whatever device opens the e-mail after it."""


@login_not_required
@require_GET
def keep(request: HttpRequest) -> HttpResponse:
    """
    Save a visitor's search: lead them to an account, and back.

    The cookie saves it when the account is made, for the address in the e-mail may be opened on another device. Whoever
    signs in instead comes back to the form by the address.
    """
    query = plain_query(filters_of(request.GET))
    there = f"{reverse('reach:new')}?{query}"
    if isinstance(request.user, User):
        return redirect(there)
    response = redirect(f"{reverse('account_signup')}?{urlencode({'next': there})}")
    if len(query) <= QUERY_MAX:
        response.set_signed_cookie(
            COOKIE, query, max_age=KEPT_FOR, httponly=True, samesite="Lax", secure=not settings.DEBUG, salt=COOKIE
        )
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def save_kept_search(request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """Save the search that a new account's browser remembers. allauth calls this when the account was made."""
    age = int(KEPT_FOR.total_seconds())
    query = request.get_signed_cookie(COOKIE, default=None, max_age=age, salt=COOKIE)
    if query is not None:
        wanted = actions.Wanted(plain_query(filters_of(query)))
        actions.save_search(wanted=wanted, by=user, now=clock.now())


@csrf_exempt  # Mail providers post here without our cookies; the signed token is the permission.
@login_not_required
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """
    End the e-mails about one search for whoever has the link of one of them, signed in or not (RFC 8058).

    GET only asks, for programs that look for viruses open every link of an e-mail.
    """
    search = search_to_stop(token)
    if search is None:
        raise Http404
    if request.method == "POST":
        actions.stop_emails(search_id=search.public_id, now=clock.now())
    response = render(request, "reach/stop.html", {"search": search, "done": request.method == "POST"})
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store"
    return response
