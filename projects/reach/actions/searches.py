"""Saving searches of the board, and changing how they are heard of. Each function is one decision, one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.actors import System
from marketplace.kernel.errors import Conflict, Invalid, Refused
from marketplace.kernel.jobs import JobState
from marketplace.kernel.states import require_move
from projects.listings.enums import ProjectState
from projects.reach import policies
from projects.reach.enums import COMMIT_MARGIN, NAME_MAX, QUERY_MAX, SEARCH_MOVES, Frequency, SearchState
from projects.reach.models import FoundGig, SavedSearch
from projects.reach.queries.matches import filters_of, matching, name_of, words_of

CLOSED_AT_ONCE: Final = 1000
JOB_COLUMNS: Final = ("job_state", "not_before", "queued_at", "attempts")
MAIL: Final = System("reach.stop_link")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person says of a search: the board's address, a name (empty: made from it), how often."""

    query: str
    name: str = ""
    frequency: str = Frequency.DAILY


@transaction.atomic(durable=True)
def save_search(*, wanted: Wanted, by: User, now: datetime, instead_of: UUID | None = None) -> SavedSearch:
    """
    Keep a search, or put it in the place of another one of the same person.

    What the board shows now is not new any more: alerts are about gigs published from now on. Saving the same search again
    changes its name and how often, and nothing is found anew.

    :raises Invalid: if it asks for more than can be kept.
    :raises Refused: if the person has as many as anybody can keep.
    :raises Conflict: if another search of the person asks for the same already.
    """
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)  # two windows save one after the other
    if len(wanted.query) > QUERY_MAX:
        raise Invalid("This search has more filters than can be kept. Take a few away.")
    mine = SavedSearch.objects.visible_to(by)
    search = mine.filter(query=wanted.query).select_for_update(of=("self",), no_key=True).first()
    replaced = _locked(instead_of, by) if instead_of is not None else None
    if search is not None and replaced is not None and search.pk != replaced.pk:
        raise Conflict(f"“{search.name}” asks for the same already.")
    search = search or replaced
    if search is None:
        policies.require_room_for_one_more(mine.count())
        search = SavedSearch(user=by, created_at=now, queued_at=now, not_before=now, job_state=JobState.DONE)
    search.name = _name(wanted)
    search.frequency = wanted.frequency
    is_new = search.pk is None
    if is_new or search.query != wanted.query:
        search.query = wanted.query
        search.watched_since = search.looked_at = search.seen_at = now
    search.save()
    if search.watched_since == now:
        _know_what_is_there(search, now=now)
    what = "reach.save_search" if is_new else "reach.change_search"
    record(what=what, by=by, about=search, now=now, after={"frequency": search.frequency})
    return search


def _name(wanted: Wanted) -> str:
    said = " ".join(wanted.name.split())
    name = said or name_of(words_of([filters_of(wanted.query)])[0])
    return name if len(name) <= NAME_MAX else f"{name[: NAME_MAX - 1].rstrip()}…"


def _know_what_is_there(search: SavedSearch, *, now: datetime) -> None:
    """
    Note the gigs of the last minutes that the person has just seen on the board.

    Alerts look a little before the moment of saving, because a gig may become visible after the time that it carries.
    """
    seen = matching(filters_of(search.query), now=now, since=now - COMMIT_MARGIN)
    FoundGig.objects.bulk_create(
        [FoundGig(search=search, project=gig, found_at=now, told_at=now) for gig in seen], ignore_conflicts=True
    )


@transaction.atomic(durable=True)
def change_search(*, search_id: UUID, name: str, frequency: str, by: User, now: datetime) -> SavedSearch:
    """
    Give a search another name, or have its owner told more or less often.

    :raises Invalid: if the name is empty.
    """
    search = _locked(search_id, by)
    if not name.strip():
        raise Invalid("Give it a name.", field="name")
    search.name = _name(Wanted(search.query, name))
    if search.frequency != frequency:
        search.frequency = frequency
        _look_again(search, now=now)
    search.save(update_fields=["name", "frequency", *JOB_COLUMNS])
    record(what="reach.change_search", by=by, about=search, now=now, after={"frequency": frequency})
    return search


@transaction.atomic(durable=True)
def pause_search(*, search_id: UUID, by: User, now: datetime) -> SavedSearch:
    """
    Let a search rest: it looks for nothing and tells nothing.

    :raises WrongState: if it rests already.
    """
    search = _locked(search_id, by)
    require_move(SEARCH_MOVES, current=search.state, target=SearchState.PAUSED, what="saved search")
    search.state = SearchState.PAUSED
    search.job_state, search.lease_until = JobState.DONE, None
    search.save(update_fields=["state", "job_state", "lease_until"])
    record(what="reach.pause_search", by=by, about=search, now=now)
    return search


@transaction.atomic(durable=True)
def resume_search(*, search_id: UUID, by: User, now: datetime) -> SavedSearch:
    """
    Wake a search that rested. What appeared meanwhile and is still open is in its next alert.

    :raises WrongState: if it does not rest.
    """
    search = _locked(search_id, by)
    require_move(SEARCH_MOVES, current=search.state, target=SearchState.WATCHING, what="saved search")
    search.state = SearchState.WATCHING
    _look_again(search, now=now)
    search.save(update_fields=["state", *JOB_COLUMNS])
    record(what="reach.resume_search", by=by, about=search, now=now)
    return search


def _look_again(search: SavedSearch, *, now: datetime) -> None:
    """Set a search due, unless a worker has it in hand or it rests."""
    if search.state == SearchState.WATCHING and search.job_state != JobState.RUNNING:
        search.job_state, search.not_before, search.queued_at, search.attempts = JobState.QUEUED, now, now, 0


@transaction.atomic(durable=True)
def mark_seen(*, search_id: UUID, by: User, now: datetime) -> SavedSearch:
    """Note that the person looked at what a search has found; nothing of it is new any more."""
    search = _locked(search_id, by)
    search.seen_at = now
    search.save(update_fields=["seen_at"])
    return search


@transaction.atomic(durable=True)
def delete_search(*, search_id: UUID, by: User, now: datetime) -> None:
    """Delete a search with everything it found."""
    search = _locked(search_id, by)
    record(what="reach.delete_search", by=by, about=search, now=now)
    search.delete()


@transaction.atomic(durable=True)
def stop_emails(*, search_id: UUID, now: datetime) -> SavedSearch:
    """Send no more e-mails about one search, as whoever has the link of one may ask; it goes on looking."""
    search: SavedSearch = SavedSearch.objects.select_for_update(of=("self",), no_key=True).get(public_id=search_id)
    if search.frequency != Frequency.HERE:
        search.frequency = Frequency.HERE
        search.save(update_fields=["frequency"])  # what was found and not told stays to be seen here
        record(what="reach.stop_emails", by=MAIL, about=search, now=now)
    return search


@transaction.atomic(durable=True)
def forget_closed_gigs() -> int:
    """Delete what searches found of gigs that are closed for good, some at a time: those never come back."""
    closed = FoundGig.objects.filter(project__state=ProjectState.CLOSED).order_by("pk").values("pk")[:CLOSED_AT_ONCE]
    gone, _by_model = FoundGig.objects.filter(pk__in=list(closed.values_list("pk", flat=True))).delete()
    return gone


def _locked(search_id: UUID, by: User) -> SavedSearch:
    rows = SavedSearch.objects.visible_to(by).select_for_update(of=("self",), no_key=True)
    search: SavedSearch | None = rows.filter(public_id=search_id).first()
    if search is None:
        raise Refused("This search is not here any more.")
    return search
