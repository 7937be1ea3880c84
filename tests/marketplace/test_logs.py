"""What stands in the logs, and what must not."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import structlog
from allauth.account import urls as account_urls
from django.test import Client
from django.urls import reverse

from marketplace.kernel import clock
from marketplace.kernel.jobs import JobState
from marketplace.logs import configure_logs, mask_secrets
from marketplace.notices.actions import queue_email
from marketplace.notices.models import EmailMessage
from marketplace.notices.queries import unsubscribe_url
from payments.gateway.actions import receive_event
from payments.gateway.models import StripeEvent
from payments.gateway.shapes import RemoteEvent
from tests.factories.marketplace_accounts import make_user
from tests.support.processes import Worker, wait_until

LINK = {"uidb36": "2s", "key": "MTIzNDU2:1tQx9Z-SeCrEt_0f-a-LiNk"}


# -------------------------------------------------------------------------------------------------------- masked


@contextmanager
def production_log(*left_out: object) -> Iterator[io.StringIO]:
    """What production writes meanwhile, without the given steps of its formatter."""
    facts = configure_logs(as_json=True, level="INFO")["formatters"]["structured"]
    steps = [step for step in facts["processors"] if step not in left_out]
    handler = logging.StreamHandler(written := io.StringIO())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(processors=steps, foreign_pre_chain=facts["foreign_pre_chain"])
    )
    logging.getLogger().addHandler(handler)
    try:
        yield written
    finally:
        logging.getLogger().removeHandler(handler)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with production_log() as written:
        yield written


def one_time_links() -> dict[str, str]:
    """The addresses of allauth that hold a key, by name."""
    named = {pattern.name: pattern.pattern.regex.groupindex for pattern in account_urls.urlpatterns}
    return {name: reverse(name, kwargs={one: LINK[one] for one in groups}) for name, groups in named.items() if groups}


def test_no_key_of_a_one_time_link_gets_into_the_log(db, log):
    links = one_time_links()
    assert set(links) == {"account_confirm_email", "account_reset_password_from_key"}
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    for link in links.values():
        strict.get(link)
        strict.get("/me/", {"next": link})
        assert strict.post(link).status_code == 403  # which Django's own log tells of
        strict.get(f"{link}not/there/")
    said = log.getvalue()
    assert said.count("request_started") == 8
    assert "[masked]" in said
    assert "Forbidden" in said
    assert LINK["key"] not in said
    assert all(json.loads(line) for line in said.splitlines())


def test_negative_control_without_the_mask_the_keys_are_in_the_log(db):
    with production_log(mask_secrets) as log:
        for link in one_time_links().values():
            Client().get(link)
    assert log.getvalue().count(LINK["key"]) >= 4


def test_no_link_that_stops_emails_gets_into_the_log(db, log):
    token = unsubscribe_url(make_user(), "work").rstrip("/").rpartition("/")[2]
    Client().get(f"/notices/unsubscribe/{token}/")
    Client().get("/me/", {"next": f"/notices/unsubscribe/{token}/"})
    said = log.getvalue()
    assert (said.count("/notices/unsubscribe/[masked]"), token.partition(":")[0] in said) == (2, False)


def test_what_somebody_searches_for_is_not_in_the_log(db, log):
    Client().get("/gigs?q=imani.okafor%40people.example&page=2")
    said = log.getvalue()
    assert "imani" not in said
    assert "/gigs?q=[masked]&page=2" in said


# ---------------------------------------------------------------------------------------------------------- workers


@pytest.fixture
def production_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let workers of this test log as in production, and find no mail server."""
    monkeypatch.setenv("LOG_JSON", "1")
    monkeypatch.setenv("EMAIL_URL", "smtp://127.0.0.1:1")
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")  # Celery warns of root before it has set up any log.


@pytest.mark.full
def test_a_workers_lines_are_json_and_name_request_task_and_job(
    production_logs: None, make_worker: Callable[..., Worker]
):
    worker, now = make_worker(), clock.now()
    with structlog.contextvars.bound_contextvars(request_id="request-1", user_id=7, ip="203.0.113.9"):
        mail = queue_email(to_address="a@b.example", user=None, kind="account", subject="S", text="T", html="", now=now)
        receive_event(event=an_event(now), now=now)
    wait_until(lambda: EmailMessage.objects.get().attempts and EmailMessage.objects.get().last_error, what="the mail")
    wait_until(lambda: StripeEvent.objects.get().job_state == JobState.DONE, what="the event")
    wait_until(lambda: worker.output.count("task_succeeded") == 2, what="the log")

    lines = [json.loads(line) for line in worker.output.splitlines()]
    (failed,) = [line for line in lines if line["event"] == "job.failed"]
    (done,) = [line for line in lines if line["event"] == "job.done"]
    for line, job in ((failed, mail), (done, StripeEvent.objects.get())):
        assert (line["request_id"], line["user_id"]) == ("request-1", 7)
        assert (line["job"], line["job_id"], line["attempt"]) == (job._meta.label, job.pk, 1)
        of_task = [other["event"] for other in lines if other.get("task_id") == line["task_id"]]
        assert (of_task[0], of_task[-1], of_task.count("task_started")) == ("task_started", "task_succeeded", 1)
    assert failed["task_id"] != done["task_id"]
    assert "ConnectionRefusedError" in failed["exception"]
    assert "203.0.113.9" not in worker.output


def an_event(now) -> RemoteEvent:
    return RemoteEvent(
        id="evt_1", type="ping", created_at=now, object_id="", account="", livemode=False, is_thin=False, payload={}
    )
