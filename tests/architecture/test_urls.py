"""Every address has a name, and is closed unless it stands on the list of open ones."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

OPEN = {
    "pages:home", "pages:how_it_works", "pages:how_pay_works", "pages:help", "pages:legal", "pages:robots",
    "pages:security_txt", "pages:healthz", "pages:readyz", "pages:palette", "pages:metrics",  # which wants a token
    "listings:board", "listings:detail", "listings:field", "listings:fields", "labs:public",
    "gateway:webhook", "gateway:thin_webhook", "notices:unsubscribe",
}  # fmt: skip
"""Pages that anybody may open. A new one is a decision: add it here with the change that opens it."""


def walk(patterns, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from walk(pattern.url_patterns, inner)
        else:
            yield f"{space}{pattern.name or ''}", pattern


def ours() -> list[tuple[str, URLPattern]]:
    rooms = ("marketplace.", "experts.", "projects.", "payments.")
    return [(name, one) for name, one in walk(get_resolver().url_patterns) if one.callback.__module__.startswith(rooms)]


def is_open(pattern: URLPattern) -> bool:
    return getattr(pattern.callback, "login_required", True) is False and not hasattr(pattern.callback, "cls")


def test_every_address_of_ours_has_a_name():
    unnamed = [str(pattern.pattern) for name, pattern in ours() if name.endswith(":") or not name]
    assert unnamed == ["help/errors"]  # where problem+json points to; a second address of pages:help


def test_pages_are_closed_unless_on_the_list():
    opened = {name for name, pattern in ours() if is_open(pattern) and not name.endswith(":")}
    assert opened == OPEN


def test_the_development_pages_are_not_mounted_without_debug():
    """Tests run with DEBUG off, as production does."""
    assert [name for name, _pattern in ours() if name.startswith("demo:")] == []


def test_views_of_the_api_say_who_may_call_them():
    """DRF switches the login middleware off; its default permission is nobody, so a view must say somebody."""
    from marketplace.kernel.access import NobodyUnlessSaid

    silent = [
        name
        for name, pattern in ours()
        if hasattr(pattern.callback, "cls") and NobodyUnlessSaid in pattern.callback.cls.permission_classes
    ]
    assert silent == []
