"""/healthz: the process lives. /readyz: it can do its work."""

from __future__ import annotations

from datetime import timedelta

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from marketplace.kernel import clock
from marketplace.pages.models import SweepRecord

SWEEP_MAX_AGE = timedelta(minutes=3)


@login_not_required
@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok", "commit": settings.COMMIT})


@login_not_required
@require_GET
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when database, broker, migrations and sweeps are well, else 503 with what is wrong."""
    checks = {"database": _database(), "migrations": "", "broker": _broker(), "sweep": ""}
    if not checks["database"]:
        checks["migrations"] = _migrations()
        checks["sweep"] = _sweep()
    red = {name: problem for name, problem in checks.items() if problem}
    return JsonResponse({"status": "red" if red else "ok", "problems": red}, status=503 if red else 200)


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


def _sweep() -> str:
    last = SweepRecord.objects.order_by("-last_run_at").first()
    if last is None:
        return "no sweep has run yet"
    if clock.now() - last.last_run_at > SWEEP_MAX_AGE:
        return f"last sweep {last.last_run_at.isoformat()}"
    failed = list(SweepRecord.objects.exclude(last_error="").values_list("name", flat=True))
    return f"failing: {', '.join(failed)}" if failed else ""
