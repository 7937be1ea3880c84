"""The doorbell when nobody hears it: requests go on, and a sweep that works by hand leaves nothing waiting."""

from __future__ import annotations

import socket
import time
from datetime import timedelta

import pytest
import redis
from django.db import transaction
from kombu.exceptions import OperationalError

from marketplace.celery import app
from marketplace.kernel import clock, registry
from marketplace.kernel.doorbell import by_hand
from marketplace.kernel.jobs import JobState
from marketplace.local import ports
from marketplace.notices.models import EmailMessage
from marketplace.notices.tasks import send_email
from marketplace.pages.actions import run_sweeps
from marketplace.pages.models import SweepRecord

pytestmark = pytest.mark.django_db(transaction=True)
sweep_emails = registry.sweeps["notices.emails"]


def make_emails(count: int) -> None:
    now = clock.now()
    facts = {"to_address": "a@b.example", "kind": "account", "subject": "S", "text": "T"}
    EmailMessage.objects.bulk_create([EmailMessage(**facts, not_before=now, queued_at=now) for _ in range(count)])


def states() -> list[str]:
    return list(EmailMessage.objects.order_by("pk").values_list("job_state", flat=True))


def said(caplog, event: str) -> int:
    return [record.message for record in caplog.records].count(event)


def test_a_sweep_by_hand_does_what_nobody_hears_and_asks_the_broker_once(silent_broker, mailoutbox, caplog):
    make_emails(5)
    with by_hand(seconds=30):
        assert sweep_emails(clock.now()) == 5
    assert states() == [JobState.DONE] * 5
    assert (len(mailoutbox), said(caplog, "doorbell.silent")) == (5, 1)


def test_negative_control_without_a_hand_a_dead_broker_fails_the_sweep_and_everything_waits(silent_broker, mailoutbox):
    make_emails(2)
    with pytest.raises(OperationalError):
        sweep_emails(clock.now())
    assert (states(), mailoutbox) == ([JobState.QUEUED] * 2, [])


def test_a_sweep_by_hand_only_rings_while_somebody_hears_it(valkey, mailoutbox):
    make_emails(3)
    with by_hand(seconds=30):
        assert sweep_emails(clock.now()) == 3
    with redis.Redis.from_url(valkey) as broker:
        assert broker.llen("default") == 3
    assert (states(), mailoutbox) == ([JobState.QUEUED] * 3, [])


@pytest.mark.full
def test_a_whole_round_by_hand_is_green_without_a_broker(silent_broker, mailoutbox, settings):
    settings.STRIPE_API_BASE = f"http://127.0.0.1:{ports.free_port()}"  # Stripe is away as well
    make_emails(1)
    with by_hand(seconds=30):
        touched = run_sweeps(now=clock.now())
    assert set(touched) == set(registry.sweeps)
    assert SweepRecord.objects.exclude(last_error="").count() == 0
    assert states() == [JobState.DONE]


def test_what_does_not_fit_into_a_round_waits_for_the_next(silent_broker, mailoutbox):
    make_emails(2)
    with by_hand(seconds=-1):
        assert sweep_emails(clock.now()) == 2
    assert states() == [JobState.QUEUED] * 2
    with by_hand(seconds=30):
        sweep_emails(clock.now())
    assert states() == [JobState.DONE] * 2


def test_one_task_that_fails_does_not_stop_the_others(silent_broker, caplog):
    with by_hand(seconds=30):
        send_email.delay(email_id="no number")
        make_emails(1)
        sweep_emails(clock.now())
    assert (said(caplog, "task.failed"), states()) == (1, [JobState.DONE])


def test_nothing_is_done_inside_somebody_elses_transaction(silent_broker, mailoutbox):
    make_emails(1)
    with by_hand(seconds=30), transaction.atomic():
        sweep_emails(clock.now())
    assert (states(), mailoutbox) == ([JobState.QUEUED], [])


def test_a_task_that_hangs_is_ended_as_a_workers_soft_limit_would(silent_broker, settings, caplog):
    """A mail server that takes the connection and never says a word."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    task = app.tasks["notices.send_email"]
    limit = task.soft_time_limit
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()
        make_emails(1)
        task.soft_time_limit = 0.2
        began = time.monotonic()
        try:
            with by_hand(seconds=30):
                sweep_emails(clock.now())
        finally:
            task.soft_time_limit = limit
    email = EmailMessage.objects.get()
    assert (email.job_state, email.attempts) == (JobState.QUEUED, 1)
    assert "SoftTimeLimitExceeded" in email.last_error
    assert time.monotonic() - began < 5
    assert email.not_before >= email.queued_at + timedelta(seconds=10)


def test_a_request_goes_on_when_the_bell_is_silent(silent_broker, caplog):
    with transaction.atomic():
        make_emails(1)
        send_email.delay_on_commit(email_id=str(EmailMessage.objects.get().pk))
    assert (said(caplog, "doorbell.silent"), states()) == (1, [JobState.QUEUED])


def test_on_commit_a_hand_does_nothing_by_itself(silent_broker, mailoutbox):
    """What an action has just written belongs to the next round: its work never runs inside another one's."""
    with by_hand(seconds=30):
        make_emails(1)
        with transaction.atomic():
            send_email.delay_on_commit(email_id=str(EmailMessage.objects.get().pk))
        assert states() == [JobState.QUEUED]
        sweep_emails(clock.now())
    assert states() == [JobState.DONE]
