"""Draw a piece of template with our components, the way a page does, and read HTML strictly."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.template import engines
from django.test import RequestFactory
from django_cotton.compiler_regex import CottonCompiler

VOID = {"br", "hr", "img", "input", "link", "meta", "path", "circle", "rect", "line", "polyline", "polygon"}
NOW = datetime(2026, 11, 18, 14, 24, tzinfo=UTC)
EVIL = '"><script>alert(1)</script>'


def draw(source: str, **context: Any) -> str:
    """Return the HTML of `source`, a template text with c- tags. Its clocks count from NOW."""
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    template = engines["django"].from_string(CottonCompiler().process(source))
    return str(template.render({"now": NOW} | context, request))


class Soundness(HTMLParser):
    """Finds elements that are closed by something else, and counts ids."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.ids: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids.update(value or "" for name, value in attrs if name == "id")
        names = Counter(name for name, _ in attrs)
        self.wrong += [f"{tag} has {name} twice" for name, count in names.items() if count > 1]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            self.handle_starttag(tag, attrs)
        else:
            self.wrong.append(f"<{tag}/>")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")
