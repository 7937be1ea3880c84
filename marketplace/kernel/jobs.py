"""
Durable jobs: the row is the queue, Celery is the alarm clock (design 1.4).

A job is a row with a state, `not_before`, `lease_until`, `attempts` and `last_error`. A task message carries only
the row's id. `perform` claims and commits, does the work with no transaction open, and records the end under a
lock. Whatever Redis forgets, a sweep rings again. What fails MAX_ATTEMPTS times, or takes its worker with it as
often, is parked for a person.

The lease is the fence: a worker writes to the row only while the lease on it is the one that it took. Who was slower
than its lease finds another one there, or none, and leaves the row to whoever has it now.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self, TypeVar

from django.db import models, transaction
from django.db.models import F, Q
from structlog.contextvars import bound_contextvars

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
LEASE = timedelta(minutes=6)  # Longer than the hard time limit of a task, 5 minutes.
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
RING_LIMIT = 500
NO_WORD = "Attempt {attempts} ended without a word: its worker was killed, ran out of memory, or ran over the hard time limit."


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

    def held(self, *, by: Job) -> Self:
        """
        The row of a job as long as it is in the hands of the worker that claimed it as `by`, else nothing.

        Two leases never end at the same microsecond: each begins after the one before has ended or was given back.
        """
        mine = {"job_state": JobState.RUNNING, "lease_until": by.lease_until, "attempts": by.attempts}
        return self.filter(pk=by.pk, **mine)

    def spent(self, now: datetime) -> Self:
        """Jobs that are due once more although they had all their attempts: the last worker died over them."""
        return self.due(now).filter(attempts__gte=MAX_ATTEMPTS)

    def claim(self, *, now: datetime, lease: timedelta = LEASE) -> int:
        """
        Take the due rows of this set in hand with one conditional UPDATE; return how many were won.

        A row that had MAX_ATTEMPTS is not given out any more, whoever asks: `park_spent` is what happens to it.
        """
        free = self.due(now).filter(attempts__lt=MAX_ATTEMPTS)
        return free.update(job_state=JobState.RUNNING, lease_until=now + lease, attempts=F("attempts") + 1)


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
            ),
            models.Index(
                fields=["queued_at"],
                name="%(app_label)s_%(class)s_parked",
                condition=Q(job_state=JobState.PARKED),
            ),
        ]


J = TypeVar("J", bound=Job)
Watch = Callable[[], float]
_worked: ContextVar[Callable[[], timedelta]] = ContextVar("worked", default=timedelta)
"""How long the attempt that runs here has taken; nothing where none runs."""


def finish(job: Job, *, now: datetime) -> None:
    """
    Mark the job done. Call it inside the transaction that records the work's result, on the locked row.

    :param now: when the attempt began; what it took since then is added.
    """
    job.job_state = JobState.DONE
    job.finished_at = now + _worked.get()()
    job.lease_until = None
    job.last_error = ""
    job.save(update_fields=["job_state", "finished_at", "lease_until", "last_error"])


def perform(
    jobs: models.QuerySet[J],
    *,
    pk: int,
    now: datetime,
    work: Callable[[J], None],
    lease: timedelta = LEASE,
    watch: Watch = time.monotonic,
) -> bool:
    """
    Claim one job, do its work, and record how it ended; return whether this call did it.

    Right when run twice, late, or after a crash: a second caller finds nothing to claim. `work` runs with no
    transaction open and must be idempotent, because a worker may die after it and before the record. An error
    makes the job due again after a growing pause, counted from the end of the attempt, and parks it after
    MAX_ATTEMPTS; so does a worker that dies over it as often. Whose lease was taken over meanwhile records nothing.

    :param watch: tells the seconds since some moment; read at the beginning and at the end of the work.
    """
    job = _take(jobs.filter(pk=pk), now=now, lease=lease)
    if job is None:
        return False
    began = watch()

    def worked() -> timedelta:
        return timedelta(seconds=int(watch() - began))  # Pauses and reports need no fractions.

    token = _worked.set(worked)
    with bound_contextvars(job=jobs.model._meta.label, job_id=pk, attempt=job.attempts):
        try:
            work(job)
        except Exception as error:  # noqa: BLE001 -- whatever went wrong must be written on the row
            _record_failure(jobs, taken=job, now=now + worked(), error=error)
            return False
        else:
            _record_done(jobs, taken=job, now=now)
            return True
        finally:
            _worked.reset(token)


@transaction.atomic(durable=True)
def _take(one: models.QuerySet[J], *, now: datetime, lease: timedelta) -> J | None:
    """Claim the job and return it as this worker holds it: read under the lock of the claim, so with our lease."""
    if one.claim(now=now, lease=lease):  # type: ignore[attr-defined]
        return one.get()
    park_spent(one, now=now)
    return None


@transaction.atomic(durable=True)
def _record_done(jobs: models.QuerySet[J], *, taken: J, now: datetime) -> None:
    job = _held(jobs, taken)
    if job is not None:
        finish(job, now=now)
    if job is not None or jobs.filter(pk=taken.pk, job_state=JobState.DONE).exists():
        logger.info("job.done", extra={"seconds": _worked.get()().total_seconds()})
    elif jobs.filter(pk=taken.pk, job_state=JobState.RUNNING).exists():
        logger.warning("job.lease_lost", extra={"lease_until": taken.lease_until})


@transaction.atomic(durable=True)
def _record_failure(jobs: models.QuerySet[J], *, taken: J, now: datetime, error: Exception) -> None:
    job = _held(jobs, taken)
    if job is None:
        logger.warning("job.lease_lost", extra={"lease_until": taken.lease_until}, exc_info=error)
        return
    logger.warning("job.failed", exc_info=error)
    job.last_error = "".join(traceback.format_exception_only(error)).strip()[:2000]
    job.lease_until = None
    job.job_state = JobState.PARKED if job.attempts >= MAX_ATTEMPTS else JobState.QUEUED
    job.not_before = now + pause_after(job.attempts)
    job.save(update_fields=["last_error", "lease_until", "job_state", "not_before"])
    if job.job_state == JobState.PARKED:
        _alarm(jobs, pk=job.pk, last_error=job.last_error)


def _held(jobs: models.QuerySet[J], taken: J) -> J | None:
    """Lock and return the row if this worker still holds it."""
    row: J | None = jobs.held(by=taken).select_for_update(of=("self",), no_key=True).first()  # type: ignore[attr-defined]
    return row


def park_spent(jobs: models.QuerySet[J], *, now: datetime) -> int:
    """
    Park the jobs of this set that took their worker with them MAX_ATTEMPTS times; return how many.

    Such a worker could record nothing, so it is done by whoever finds the row: the next to claim it, or a sweep. One
    conditional UPDATE each, so that a row that somebody else parks or tries again meanwhile is left alone.
    """
    spent = jobs.spent(now)  # type: ignore[attr-defined]
    parked = 0
    for pk, attempts, before in list(spent.values_list("pk", "attempts", "last_error")[:RING_LIMIT]):
        words = NO_WORD.format(attempts=attempts) + (f" The last error before: {before}" if before else "")
        if spent.filter(pk=pk).update(job_state=JobState.PARKED, lease_until=None, last_error=words[:2000]):
            _alarm(jobs, pk=pk, last_error=words)
            parked += 1
    return parked


def _alarm(jobs: models.QuerySet[J], *, pk: int, last_error: str) -> None:
    """Say once and aloud that a job needs a person; /readyz and the cockpit go on saying it."""
    logger.error("job.parked", extra={"job": jobs.model._meta.label, "job_id": pk, "last_error": last_error})


def try_again(parked: models.QuerySet[J], *, now: datetime, **also: str) -> int:
    """
    Set parked jobs due again with a fresh count of attempts; return how many. The sweep rings them. Joins the caller's
    transaction.

    The row stays the same, and with it everything that is named after it: nothing is begun a second time.

    :param also: further columns of the row to set, for work that had been given up.
    """
    return parked.filter(job_state=JobState.PARKED).update(
        job_state=JobState.QUEUED, not_before=now, attempts=0, lease_until=None, **also
    )


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after the n-th failure: ten seconds, doubling, at most an hour."""
    return min(FIRST_PAUSE * 2 ** max(0, attempts - 1), LONGEST_PAUSE)


def ring_due(jobs: models.QuerySet[J], *, now: datetime, ring: Callable[[str], object]) -> int:
    """
    Ring the doorbell for each due row of this set, and park those that had all their attempts; return how many.

    Doubled rings are harmless.
    """
    parked = park_spent(jobs, now=now)
    ids = list(jobs.due(now).values_list("pk", flat=True)[:RING_LIMIT])  # type: ignore[attr-defined]
    for pk in ids:
        ring(str(pk))
    return parked + len(ids)
