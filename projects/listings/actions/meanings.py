"""Making the meanings of listings, as durable jobs: the row is the queue, and what is due is made in one go."""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction

from marketplace.kernel.jobs import perform
from marketplace.kernel.meaning import MeaningUnavailable, fingerprint, meaning_of_listing, require_model
from projects.listings import tasks
from projects.listings.actions.index import index_projects
from projects.listings.enums import ProjectState
from projects.listings.models import Meaning, Project

logger = logging.getLogger(__name__)
AT_ONCE = 500
"""How many a worker makes before it lets others have their turn; about ten seconds."""


def make_meanings(*, now: datetime) -> int:
    """
    Make the meanings that are due; return how many. Rings again while more are due.

    Right when run twice at once, late, or after a crash: each row is claimed. Where there is no model the rows wait, and
    no attempt is counted.
    """
    try:
        require_model()
    except MeaningUnavailable as trouble:
        logger.warning("meanings.waiting", extra={"why": str(trouble)})
        return 0
    ids = list(Meaning.objects.due(now).values_list("pk", flat=True)[:AT_ONCE])
    made = sum(perform(Meaning.objects.all(), pk=pk, now=now, work=_make) for pk in ids)
    if len(ids) == AT_ONCE:
        tasks.make_meanings.delay_on_commit()
    return made


def _make(job: Meaning) -> None:
    title, *names = job.text.split("\n")
    _record(job, meaning_of_listing(title, names))


@transaction.atomic(durable=True)
def _record(job: Meaning, vector: list[float]) -> None:
    """Write the meaning, unless the listing was changed meanwhile: then the row is due again and no longer ours."""
    Meaning.objects.held(by=job).update(vector=vector, made_of=fingerprint(job.text))


def ring_for_meanings(*, now: datetime) -> int:
    """Ring once if meanings are due, and begin those of listings that have none; return how many were begun. A sweep."""
    if not settings.SEARCH_BY_MEANING:
        return 0
    without = Project.objects.filter(meaning__isnull=True).exclude(state=ProjectState.CLOSED)
    begun = index_projects(list(without.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]), now=now)
    if Meaning.objects.due(now).exists():
        tasks.make_meanings.delay()
    return begun
