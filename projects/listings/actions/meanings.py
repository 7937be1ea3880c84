"""Making the meanings of listings, as durable jobs: the row is the queue, and what is due is made in one go."""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction

from marketplace.kernel.jobs import LEASE, JobState, park_spent
from marketplace.kernel.meaning import MeaningUnavailable, fingerprint, meaning_of_listing, require_model
from projects.listings import tasks
from projects.listings.actions.index import index_projects
from projects.listings.enums import ProjectState
from projects.listings.models import Meaning, Project

logger = logging.getLogger(__name__)
AT_ONCE = 500
"""How many a worker makes before it lets others have their turn; a few seconds."""

TOGETHER = 50
"""How many are claimed and recorded together."""


def make_meanings(*, now: datetime) -> int:
    """
    Make the meanings that are due; return how many. Rings again while more are due.

    Right when run twice at once, late, or after a crash: rows are claimed before and recorded only by who holds them. Where
    there is no model the rows wait, and no attempt is counted.
    """
    try:
        require_model()
    except MeaningUnavailable as trouble:
        logger.warning("meanings.waiting", extra={"why": str(trouble)})
        return 0
    ids = list(Meaning.objects.due(now).values_list("pk", flat=True)[:AT_ONCE])
    made = sum(_make(ids[start : start + TOGETHER], now=now) for start in range(0, len(ids), TOGETHER))
    if len(ids) == AT_ONCE:
        tasks.make_meanings.delay_on_commit()
    return made


def _make(ids: list[int], *, now: datetime) -> int:
    """Claim rows, make their meanings with no transaction open, and record them; two transactions for all of them."""
    made: list[tuple[Meaning, list[float]]] = []
    for job in _take(ids, now=now):
        title, *names = job.text.split("\n")
        try:
            made.append((job, meaning_of_listing(title, names)))
        except Exception:  # One text must not stop the others. Its lease ends, and after eight attempts it is parked.
            logger.exception("meaning.failed", extra={"job_id": job.pk})
    return _record(made, now=now)


@transaction.atomic(durable=True)
def _take(ids: list[int], *, now: datetime) -> list[Meaning]:
    Meaning.objects.filter(pk__in=ids).claim(now=now)
    held = Meaning.objects.filter(pk__in=ids, job_state=JobState.RUNNING, lease_until=now + LEASE)
    # As index_project comes to them: by project.
    return list(held.order_by("project").defer("vector"))


@transaction.atomic(durable=True)
def _record(made: list[tuple[Meaning, list[float]]], *, now: datetime) -> int:
    """Write the meanings. A listing that was changed meanwhile is due again and no longer ours, so nothing is written."""
    done = {"job_state": JobState.DONE, "finished_at": now, "lease_until": None, "last_error": ""}
    return sum(
        Meaning.objects.held(by=job).update(vector=vector, made_of=fingerprint(job.text), **done)
        for job, vector in made
    )


def ring_for_meanings(*, now: datetime) -> int:
    """
    Ring once if meanings are due, park those that had all their attempts, and begin those of listings that have none; return
    how many were begun. A sweep.
    """
    if not settings.SEARCH_BY_MEANING:
        return 0
    park_spent(Meaning.objects.all(), now=now)
    without = Project.objects.filter(meaning__isnull=True).exclude(state=ProjectState.CLOSED)
    begun = index_projects(list(without.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]), now=now)
    if Meaning.objects.due(now).exists():
        tasks.make_meanings.delay()
    return begun
