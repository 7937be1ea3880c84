"""
Databases for tests: one is made, everything else is a clone of it.

The first process of a run makes a template while the others wait, and each process tests on a clone of its own, which
takes 25 ms. The template is not migrated step by step, which takes Django many seconds: see `make_schema`.

Most tests run in a transaction that is rolled back. Tests with threads or other processes must commit, and Django would
empty all tables after them; our append-only triggers refuse that. So each such test gets a clone of the migrated test
database (CREATE DATABASE ... TEMPLATE) and the clone is dropped afterwards. The template itself is never written to.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.contrib.postgres.operations import CreateExtension
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations import RunPython, RunSQL
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState
from django.test import override_settings

_numbers = itertools.count(1)
_MAKING = 7_214_003_551  # The advisory lock of whoever makes the template; any number that nobody else uses.


@contextmanager
def own_database(name: str, template: str) -> Iterator[None]:
    """
    Point Django to a clone of the `template`, which is made first where it is not there yet.

    The template stays on the server for the other processes of the run; the clone `name` is dropped at the end.
    """
    facts = connection.settings_dict
    plain = facts["NAME"]
    connections.close_all()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SET lock_timeout = 0; SET statement_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [_MAKING])  # Let go when the cursor's connection closes.
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [template])
        if cursor.fetchone() == (0,):
            _make_template(cursor, facts, template)
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    facts["NAME"] = name
    try:
        yield
    finally:
        connections.close_all()
        facts["NAME"] = plain
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _make_template(cursor: Any, facts: dict[str, Any], template: str) -> None:
    """Make the template under another name, so that one which was left half made is never taken for whole."""
    making, plain = f"{template}_making", facts["NAME"]
    cursor.execute(f'DROP DATABASE IF EXISTS "{making}" WITH (FORCE)')
    cursor.execute(f'CREATE DATABASE "{making}"')
    facts["NAME"] = making
    try:
        make_schema()
    finally:
        connections.close_all()
        facts["NAME"] = plain
    cursor.execute(f'ALTER DATABASE "{making}" RENAME TO "{template}"')


def make_schema() -> None:
    """
    Make the tables of the models as they are now, then run what migrations do beside that: triggers, rows that belong there.

    Operations marked elidable move rows of older versions, and here are none. That the result is what migrating gives is
    shown by tests/architecture/test_schema.py.
    """
    executor = MigrationExecutor(connection)
    steps = [step for step, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    operations = [(step.app_label, operation) for step in steps for operation in step.operations]
    state = ProjectState()
    with connection.schema_editor() as editor:
        for label, operation in operations:
            if isinstance(operation, CreateExtension):
                operation.database_forwards(label, editor, state, state)
    unmigrated = {config.label: None for config in apps.get_app_configs()}
    with override_settings(MIGRATION_MODULES=unmigrated):
        call_command("migrate", run_syncdb=True, verbosity=0, interactive=False)
    with connection.schema_editor() as editor:
        for label, operation in operations:
            if isinstance(operation, RunSQL) and not operation.elidable:
                operation.database_forwards(label, editor, state, state)
            elif isinstance(operation, RunPython) and not operation.elidable:
                operation.code(apps, editor)
    recorder = MigrationRecorder(connection)
    for step in steps:
        recorder.record_applied(step.app_label, step.name)


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


@contextmanager
def empty_database(name: str) -> Iterator[None]:
    """Point Django to a new database without tables, and drop it afterwards."""
    facts = connection.settings_dict
    plain = facts["NAME"]
    connections.close_all()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}"')
    facts["NAME"] = name
    try:
        yield
    finally:
        connections.close_all()
        facts["NAME"] = plain
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def current_url() -> str:
    """Return the address of the database that Django uses now, for another process."""
    facts = connection.settings_dict
    return f"postgres://{facts['USER']}:{facts['PASSWORD']}@{facts['HOST']}:{facts['PORT']}/{facts['NAME']}"
