"""Two things at once, one of them held up at a lock: so that a race happens each time, and not once in a hundred."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from django.db import connection, connections


def run_threads(deed: Callable[[], object], *, times: int) -> None:
    """Run the same deed in so many threads, and wait until each has ended."""
    threads = [threading.Thread(target=deed) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Beside(threading.Thread):
    """Something that runs beside the test; `done()` waits for it and gives what it returned, or raises what it raised."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self.work = work
        self.result: object = None
        self.start()

    def run(self) -> None:
        try:
            self.result = self.work()
        except Exception as error:  # noqa: BLE001 -- raised again where it is waited for
            self.result = error
        finally:
            connections.close_all()

    def done(self) -> object:
        self.join(timeout=20)
        assert not self.is_alive()
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


def waits_for_a_lock(one: Beside) -> bool:
    """Wait until the work waits for a lock in the database; False if it ended without."""
    until = time.monotonic() + 15
    while one.is_alive() and time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_stat_clear_snapshot()"
            )  # inside a transaction the first look would stand for ever
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return True
        time.sleep(0.01)
    return False
