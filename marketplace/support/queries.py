"""Finding people, and what was looked at."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from marketplace.accounts.models import User
from marketplace.support.models import Impersonation

SESSION_KEY = "impersonation"
"""Where a session keeps which impersonation it is in: the public id of its row."""

FOUND_MAX = 20
SEARCH_MIN_CHARS = 3


def people_called(text: str) -> list[User]:
    """Return people whose name or e-mail has the text, by name; none for less than three characters."""
    words = text.strip()
    if len(words) < SEARCH_MIN_CHARS:
        return []
    called = Q(full_name__unaccent__icontains=words) | Q(email__icontains=words)
    people = User.objects.filter(called, is_active=True).prefetch_related("role_grants")
    return list(people.order_by("full_name", "pk")[:FOUND_MAX])


def impersonation_at(public_id: UUID, staff: User, now: datetime) -> Impersonation | None:
    """Return this impersonation if it is the staff member's own and runs."""
    running = Impersonation.objects.running(now).filter(public_id=public_id, staff=staff)
    found: Impersonation | None = running.select_related("person").first()
    return found


def newest_impersonations(user: User) -> QuerySet[Impersonation]:
    """Return the newest of those that this person may know of."""
    rows: QuerySet[Impersonation] = Impersonation.objects.visible_to(user).newest_first()
    return rows


def looked_at(person: User) -> list[Impersonation]:
    """Return when support last looked at this person's pages, the newest first, for their own page."""
    return list(Impersonation.objects.filter(person=person).newest_first()[:FOUND_MAX])


def runs_now(request: HttpRequest) -> Impersonation | None:
    """Return the impersonation that this request is part of, as the middleware found it."""
    found: Impersonation | None = getattr(request, "impersonation", None)
    return found
