"""Saved searches of the first persona, and what they have found."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from marketplace.demo.actions.people import personas
from projects.reach.actions.alerts import look
from projects.reach.actions.searches import Wanted, pause_search, resume_search, save_search
from projects.reach.enums import Frequency, SearchState
from projects.reach.models import SavedSearch

SAVED: Final = timedelta(days=21)
SEARCHES: Final = (
    Wanted("field=medicine&rate=15000", "Medicine that pays well", Frequency.DAILY),
    Wanted("q=heart+doctor", "", Frequency.INSTANT),
    Wanted("field=chess", "Chess, for the evenings", Frequency.HERE),
)
RESTS: Final = "field=chess"


def make_searches(*, now: datetime) -> None:
    """Let the first persona have saved three searches weeks ago; two have looked since, one rests."""
    person = personas()["expert"]
    for wanted in SEARCHES:
        there = SavedSearch.objects.visible_to(person).filter(query=wanted.query).first()
        search = there or save_search(wanted=wanted, by=person, now=now - SAVED)
        if wanted.query == RESTS and search.state == SearchState.WATCHING:
            pause_search(search_id=search.public_id, by=person, now=now - SAVED)
        elif wanted.query != RESTS and search.looked_at < now:
            # Resting and waking sets it due, as a sweep would.
            if search.state == SearchState.WATCHING:
                pause_search(search_id=search.public_id, by=person, now=now)
            resume_search(search_id=search.public_id, by=person, now=now)
            look(search_id=search.pk, now=now)
