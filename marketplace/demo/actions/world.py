"""
Making the demonstration world in stages, through the product's own actions.

Nothing is written that an action would refuse, so the books balance, the stand-in for Stripe agrees with them, and every
page tells the same story. A try that was stopped is gone on with: each stage looks for what it would make before it
makes it, and plans everything before it begins, so that a second try plans the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from experts.assessments.models import Recording, ResultEvent
from experts.credentials.models import Document, FileEvent
from experts.profiles.models import ProfileEvent
from experts.resumes.models import Reading
from experts.vetting.models import Check
from marketplace.demo.actions import (
    agreements,
    assessments,
    board,
    candidates,
    hires,
    news,
    papers,
    people,
    reach,
    registers,
    resumes,
    standing,
    twins,
    verdicts,
    vetting,
    weeks,
    work,
)
from marketplace.demo.models import WorldStage
from marketplace.demo.queries import WORLD
from marketplace.demo.world.standin import stand_in
from marketplace.kernel import doorbell
from marketplace.kernel.errors import Conflict
from marketplace.kernel.jobs import JobState
from payments.funding.models import FundingEvent
from payments.payouts.models import PayoutEvent, PayoutJob
from projects.delivery.models import Export
from projects.listings.models import ListingEvent
from projects.reach.models import SavedSearch

STAGES: Final[dict[str, Callable[..., None]]] = {
    "people": people.make_people,
    "labs and gigs": board.make_board,
    "public registers": registers.import_lists,
    "questions": assessments.make_bank,
    "vetting": vetting.make_cases,
    "contracts": hires.make_contracts,
    "tasks and reviews": work.make_work,
    "hours and pay": weeks.live_through_weeks,
    "papers and keys": papers.make_papers,
    "a newer sanctions list": registers.import_newer_lists,
    "assessments": assessments.make_attempts,
    "a résumé": resumes.make_resumes,
    "decisions and appeals": verdicts.make_verdicts,
    "certificates and referrals": standing.make_standing,
    "news of listings": news.make_news,
    "accounts in common": twins.make_twins,
    "saved searches": reach.make_searches,
    "scorecards and invitations": candidates.make_candidates,
    "amendments and ratings": agreements.make_agreements,
}
JOBS = (
    Check, Document, Export, FileEvent, FundingEvent, ListingEvent, PayoutEvent, PayoutJob, ProfileEvent, Reading, Recording,
    ResultEvent, SavedSearch,
)  # fmt: skip
_MAKERS_LOCK = 7_346_202


def make_world(*, now: datetime) -> Iterator[str]:
    """
    Make the world, or what is missing of it, yielding the name of each stage as it is done.

    What an earlier try began keeps the moment at which it was begun, so that the whole world has one present.

    :raises Conflict: if another process makes it at this moment.
    """
    with ExitStack() as needed:
        for need in (_alone(), _fast(), doorbell.muted(), stand_in()):
            needed.enter_context(need)
        begun_at = _begin(WORLD, now=now)
        for name, make in STAGES.items():
            if not _is_done(name):
                _begin(name, now=now)
                make(now=begun_at)
                _finish(name, now=now)
            yield name
        _finish(WORLD, now=now)


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process at a time make the world; the database forgets the lock when the process dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_MAKERS_LOCK])
        if not cursor.fetchone()[0]:
            raise Conflict("Another process is making the demonstration world. Wait until it is done.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_MAKERS_LOCK])


@contextmanager
def _fast() -> Iterator[None]:
    """
    Leave out what thousands of small actions in a row do not need.

    The disk need not have each commit at once: what a crash forgets was the last, and is made again. And DEBUG would
    keep the text of every statement.
    """
    connection.make_debug_cursor = connection.make_cursor  # type: ignore[method-assign,assignment]
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    try:
        yield
    finally:
        del connection.make_debug_cursor
        with connection.cursor() as cursor:
            cursor.execute("RESET synchronous_commit")


@transaction.atomic(durable=True)
def _begin(name: str, *, now: datetime) -> datetime:
    """Write down that a part is begun, and return when that was first done."""
    stage, is_new = WorldStage.objects.get_or_create(name=name, defaults={"begun_at": now})
    if not is_new:
        _take_over()
    return stage.begun_at


def _take_over() -> None:
    """Put back into the queue what a stopped try had in hand: its leases would end only in minutes."""
    for jobs in JOBS:
        jobs.objects.filter(job_state=JobState.RUNNING).update(job_state=JobState.QUEUED, lease_until=None)


def _is_done(name: str) -> bool:
    return WorldStage.objects.filter(name=name, done_at__isnull=False).exists()


@transaction.atomic(durable=True)
def _finish(name: str, *, now: datetime) -> None:
    WorldStage.objects.filter(name=name).update(done_at=now)
