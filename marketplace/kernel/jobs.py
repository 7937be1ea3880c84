"""
Durable jobs: the row is the queue, Celery is the alarm clock (design 1.4).

A job is a row with a state, `not_before`, `lease_until`, `attempts` and `last_error`. A task message carries only
the row's id. `perform` claims and commits, does the work with no transaction open, and records the end under a
lock. Whatever Redis forgets, a sweep rings again; what fails MAX_ATTEMPTS times is parked for a person.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self, TypeVar

from django.db import models, transaction
from django.db.models import F, Q

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
LEASE = timedelta(minutes=6)  # Longer than the hard time limit of a task, 5 minutes.
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
RING_LIMIT = 500


class JobState(models.TextChoices):
    """Where a job stands. RUNNING with a lease in the past is a worker that died; it is due again."""

    QUEUED = "QUEUED", "Queued"
    RUNNING = "RUNNING", "Running"
    DONE = "DONE", "Done"
    PARKED = "PARKED", "Needs a person"


class JobQuerySet(models.QuerySet[Any]):
    """The words for sets of jobs."""

    def due(self, now: datetime) -> Self:
        """Jobs that nobody works on and whose time has come, the oldest first."""
        waiting = Q(job_state=JobState.QUEUED, not_before__lte=now)
        abandoned = Q(job_state=JobState.RUNNING, lease_until__lt=now)
        return self.filter(waiting | abandoned).order_by("not_before", "pk")

    def parked(self) -> Self:
        return self.filter(job_state=JobState.PARKED)

    def claim(self, *, now: datetime, lease: timedelta = LEASE) -> int:
        """Take the due rows of this set in hand with one conditional UPDATE; return how many were won."""
        free = Q(job_state=JobState.QUEUED, not_before__lte=now) | Q(job_state=JobState.RUNNING, lease_until__lt=now)
        return self.filter(free).update(job_state=JobState.RUNNING, lease_until=now + lease, attempts=F("attempts") + 1)


class Job(models.Model):
    """What every durable job row has. Subclasses say what the work is about."""

    job_state = models.CharField(max_length=8, choices=JobState, default=JobState.QUEUED)
    not_before = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True, default="")
    queued_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = JobQuerySet.as_manager()

    class Meta:
        abstract = True
        indexes = [
            models.Index(
                fields=["not_before"],
                name="%(app_label)s_%(class)s_due",
                condition=Q(job_state__in=[JobState.QUEUED, JobState.RUNNING]),
            )
        ]


J = TypeVar("J", bound=Job)


def finish(job: Job, *, now: datetime) -> None:
    """Mark the job done. Call it inside the transaction that records the work's result."""
    job.job_state = JobState.DONE
    job.finished_at = now
    job.lease_until = None
    job.last_error = ""
    job.save(update_fields=["job_state", "finished_at", "lease_until", "last_error"])


def perform(
    jobs: models.QuerySet[J], *, pk: int, now: datetime, work: Callable[[J], None], lease: timedelta = LEASE
) -> bool:
    """
    Claim one job, do its work, and record how it ended; return whether this call did it.

    Right when run twice, late, or after a crash: a second caller finds nothing to claim. `work` runs with no
    transaction open and must be idempotent, because a worker may die after it and before the record. An error
    makes the job due again after a growing pause and parks it after MAX_ATTEMPTS.
    """
    if not jobs.filter(pk=pk).claim(now=now, lease=lease):  # type: ignore[attr-defined]
        return False
    job = jobs.get(pk=pk)
    try:
        work(job)
    except Exception as error:  # noqa: BLE001 -- whatever went wrong must be written on the row
        _record_failure(jobs, pk=pk, now=now, error=error)
        return False
    _record_done(jobs, pk=pk, now=now)
    return True


@transaction.atomic(durable=True)
def _record_done(jobs: models.QuerySet[J], *, pk: int, now: datetime) -> None:
    job = jobs.select_for_update(of=("self",), no_key=True).get(pk=pk)
    if job.job_state == JobState.RUNNING:
        finish(job, now=now)


@transaction.atomic(durable=True)
def _record_failure(jobs: models.QuerySet[J], *, pk: int, now: datetime, error: Exception) -> None:
    job = jobs.select_for_update(of=("self",), no_key=True).get(pk=pk)
    if job.job_state != JobState.RUNNING:
        return
    logger.warning("job.failed", extra={"job": jobs.model._meta.label, "job_id": pk}, exc_info=error)
    job.last_error = "".join(traceback.format_exception_only(error)).strip()[:2000]
    job.lease_until = None
    job.job_state = JobState.PARKED if job.attempts >= MAX_ATTEMPTS else JobState.QUEUED
    job.not_before = now + pause_after(job.attempts)
    job.save(update_fields=["last_error", "lease_until", "job_state", "not_before"])


@transaction.atomic(durable=True)
def try_again(parked: models.QuerySet[J], *, now: datetime) -> int:
    """Set parked jobs due again with a fresh count of attempts; return how many. The sweep rings them."""
    return parked.filter(job_state=JobState.PARKED).update(
        job_state=JobState.QUEUED, not_before=now, attempts=0, lease_until=None
    )


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after the n-th failure: ten seconds, doubling, at most an hour."""
    return min(FIRST_PAUSE * 2 ** max(0, attempts - 1), LONGEST_PAUSE)


def ring_due(jobs: models.QuerySet[J], *, now: datetime, ring: Callable[[str], object]) -> int:
    """Ring the doorbell for each due row of this set; doubled rings are harmless. Return how many were rung."""
    ids = list(jobs.due(now).values_list("pk", flat=True)[:RING_LIMIT])  # type: ignore[attr-defined]
    for pk in ids:
        ring(str(pk))
    return len(ids)
