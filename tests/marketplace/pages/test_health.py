"""/healthz, /readyz and /metrics tell what is wrong, and only that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from marketplace.kernel import clock, registry
from marketplace.kernel.jobs import JobState
from marketplace.local import ports
from marketplace.notices.models import EmailMessage
from marketplace.pages.actions import run_sweeps
from marketplace.pages.models import SweepRecord
from payments.payouts.models import PayoutJob
from payments.reports import actions as reports
from payments.reports.models import InvariantCheck

RED = "ledger: stored balance equals the sum of transfers"
TOKEN = "a-token-of-these-tests"


def ready(client: Client) -> tuple[int, dict[str, object]]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


@pytest.fixture
def swept(db: None) -> None:
    """All sweeps ran a moment ago and were well."""
    now = clock.now()
    SweepRecord.objects.bulk_create([SweepRecord(name=name, last_run_at=now) for name in registry.sweeps])


@contextmanager
def database_away() -> Iterator[None]:
    """Point Django to a port on which nothing listens."""
    facts, port = connection.settings_dict, connection.settings_dict["PORT"]
    connections.close_all()
    facts["PORT"] = ports.free_port()
    try:
        yield
    finally:
        connections.close_all()
        facts["PORT"] = port


WELL = {"status": "ok", "problems": {}, "warnings": {}}


def test_all_is_well(client, swept, valkey):
    assert ready(client) == (200, WELL)
    assert client.get("/healthz").json()["status"] == "ok"


def test_the_broker_is_away(client, swept, settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{ports.free_port()}/0"
    assert ready(client) == (503, {"status": "red", "problems": {"broker": "ConnectionError"}, "warnings": {}})
    assert client.get("/healthz").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_database_is_away(client, valkey):
    with database_away():
        assert ready(client) == (
            503, {"status": "red", "problems": {"database": "OperationalError"}, "warnings": {}}
        )  # fmt: skip
        assert client.get("/healthz").status_code == 200


def test_a_migration_is_missing(client, swept, valkey):
    MigrationRecorder(connection).record_unapplied("notices", "0003_an_email_may_stop_less_than_its_kind")
    assert ready(client) == (
        503, {"status": "red", "problems": {"migrations": "1 migrations are not applied"}, "warnings": {}}
    )  # fmt: skip


def test_no_sweep_has_run_yet_or_for_three_minutes(client, db, valkey):
    assert ready(client)[1]["problems"] == {"sweep": "no sweep has run yet"}
    last = clock.now() - timedelta(minutes=3, seconds=1)
    SweepRecord.objects.create(name="notices.emails", last_run_at=last)
    assert ready(client) == (
        503, {"status": "red", "problems": {"sweep": f"last sweep {last.isoformat()}"}, "warnings": {}}
    )  # fmt: skip
    SweepRecord.objects.update(last_run_at=clock.now() - timedelta(minutes=2))
    assert ready(client) == (200, WELL)


@pytest.mark.django_db(transaction=True)
def test_a_failing_sweep_is_named_as_long_as_the_code_has_it(client, valkey):
    def break_down(_now):
        raise ZeroDivisionError("on purpose")

    registry.sweeps["test.broken"] = break_down
    try:
        run_sweeps(now=clock.now())
        assert ready(client)[1]["problems"] == {"sweep": "failing: test.broken"}
    finally:
        del registry.sweeps["test.broken"]
    assert ready(client)[1]["problems"] == {}


# ------------------------------------------------------------------------------------------------------------ warnings


def make_email(**facts):
    now = clock.now()
    usual = {"to_address": "a@b.example", "kind": "account", "subject": "S", "text": "T", "queued_at": now}
    return EmailMessage.objects.create(**usual | {"not_before": now} | facts)


def test_parked_jobs_are_a_warning_and_take_no_site_down(client, swept, valkey):
    now = clock.now()
    make_email(job_state=JobState.PARKED)
    make_email(job_state=JobState.PARKED)
    PayoutJob.objects.create(kind="RECONCILE", job_state=JobState.PARKED, not_before=now, queued_at=now)
    parked = {"notices.EmailMessage": 2, "payouts.PayoutJob": 1}
    assert ready(client) == (200, {"status": "ok", "problems": {}, "warnings": {"parked": parked}})


def test_jobs_that_are_due_for_ten_minutes_are_a_warning(client, swept, valkey):
    make_email(not_before=clock.now() - timedelta(minutes=9))
    assert ready(client) == (200, WELL)
    make_email(not_before=clock.now() - timedelta(minutes=11))
    status, answer = ready(client)
    assert (status, list(answer["warnings"]["late"])) == (200, ["notices.EmailMessage"])
    assert 660 <= answer["warnings"]["late"]["notices.EmailMessage"] < 720


# ------------------------------------------------------------------------------------------------------------- metrics


def figures(client: Client) -> dict[tuple[str, str], float]:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    samples = [one for family in text_string_to_metric_families(answer.content.decode()) for one in family.samples]
    return {(one.name, next(iter(one.labels.values()), "")): one.value for one in samples}


def test_prometheus_reads_jobs_sweeps_and_proofs(client, swept, settings):
    settings.METRICS_TOKEN = TOKEN
    reports.check_invariants(now=clock.now() - timedelta(minutes=30))
    make_email(not_before=clock.now() - timedelta(minutes=5))
    make_email(not_before=clock.now() - timedelta(minutes=2))
    make_email(job_state=JobState.PARKED)
    SweepRecord.objects.filter(name="notices.emails").update(last_error="boom")
    InvariantCheck.objects.filter(name=RED).update(violations=["Something is off."])

    found = figures(client)

    emails = {name: value for (name, label), value in found.items() if label == "notices.EmailMessage"}
    assert (emails["preceptor_jobs_due"], emails["preceptor_jobs_parked"]) == (2, 1)
    assert 300 <= emails["preceptor_jobs_oldest_due_seconds"] < 360
    assert found["preceptor_jobs_parked", "payouts.PayoutJob"] == 0
    failing = {label for (name, label), value in found.items() if name == "preceptor_sweep_failing" and value}
    assert failing == {"notices.emails"}
    assert 0 <= found["preceptor_sweep_age_seconds", "notices.emails"] < 60
    proofs = {label: value for (name, label), value in found.items() if name == "preceptor_invariant_red"}
    assert proofs == dict.fromkeys(registry.invariants, 0) | {RED: 1}
    assert 1800 <= found["preceptor_invariant_age_seconds", next(iter(registry.invariants))] < 1860
    assert found["preceptor_pay_items_unknown", ""] == 0


@pytest.mark.parametrize("said", [None, "", "Bearer ", f"Bearer {TOKEN}x", TOKEN])
@pytest.mark.parametrize("token", [TOKEN, ""])
def test_nobody_else_reads_them(client, db, settings, said, token):
    settings.METRICS_TOKEN = token
    headers = {} if said is None else {"Authorization": said}
    assert client.get("/metrics", headers=headers).status_code == 404
