"""
The gate between holds and the freezing of runs. A hold that is being placed while a run is computed is seen by one of
the two: either computing waits for it to be committed, or it waits until the run is computed and takes the item out.

Holds pass the gate together; computing closes it, and only for its last steps, so that a long run keeps no hold waiting.
"""

from __future__ import annotations

from django.db import connection

SHARED = "SELECT pg_advisory_xact_lock_shared(hashtextextended('payout holds', 0))"
ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('payout holds', 0))"


def pass_gate() -> None:
    """Keep every run from being frozen until the caller's transaction ends. Before a hold is written."""
    with connection.cursor() as cursor:
        cursor.execute(SHARED)


def close_gate() -> None:
    """Wait for the holds that are being written, and keep others back until the caller's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(ALONE)
