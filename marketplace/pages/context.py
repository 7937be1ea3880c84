"""What every page's frame needs to know. Nothing here asks the database until a template uses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import HttpRequest

from marketplace.accounts.models import User
from marketplace.kernel import clock
from marketplace.notices import queries
from marketplace.pages.formats import initials_of

THEMES = {"light", "dark"}
UnreadCounter = Callable[[Any], int]


def name_of(user: Any) -> str:
    """Return how a person is called on their own pages."""
    for source in ("display_name", "full_name", "name"):
        value = getattr(user, source, "")
        if value:
            return str(value() if callable(value) else value)
    return str(getattr(user, "email", "") or "")


@dataclass
class Shell:
    """The frame of a page: who reads it, in which theme, at what time. Lazy where it costs a query."""

    request: HttpRequest

    @cached_property
    def now(self) -> datetime:
        return clock.now()

    @cached_property
    def theme(self) -> str:
        """ "light" or "dark" when the person chose one, else "" (the system decides)."""
        chosen = self.request.COOKIES.get("theme", "")
        return chosen if chosen in THEMES else ""

    @cached_property
    def signed_in(self) -> bool:
        user = getattr(self.request, "user", None)
        return bool(user is not None and user.is_authenticated)

    @cached_property
    def name(self) -> str:
        return name_of(self.request.user) if self.signed_in else ""

    @cached_property
    def initials(self) -> str:
        return initials_of(self.name)

    @cached_property
    def section(self) -> str:
        """The namespace of the page, e.g. "listings"."""
        match = self.request.resolver_match
        return str(match.namespace) if match else ""

    @cached_property
    def unread(self) -> int:
        """How many notices wait for the reader; one query, only when the bell is drawn."""
        return queries.unread_count(self.request.user) if isinstance(self.request.user, User) else 0


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give every template `shell`."""
    return {"shell": Shell(request)}
