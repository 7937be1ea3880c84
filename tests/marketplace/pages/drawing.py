"""Draw a piece of template with our components, the way a page does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.template import engines
from django.test import RequestFactory
from django_cotton.compiler_regex import CottonCompiler

NOW = datetime(2026, 11, 18, 14, 24, tzinfo=UTC)


def draw(source: str, **context: Any) -> str:
    """Return the HTML of `source`, a template text with c- tags. Its clocks count from NOW."""
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    template = engines["django"].from_string(CottonCompiler().process(source))
    return str(template.render({"now": NOW} | context, request))
