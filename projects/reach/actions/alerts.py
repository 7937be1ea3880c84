"""
Looking for new gigs for a saved search, and telling its owner.

The search's own row is the job. What was found, that its owner was told, the notice and the e-mail in the outbox commit
together, so a kill at any moment neither loses a gig nor tells of one twice. Who knows of a gig is in a row of its own, and
a constraint holds it to one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.kernel import jobs
from marketplace.kernel.jobs import JobState
from marketplace.notices.actions import notify
from projects.listings.models import Project
from projects.reach.enums import (
    COMMIT_MARGIN,
    GIGS_IN_EMAIL,
    LOOK_AT_LEAST,
    LOOK_BACK,
    LOOK_UNHURRIED,
    Frequency,
)
from projects.reach.models import FoundGig, SavedSearch
from projects.reach.queries.looks import line_of
from projects.reach.queries.matches import filters_of, matching
from projects.reach.queries.searches import may_be_written_to, newest_publication, next_email_at, stop_url


@transaction.atomic(durable=True)
def wake_searches(*, now: datetime) -> int:
    """
    Set the searches due that have something to look for; return how many. Run by a sweep.

    Something was published since they looked, or they have not looked for a day. Those that tell nobody at once look
    every hour at most.
    """
    newest = newest_publication()
    behind = Q(looked_at__lt=now - LOOK_AT_LEAST)
    if newest is not None:
        behind |= Q(looked_at__lt=newest)
        if newest + COMMIT_MARGIN < now:  # once more, for what became visible after the moment that it carries
            behind |= Q(looked_at__lt=newest + COMMIT_MARGIN)
    unhurried = Q(frequency=Frequency.INSTANT) | Q(looked_at__lt=now - LOOK_UNHURRIED)
    asleep = SavedSearch.objects.watching().filter(behind, unhurried, job_state=JobState.DONE)
    return int(asleep.update(job_state=JobState.QUEUED, not_before=now, queued_at=now, attempts=0))


def look(*, search_id: int, now: datetime) -> None:
    """Look for what is new for one search, and tell its owner if it is time. A job: right when run twice, late or never."""
    jobs.perform(SavedSearch.objects.watching(), pk=search_id, now=now, work=lambda search: _look(search, now=now))


@transaction.atomic(durable=True)
def _look(taken: SavedSearch, *, now: datetime) -> None:
    mine = SavedSearch.objects.held(by=taken).select_related("user").select_for_update(of=("self",), no_key=True)
    search: SavedSearch | None = mine.first()
    if search is None:
        return  # paused, deleted, or in other hands
    since = max(search.watched_since - COMMIT_MARGIN, search.looked_at - LOOK_BACK)
    gigs = matching(filters_of(search.query), now=now, since=since)
    FoundGig.objects.bulk_create(
        [FoundGig(search=search, project=gig, found_at=now) for gig in gigs], ignore_conflicts=True
    )
    search.looked_at = now
    untold = _untold(search, gigs)
    due_at = next_email_at(search) if untold and may_be_written_to(search.user) else None
    if due_at is not None and due_at <= now:
        _tell(search, untold, now=now)
        due_at = None
    if due_at is None:
        jobs.finish(search, now=now)
    else:
        search.job_state, search.not_before = JobState.QUEUED, due_at
    search.attempts, search.lease_until, search.last_error = 0, None, ""
    search.save(
        update_fields=["looked_at", "told_at", "job_state", "not_before", "attempts", "lease_until", "last_error"]
    )


def _untold(search: SavedSearch, gigs: Sequence[Project]) -> list[Project]:
    """Return those of the gigs that its owner was not told of and has not seen here meanwhile."""
    rows = FoundGig.objects.filter(
        search=search, told_at__isnull=True, found_at__gt=search.seen_at, project__in=[gig.pk for gig in gigs]
    )
    ids = set(rows.values_list("project_id", flat=True))
    return [gig for gig in gigs if gig.pk in ids]


def _tell(search: SavedSearch, gigs: list[Project], *, now: datetime) -> None:
    """Put the news on the page and into the outbox, in the transaction that notes them as told."""
    count, listed = len(gigs), gigs[:GIGS_IN_EMAIL]
    title = _("New gig: %(title)s") % {"title": gigs[0].title}
    if count > 1:
        title = _("%(count)s new gigs: %(name)s") % {"count": count, "name": search.name}
    found = ngettext(
        "Your saved search “%(name)s” has found a gig:", "Your saved search “%(name)s” has found gigs:", count
    )
    notify(
        user=search.user,
        kind="searches",
        title=title,
        body="\n\n".join([found % {"name": search.name}, "\n".join(gig.title for gig in listed)]),
        path=reverse("reach:search", args=[search.public_id]),
        button=_("See it here") if count == 1 else _("See them here"),
        now=now,
        template="emails/new_gigs",
        more={"search": search, "gigs": [line_of(gig) for gig in listed], "rest": count - len(listed)},
        stop_url=stop_url(search),
    )
    FoundGig.objects.filter(search=search, project__in=[gig.pk for gig in gigs]).update(told_at=now)
    search.told_at = now
