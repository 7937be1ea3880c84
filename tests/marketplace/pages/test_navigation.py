"""The frame around a page: the entries of its navigation, and the theme."""

from __future__ import annotations

import pytest
from django.http import HttpRequest

from marketplace.kernel import registry
from marketplace.pages import context, navigation

pytestmark = pytest.mark.urls("tests.marketplace.pages.gallery_urls")


@pytest.fixture
def entries() -> list[registry.NavItem]:
    return [
        registry.NavItem("test-door", "Second", "house", "second", 2),
        registry.NavItem("test-door", "First", "house", "first", 1, badge=lambda _: 3),
        registry.NavItem("test-door", "Nowhere", "house", "no:such-page", 3),
        registry.NavItem("test-door", "Owners", "house", "second", 4, roles=frozenset({"OWNER"})),
    ]


def shown(entries: list[registry.NavItem], request: HttpRequest | None, role: str | None) -> list[tuple[str, bool]]:
    """Return what the navigation shows of `entries`, and leave the registry as it was."""
    before = list(registry.navigation)
    registry.register_navigation(*entries)
    try:
        found = navigation.entries_of("test-door", request, role=role)
    finally:
        registry.navigation[:] = before
    return [(entry.label, entry.current) for _, entry in found]


def test_navigation_is_in_order_and_holds_no_dead_link(entries: list[registry.NavItem], rf: object) -> None:
    request = rf.get("/first/7/")  # type: ignore[attr-defined]
    assert shown(entries, request, None) == [("First", True), ("Second", False)]


def test_navigation_shows_an_entry_of_a_role_only_to_that_role(entries: list[registry.NavItem]) -> None:
    assert ("Owners", False) in shown(entries, None, "OWNER")
    assert ("Owners", False) not in shown(entries, None, "REVIEWER")


def test_the_longest_address_is_the_current_one() -> None:
    pairs = [("", navigation.Entry(url, "house", url)) for url in ("/lab/x/", "/lab/x/hours/", "/lab/x/projects/")]

    def current(path: str) -> list[str]:
        return [entry.url for _, entry in navigation.mark_current(pairs, path) if entry.current]

    assert current("/lab/x/") == ["/lab/x/"]
    assert current("/lab/x/projects/7/") == ["/lab/x/projects/"]
    assert current("/lab/x/members/") == []


@pytest.mark.parametrize(("cookie", "theme"), [("dark", "dark"), ("light", "light"), ('"><x', ""), ("", "")])
def test_only_known_themes_are_taken_from_the_cookie(rf: object, cookie: str, theme: str) -> None:
    request = rf.get("/")  # type: ignore[attr-defined]
    request.COOKIES["theme"] = cookie
    assert context.Shell(request).theme == theme
