"""The board as an Atom feed: any search that /gigs understands, the newest first."""

from __future__ import annotations

from dataclasses import replace

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from marketplace.kernel import clock
from projects.listings.enums import BoardOrder
from projects.listings.forms.board import BoardForm
from projects.listings.queries import board
from projects.reach.queries.changes import changed_at
from projects.reach.queries.matches import filters_of, plain_query, words_of
from projects.reach.views.caching import cached
from projects.reach.writers.atom import Feed, write_feed

ENTRIES = 50
FRESH_SECONDS = 300


@login_not_required
@require_safe
def gigs(request: HttpRequest) -> HttpResponse:
    """Answer with the feed, or with 304 to who has it; gigs that have only some of the words are left out."""
    now = clock.now()
    filters = filters_of(request.GET)
    form = BoardForm(request.GET)
    form.filters()
    page = board(replace(filters, order=BoardOrder.NEWEST), now=now, after=form.cleaned_data["after"], size=ENTRIES)
    rows = [] if page.widened else page.rows
    feed = Feed(
        query=plain_query(filters),
        words=words_of([filters])[0],
        gigs=rows,
        changed_at=changed_at([row.public_id for row in rows]),
        next_after="" if page.widened else page.next_after,
        is_first=not form.cleaned_data["after"],
    )
    response = HttpResponse(write_feed(feed), content_type="application/atom+xml; charset=utf-8")
    return cached(request, response, seconds=FRESH_SECONDS, changed_at=feed.updated_at if rows else None)
