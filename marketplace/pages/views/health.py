"""/healthz: the process lives. /readyz: it can do its work. /metrics: figures of both, for Prometheus."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_GET
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from marketplace.kernel import clock, registry
from marketplace.kernel.census import take_census
from marketplace.pages.models import SweepRecord
from marketplace.pages.queries.metrics import metrics_registry

SWEEP_MAX_AGE = timedelta(minutes=3)
DUE_MAX_AGE = timedelta(minutes=10)


@login_not_required
@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok", "commit": settings.COMMIT})


@login_not_required
@require_GET
def readyz(request: HttpRequest) -> JsonResponse:
    """
    Answer 200 when database, broker, migrations and sweeps are well, else 503 with what is wrong.

    `warnings` tell what a person should look at and what no restart and no other machine would repair: jobs that are
    parked, and jobs that wait longer than they should. They leave the answer at 200, because the site works.
    """
    now = clock.now()
    checks = {"database": _database(), "migrations": "", "broker": _broker(), "sweep": ""}
    if not checks["database"]:
        checks["migrations"] = _migrations()
    sound = not checks["database"] and not checks["migrations"]
    if sound:
        checks["sweep"] = _sweep(now)
    red = {name: problem for name, problem in checks.items() if problem}
    answer = {"status": "red" if red else "ok", "problems": red, "warnings": _warnings(now) if sound else {}}
    return JsonResponse(answer, status=503 if red else 200)


@login_not_required
@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """
    Answer Prometheus, which says the token of METRICS_TOKEN as its bearer token.

    Not by address: behind a proxy on the same machine everybody comes from this machine.

    :raises Http404: for everybody else, and always where no token is set.
    """
    told = request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN or not constant_time_compare(told, f"Bearer {settings.METRICS_TOKEN}"):
        raise Http404
    return HttpResponse(generate_latest(metrics_registry(clock.now())), content_type=CONTENT_TYPE_LATEST)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception as problem:  # noqa: BLE001 -- the page reports whatever it is
        return type(problem).__name__
    return ""


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(missing)} migrations are not applied" if missing else ""


def _broker() -> str:
    try:
        client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
        client.ping()
    except redis.RedisError as problem:
        return type(problem).__name__
    return ""


def _sweep(now: datetime) -> str:
    last = SweepRecord.objects.order_by("-last_run_at").first()
    if last is None:
        return "no sweep has run yet"
    if now - last.last_run_at > SWEEP_MAX_AGE:
        return f"last sweep {last.last_run_at.isoformat()}"
    # A sweep that the code does not have any more can never turn green again.
    failed = SweepRecord.objects.filter(name__in=list(registry.sweeps)).exclude(last_error="").order_by("name")
    names = list(failed.values_list("name", flat=True))
    return f"failing: {', '.join(names)}" if names else ""


def _warnings(now: datetime) -> dict[str, Any]:
    """Return how many jobs are parked, by kind, and the seconds for which the oldest of a kind has been due too long."""
    standings = take_census(now)
    parked = {row.kind: row.parked for row in standings if row.parked}
    late = {
        row.kind: int((now - row.oldest_due_at).total_seconds())
        for row in standings
        if row.oldest_due_at is not None and now - row.oldest_due_at > DUE_MAX_AGE
    }
    return {name: found for name, found in (("parked", parked), ("late", late)) if found}
