"""Durable jobs, shown with the outbox of e-mails: claimed once, retried with pauses, parked in the end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from marketplace.kernel import jobs
from marketplace.kernel.events import announce
from marketplace.kernel.jobs import JobState
from marketplace.notices.models import EmailMessage
from payments.funding.models import FundingEvent

NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)


def make_job(**facts):
    values = {"to_address": "a@b.example", "kind": "account", "subject": "S", "text": "T"} | facts
    return EmailMessage.objects.create(**{"not_before": NOW, "queued_at": NOW} | values)


def perform(job, work, now=NOW):
    return jobs.perform(EmailMessage.objects.all(), pk=job.pk, now=now, work=work)


@pytest.mark.django_db(transaction=True)
def test_a_job_is_done_once_however_often_it_is_rung():
    job, done = make_job(), []
    assert [perform(job, done.append) for _ in range(3)] == [True, False, False]
    job.refresh_from_db()
    assert (len(done), job.job_state, job.attempts, job.finished_at) == (1, JobState.DONE, 1, NOW)


@pytest.mark.django_db(transaction=True)
def test_four_workers_ringing_at_once_do_a_job_once():
    job, done = make_job(), []

    def ring(_):
        try:
            return perform(job, done.append)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as workers:
        outcomes = list(workers.map(ring, range(4)))
    assert (sorted(outcomes), len(done)) == ([False, False, False, True], 1)


@pytest.mark.django_db(transaction=True)
def test_negative_control_a_claim_that_reads_before_it_writes_lets_several_through():
    """The same race without the conditional UPDATE: all four read QUEUED before one of them writes."""
    from threading import Barrier

    job, done, barrier = make_job(), [], Barrier(4)

    def ring(_):
        try:
            row = EmailMessage.objects.get(pk=job.pk)
            if row.job_state == JobState.QUEUED:
                barrier.wait(timeout=5)
                EmailMessage.objects.filter(pk=job.pk).update(job_state=JobState.RUNNING)
                done.append(row.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as workers:
        list(workers.map(ring, range(4)))
    assert len(done) == 4


@pytest.mark.django_db(transaction=True)
def test_a_failing_job_pauses_longer_each_time_and_is_parked_in_the_end():
    job, now, pauses = make_job(), NOW, []

    def fail(_row):
        raise OSError("the mail server is away")

    for _ in range(jobs.MAX_ATTEMPTS):
        assert perform(job, fail, now) is False
        job.refresh_from_db()
        pauses.append(int((job.not_before - now).total_seconds()))
        now = job.not_before
    assert pauses == [10, 20, 40, 80, 160, 320, 640, 1280]
    assert (job.job_state, job.last_error) == (JobState.PARKED, "OSError: the mail server is away")
    assert perform(job, fail, now + timedelta(days=1)) is False

    assert jobs.try_again(EmailMessage.objects.filter(pk=job.pk), now=now) == 1
    assert perform(job, lambda _row: None, now) is True


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_worker_died_is_due_again_after_its_lease():
    job = make_job()
    assert EmailMessage.objects.filter(pk=job.pk).claim(now=NOW) == 1
    assert list(EmailMessage.objects.all().due(NOW + timedelta(minutes=5))) == []
    later = NOW + jobs.LEASE + timedelta(seconds=1)
    assert [row.pk for row in EmailMessage.objects.all().due(later)] == [job.pk]
    assert perform(job, lambda _row: None, later) is True


@pytest.mark.django_db
def test_a_sweep_rings_what_is_due_and_nothing_else():
    due, later, done = make_job(), make_job(not_before=NOW + timedelta(hours=1)), make_job(job_state=JobState.DONE)
    rung = []
    assert jobs.ring_due(EmailMessage.objects.all(), now=NOW, ring=rung.append) == 1
    assert rung == [str(due.pk)]
    assert {later.pk, done.pk}.isdisjoint(map(int, rung))


@pytest.mark.django_db(transaction=True)
def test_an_event_belongs_to_the_transaction_that_it_tells_of():
    with pytest.raises(RuntimeError, match="belongs to the transaction"):
        announce(FundingEvent, name="deposit_settled", now=NOW, ring=None)
