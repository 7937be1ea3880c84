"""The schema that tests use is the one that migrating gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import DjangoDbBlocker

from tests.support.database import empty_database, make_schema

pytestmark = pytest.mark.full
FACTS = {
    "columns": """
        SELECT table_name, column_name, data_type, is_nullable, column_default, character_maximum_length, is_identity,
               generation_expression, collation_name
        FROM information_schema.columns WHERE table_schema = 'public'""",
    "constraints": """
        SELECT conrelid::regclass::text, contype, pg_get_constraintdef(oid),
               CASE WHEN contype IN ('c', 'u', 'x') THEN regexp_replace(conname, '_[0-9a-f]{8}_', '_') END
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "indexes": """
        SELECT tablename, regexp_replace(indexdef, 'INDEX \\S+ ON', 'INDEX ON') FROM pg_indexes WHERE schemaname = 'public'""",
    "triggers": """
        SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal""",
    "functions": """
        SELECT proname, pg_get_functiondef(pg_proc.oid) FROM pg_proc JOIN pg_language AS l ON l.oid = prolang
        WHERE pronamespace = 'public'::regnamespace AND lanname IN ('plpgsql', 'sql')""",
    "sequences": """
        SELECT sequence_name, data_type, start_value, increment FROM information_schema.sequences""",
    "extensions": "SELECT extname FROM pg_extension",
    "fields of expertise": "SELECT code, name FROM profiles_field",
    "steps that were taken": "SELECT app, name FROM django_migrations",
    "kinds of rows": "SELECT app_label, model FROM django_content_type",
    "permissions": "SELECT codename, name FROM auth_permission",
}

# Django's migration of its own table of groups goes by our setting for keys, its models by their own; we use no groups.
KNOWN = {
    ("auth_group_permissions", "id", width, "NO", None, None, "YES", None, None) for width in ("integer", "bigint")
}


def told(make: Callable[[], object]) -> dict[str, set[tuple[object, ...]]]:
    """Make a schema in a new database and return what Postgres tells of it."""
    with empty_database(f"schema_{uuid4().hex[:12]}"):
        make()
        with connection.cursor() as cursor:
            facts = {}
            for name, question in FACTS.items():
                cursor.execute(question)
                facts[name] = set(cursor.fetchall())
        return facts


@pytest.fixture
def unblocked(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def test_the_schema_of_the_tests_is_the_one_that_migrating_gives(unblocked: None) -> None:
    made = told(make_schema)
    migrated = told(lambda: call_command("migrate", verbosity=0, interactive=False))
    assert all(migrated.values())
    for name in FACTS:
        assert made[name] - migrated[name] - KNOWN == set(), f"{name} that migrating does not give"
        assert migrated[name] - made[name] - KNOWN == set(), f"{name} that the tests do not have"
