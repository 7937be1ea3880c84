"""
Databases for tests that commit.

Most tests run in a transaction that is rolled back. Tests with threads or other processes must commit, and Django would
empty all tables after them; our append-only triggers refuse that. So each such test gets a clone of the migrated test
database (CREATE DATABASE ... TEMPLATE) and the clone is dropped afterwards. The template itself is never written to.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, connections

_numbers = itertools.count(1)


@contextmanager
def cloned_database() -> Iterator[str]:
    """Point Django, in all threads, to a fresh clone of the test database; give its name."""
    facts = connection.settings_dict  # The same dict in the connections of all threads.
    template = str(facts["NAME"])
    clone = f"{template}_c{next(_numbers)}"
    connections.close_all()
    with connection._nodb_cursor() as cursor:
        # A test that was rolled back may have left a thread behind; nobody may be in a template while it is copied.
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [template])
        cursor.execute(f'DROP DATABASE IF EXISTS "{clone}" WITH (FORCE)')
        # Copying files takes 25 ms in memory; the default way, through the log, takes twice as long.
        cursor.execute(f'CREATE DATABASE "{clone}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    facts["NAME"] = clone
    try:
        yield clone
    finally:
        connections.close_all()
        facts["NAME"] = template
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{clone}" WITH (FORCE)')


def current_url() -> str:
    """Return the address of the database that Django uses now, for another process."""
    facts = connection.settings_dict
    return f"postgres://{facts['USER']}:{facts['PASSWORD']}@{facts['HOST']}:{facts['PORT']}/{facts['NAME']}"
