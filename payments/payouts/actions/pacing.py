"""One pace for all workers: a send slot every 1/17 s, handed out by Postgres in real time (reference C.1)."""

from __future__ import annotations

import time

from django.db import connection

from payments.payouts.enums import SENDS_PER_SECOND

# The time of the last slot moves on by one spacing, or to now where nobody has sent for a while. Real time on purpose:
# Stripe's limiter does not know our business clock.
TAKE_SLOT = """
INSERT INTO payouts_sendslot AS slot (name, taken_at) VALUES ('transfers', clock_timestamp())
ON CONFLICT (name) DO UPDATE
    SET taken_at = GREATEST(slot.taken_at + make_interval(secs => %s), clock_timestamp())
RETURNING EXTRACT(EPOCH FROM taken_at - clock_timestamp())
"""


def wait_for_slot() -> float:
    """Take the next slot and sleep until it has come, with no transaction open; return the seconds slept."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE_SLOT, [1 / SENDS_PER_SECOND])
        wait = max(0.0, float(cursor.fetchone()[0]))
    time.sleep(wait)
    return wait
