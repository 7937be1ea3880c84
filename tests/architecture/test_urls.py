"""Every address has a name, and is closed unless it stands on the list of open ones. Each rule is proven by breaking it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, include, path
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

from marketplace.kernel.access import NobodyUnlessSaid

OPEN = {
    "pages:home", "pages:how_it_works", "pages:how_pay_works", "pages:help", "pages:legal", "pages:robots",
    "pages:security_txt", "pages:healthz", "pages:readyz", "pages:palette", "pages:metrics",  # which wants a token
    "listings:board", "listings:detail", "listings:field", "listings:fields", "labs:public", "vetting:how",
    "gateway:webhook", "gateway:thin_webhook", "notices:unsubscribe",
    "standing:verify", "standing:verify_one", "standing:json", "standing:revocations", "standing:did", "standing:checker",
    "hiring:lab_ratings", "standing:invited", "standing:invited_to",
    "reach:keep", "reach:stop", "reach:feed", "reach:gig_picture", "reach:field_picture", "reach:share", "reach:short",
    "reach:sitemap", "reach:sitemap_part",
    "labs:join", "listings:changes", "standing:lab_fairness", "standing:lab_fairness_json", "standing:gig_fairness",
    "standing:gig_fairness_json",
}  # fmt: skip
"""Pages that anybody may open. A new one is a decision: add it here with the change that opens it."""
Addresses = Sequence[tuple[str, URLPattern]]


def walk(patterns: Sequence[URLPattern | URLResolver], space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from walk(pattern.url_patterns, inner)
        else:
            yield f"{space}{pattern.name or ''}", pattern


def ours() -> list[tuple[str, URLPattern]]:
    rooms = ("marketplace.", "experts.", "projects.", "payments.")
    return [(name, one) for name, one in walk(get_resolver().url_patterns) if one.callback.__module__.startswith(rooms)]


def unnamed(addresses: Addresses) -> list[str]:
    return [str(pattern.pattern) for name, pattern in addresses if name.endswith(":") or not name]


def opened(addresses: Addresses) -> set[str]:
    """Names of pages that need no sign-in. Views of the API are asked below."""
    return {name for name, pattern in addresses if _is_open(pattern) and not name.endswith(":")}


def _is_open(pattern: URLPattern) -> bool:
    return getattr(pattern.callback, "login_required", True) is False and not hasattr(pattern.callback, "cls")


def development_pages(addresses: Addresses) -> list[str]:
    return [name for name, _pattern in addresses if name.startswith("demo:")]


def silent_views(addresses: Addresses) -> list[str]:
    """Views of the API that do not say who may call them: the default is nobody."""
    return [
        name
        for name, pattern in addresses
        if hasattr(pattern.callback, "cls") and NobodyUnlessSaid in pattern.callback.cls.permission_classes
    ]


def test_every_address_of_ours_has_a_name():
    assert unnamed(ours()) == ["help/errors"]  # where problem+json points to; a second address of pages:help


def test_pages_are_closed_unless_on_the_list():
    assert opened(ours()) == OPEN


def test_the_development_pages_are_not_mounted_without_debug():
    """Tests run with DEBUG off, as production does."""
    assert development_pages(ours()) == []


def test_views_of_the_api_say_who_may_call_them():
    """DRF switches the login middleware off; its default permission is nobody, so a view must say somebody."""
    assert silent_views(ours()) == []


def test_addresses_that_break_a_rule_are_named():
    def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    @login_not_required
    def front(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    class Silent(APIView):
        pass

    class Outspoken(APIView):
        permission_classes = [AllowAny]

    broken = list(walk([
        path("nameless/", page),
        path("closed/", page, name="closed"),
        path("open/", front, name="open"),
        path("silent/", Silent.as_view(), name="silent"),
        path("outspoken/", Outspoken.as_view(), name="outspoken"),
        path("dev/", include(([path("as/", page, name="sign_in")], "demo"))),
    ]))  # fmt: skip
    assert unnamed(broken) == ["nameless/"]
    assert opened(broken) == {"open"}
    assert silent_views(broken) == ["silent"]
    assert development_pages(broken) == ["demo:sign_in"]
