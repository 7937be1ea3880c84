"""Saved searches for tests."""

from __future__ import annotations

from datetime import datetime

from marketplace.accounts.models import User
from projects.reach.actions.alerts import look, wake_searches
from projects.reach.actions.searches import Wanted, save_search
from projects.reach.enums import Frequency
from projects.reach.models import SavedSearch
from tests.factories.projects_labs import NOW


def save(
    user: User,
    query: str = "field=medicine",
    *,
    frequency: str = Frequency.INSTANT,
    name: str = "",
    now: datetime = NOW,
) -> SavedSearch:
    """A saved search of this person."""
    return save_search(wanted=Wanted(query, name, frequency), by=user, now=now)


def sweep(now: datetime) -> None:
    """What the sweep and the worker do in one round: wake, ring, look."""
    wake_searches(now=now)
    for pk in list(SavedSearch.objects.watching().due(now).values_list("pk", flat=True)):
        look(search_id=pk, now=now)
