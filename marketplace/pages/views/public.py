"""Pages for everybody: home, how it works, help, legal, security contact."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.pages.queries import public as queries


@login_not_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The front page for visitors; people who signed in go to where their work is."""
    if isinstance(request.user, User):
        return redirect(queries.first_screen(request.user))
    context = {"gigs": queries.newest_gigs(6), "facts": queries.board_facts()}
    return render(request, "pages/home.html", context)


@login_not_required
@require_GET
def how_it_works(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/how_it_works.html")


@login_not_required
@require_GET
def how_pay_works(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/how_pay_works.html")


@login_not_required
@require_GET
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/help.html", {"errors": queries.error_codes()})


@login_not_required
@require_GET
def legal(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/legal.html")


@login_not_required
@require_GET
def security_txt(request: HttpRequest) -> HttpResponse:
    """RFC 9116: where to report a vulnerability."""
    expires = (clock.now() + timedelta(days=180)).strftime("%Y-%m-%dT00:00:00Z")
    lines = [
        f"Contact: mailto:{settings.SECURITY_CONTACT}",
        f"Expires: {expires}",
        "Preferred-Languages: en",
        f"Canonical: {settings.SITE_URL}/.well-known/security.txt",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@login_not_required
@require_GET
def robots_txt(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", "Disallow: /me/", "Disallow: /lab/", "Disallow: /vetting/", "Disallow: /finance/",
             "Disallow: /support/",
             "Disallow: /api/", "Disallow: /accounts/", "Disallow: /notices/", "Disallow: /searches/", "Disallow: /palette/",
             "Disallow: /gigs/?",  # every filter is another address of the same gigs; the sitemap has each of them once
             "", f"Sitemap: {settings.SITE_URL}/sitemap.xml"]  # fmt: skip
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
