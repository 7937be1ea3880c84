"""Running the sweeps and remembering that they ran."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import connection, transaction

from marketplace.kernel import registry
from marketplace.pages.models import SweepRecord

logger = logging.getLogger(__name__)
_SWEEP_LOCK = 7_346_202


def run_sweeps(*, now: datetime) -> dict[str, int]:
    """
    Run every registered sweep once; return how many rows each touched, -1 where it failed.

    Two sweepers at once do no harm, but only one works: the other finds the advisory lock taken and returns
    nothing. One failing sweep does not stop the others; its error is kept for /readyz.
    """
    if not _lock():
        return {}
    touched: dict[str, int] = {}
    try:
        for name, sweep in registry.sweeps.items():
            error = ""
            try:
                touched[name] = sweep(now)
            except Exception as problem:
                logger.exception("sweep.failed", extra={"sweep": name})
                touched[name], error = -1, f"{type(problem).__name__}: {problem}"[:2000]
            _remember(name=name, touched=max(touched[name], 0), error=error, now=now)
    finally:
        _unlock()
    return touched


@transaction.atomic(durable=True)
def _remember(*, name: str, touched: int, error: str, now: datetime) -> None:
    SweepRecord.objects.update_or_create(
        name=name, defaults={"last_run_at": now, "touched": touched, "last_error": error}
    )


def _lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_SWEEP_LOCK])
        return bool(cursor.fetchone()[0])


def _unlock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [_SWEEP_LOCK])
