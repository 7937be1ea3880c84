"""How an attempt at a job may end badly: its worker is killed, is slower than its lease, or takes minutes to fail."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from django.db import connection

from marketplace.kernel import jobs
from marketplace.kernel.jobs import LEASE, MAX_ATTEMPTS, JobState
from marketplace.notices.models import EmailMessage
from tests.support.database import current_url
from tests.support.processes import ROOT

NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
AFTER_A_LEASE = LEASE + timedelta(seconds=1)
GONE = "Attempt 8 ended without a word: its worker was killed, ran out of memory, or ran over the hard time limit."
pytestmark = pytest.mark.django_db(transaction=True)


def make_job(**facts):
    values = {"to_address": "a@b.example", "kind": "account", "subject": "S", "text": "T"} | facts
    return EmailMessage.objects.create(**{"not_before": NOW, "queued_at": NOW} | values)


def only(job):
    return EmailMessage.objects.filter(pk=job.pk)


def perform(job, work, now=NOW, **more):
    return jobs.perform(EmailMessage.objects.all(), pk=job.pk, now=now, work=work, **more)


def standing(job):
    job.refresh_from_db()
    return job.job_state, job.attempts


# --------------------------------------------------------------------------------------------------- killed, again and again


KILLED_AT_WORK = """
import os, signal, sys, traceback
from datetime import datetime
import django
django.setup()
from marketplace.kernel import jobs
from marketplace.notices.models import EmailMessage

def work(_row):
    os.kill(os.getpid(), signal.SIGKILL)

for moment in sys.argv[2:]:
    child = os.fork()
    if child == 0:
        try:
            jobs.perform(EmailMessage.objects.all(), pk=int(sys.argv[1]), now=datetime.fromisoformat(moment), work=work)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""A process that lets a child of its own try the job at each of the given moments, and says how each child ended."""


def tried_by_workers_that_are_killed(job, moments) -> list[int]:
    """Let a new process begin the job at each moment, killed in the middle of the work; return the exit codes."""
    facts = {"DATABASE_URL": current_url(), "DJANGO_SETTINGS_MODULE": "marketplace.settings", "DJANGO_DEBUG": "1"}
    done = subprocess.run(
        [sys.executable, "-c", KILLED_AT_WORK, str(job.pk), *(moment.isoformat() for moment in moments)],
        check=False, env=dict(os.environ) | facts, cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return [int(code) for code in done.stdout.split()]


@pytest.mark.full
def test_a_job_that_kills_its_worker_is_parked_at_the_cap_and_says_so():
    job = make_job()
    moments = [NOW + number * AFTER_A_LEASE for number in range(MAX_ATTEMPTS + 4)]
    killed = tried_by_workers_that_are_killed(job, moments[:-1])

    assert killed == [-signal.SIGKILL] * MAX_ATTEMPTS + [0] * 3
    assert standing(job) == (JobState.PARKED, MAX_ATTEMPTS)
    assert (job.last_error, job.lease_until) == (GONE, None)
    assert jobs.try_again(only(job), now=moments[-1]) == 1
    assert perform(job, lambda _row: None, moments[-1]) is True


def test_negative_control_a_claim_that_knows_no_cap_gives_such_a_job_out_for_ever():
    """The same rows with the condition of the claim as it would be without a cap: still given out after fifty deaths."""
    job, now, given_out = make_job(), NOW, 0
    for _ in range(50):
        given_out += (
            only(job).due(now).update(job_state=JobState.RUNNING, lease_until=now + LEASE, attempts=given_out + 1)
        )
        now += AFTER_A_LEASE
    assert (given_out, standing(job)) == (50, (JobState.RUNNING, 50))

    assert only(job).claim(now=now) == 0  # ours


def test_a_sweep_parks_what_no_worker_asks_for_any_more(caplog):
    spent = make_job(job_state=JobState.RUNNING, lease_until=NOW - LEASE, attempts=8, last_error="OSError: before")
    alive = make_job(job_state=JobState.RUNNING, lease_until=NOW + LEASE, attempts=8)
    again = make_job(job_state=JobState.RUNNING, lease_until=NOW - LEASE, attempts=7)
    rung = []
    with caplog.at_level(logging.ERROR):
        assert jobs.ring_due(EmailMessage.objects.all(), now=NOW, ring=rung.append) == 2

    assert rung == [str(again.pk)]
    assert (standing(spent), standing(alive)) == ((JobState.PARKED, 8), (JobState.RUNNING, 8))
    assert spent.last_error == f"{GONE} The last error before: OSError: before"
    (alarm,) = [record for record in caplog.records if record.message == "job.parked"]
    assert (alarm.levelname, alarm.job, alarm.job_id) == ("ERROR", "notices.EmailMessage", spent.pk)


def test_four_who_find_a_spent_job_at_once_park_it_once(caplog):
    job, done = make_job(job_state=JobState.RUNNING, lease_until=NOW - LEASE, attempts=MAX_ATTEMPTS), []

    def find(_):
        try:
            return perform(job, done.append)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as workers:
        assert list(workers.map(find, range(4))) == [False] * 4
    assert (done, standing(job)) == ([], (JobState.PARKED, MAX_ATTEMPTS))
    assert [record.message for record in caplog.records].count("job.parked") == 1


def test_a_job_whose_last_attempt_fails_in_words_is_parked_with_those_words(caplog):
    job = make_job(attempts=MAX_ATTEMPTS - 1)
    perform(job, lambda _row: 1 / 0)
    assert standing(job) == (JobState.PARKED, MAX_ATTEMPTS)
    assert job.last_error == "ZeroDivisionError: division by zero"
    assert "job.parked" in [record.message for record in caplog.records]


# --------------------------------------------------------------------------------------------- slower than the lease

LATER = {"seven minutes": timedelta(minutes=7), "./dev clock +3d": timedelta(days=3)}


@pytest.fixture(params=list(LATER))
def later(request):
    """When a second worker comes: the first one's lease has run out, or the clock was moved."""
    return NOW + LATER[request.param]


def fail():
    raise OSError("the mail server is away")


@pytest.mark.parametrize("end", [fail, lambda: None], ids=["fails", "finishes"])
def test_who_is_slower_than_the_lease_leaves_the_row_to_the_second(end, later, caplog):
    job = make_job()

    def slow(_row):
        assert only(job).claim(now=later) == 1  # the second worker begins
        end()

    perform(job, slow)

    assert standing(job) == (JobState.RUNNING, 2)
    assert (job.lease_until, job.not_before, job.last_error, job.finished_at) == (later + LEASE, NOW, "", None)
    assert "job.lease_lost" in [record.message for record in caplog.records]
    # What was asked before there was a fence: it would have let the first one write.
    assert only(job).filter(job_state=JobState.RUNNING).exists()


@pytest.mark.parametrize("end", [fail, lambda: None], ids=["fails", "finishes"])
def test_who_is_slower_than_the_second_one_altogether_changes_nothing_of_what_that_one_recorded(end, later):
    job, done = make_job(), []

    def slow(_row):
        assert perform(job, done.append, later) is True
        end()

    perform(job, slow)

    assert (len(done), standing(job)) == (1, (JobState.DONE, 2))
    assert (job.finished_at, job.last_error) == (later, "")


def test_the_count_of_attempts_alone_would_be_no_fence():
    """A row that was parked and tried again counts from the start: the second worker has the number of the first."""
    job, seen = make_job(), []

    def slow(first):
        only(job).update(job_state=JobState.PARKED)
        jobs.try_again(only(job), now=NOW)
        assert only(job).claim(now=NOW + AFTER_A_LEASE) == 1
        seen.append(only(job).filter(job_state=JobState.RUNNING, attempts=first.attempts).exists())
        fail()

    perform(job, slow)

    assert seen == [True]
    assert standing(job) == (JobState.RUNNING, 1)
    assert (job.lease_until, job.last_error) == (NOW + AFTER_A_LEASE + LEASE, "")


# ------------------------------------------------------------------------------------------------- minutes that passed


def four_minutes_later():
    """A watch that stands at 0 at the beginning and at four minutes whenever it is read again."""
    reads = count()
    return lambda: 240.4 if next(reads) else 0.0


def test_the_pause_after_a_failure_counts_from_its_end():
    job = make_job()
    perform(job, lambda _row: fail(), watch=four_minutes_later())
    assert standing(job) == (JobState.QUEUED, 1)
    assert job.not_before == NOW + timedelta(minutes=4, seconds=10)


def test_a_job_is_finished_when_its_work_is_and_not_when_it_began():
    by_itself, by_the_work = make_job(), make_job()
    perform(by_itself, lambda _row: None, watch=four_minutes_later())
    perform(by_the_work, lambda row: jobs.finish(row, now=NOW), watch=four_minutes_later())
    for job in (by_itself, by_the_work):
        assert standing(job) == (JobState.DONE, 1)
        assert job.finished_at == NOW + timedelta(minutes=4)

    afterwards = make_job()
    jobs.finish(afterwards, now=NOW)  # by nobody's attempt, so that nothing is added
    assert afterwards.finished_at == NOW
