"""What tests/conftest.py promises to every test."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page
from pytest_django import DjangoDbBlocker
from pytest_socket import SocketConnectBlockedError

from marketplace.celery import app
from marketplace.pages.models import SweepRecord
from tests.support.database import cloned_database
from tests.support.processes import LiveStack, Worker, wait_until

NOWHERE = ("192.0.2.1", 80)  # TEST-NET-1, an address that nobody has. RFC 5737.


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_the_network_ends_at_this_machine() -> None:
    with socket.socket() as line, pytest.raises(SocketConnectBlockedError):
        line.connect(NOWHERE)


@pytest.mark.django_db
def test_an_ordinary_test_runs_in_a_transaction_of_the_shared_database() -> None:
    assert connection.in_atomic_block
    assert not re.search(r"_c\d+$", connection.settings_dict["NAME"])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_a_committing_test_sees_nothing_of_another(turn: int) -> None:
    assert re.search(r"_c\d+$", connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE left_behind (turn int)")
        cursor.execute("INSERT INTO left_behind VALUES (%s)", [turn])
        cursor.execute("SELECT turn FROM left_behind")
        assert cursor.fetchall() == [(turn,)]


@pytest.mark.django_db(transaction=True)
def test_threads_see_what_a_committing_test_wrote() -> None:
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE shared (word text)")
        cursor.execute("INSERT INTO shared VALUES ('seen')")
    seen: list[str] = []

    def look() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT word FROM shared")
            seen.append(cursor.fetchone()[0])
        connection.close()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == ["seen"] * 4


def test_the_database_is_out_of_reach_of_a_test_that_does_not_ask_for_it() -> None:
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        connection.ensure_connection()


def test_a_clone_is_gone_after_its_test(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    def databases() -> set[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database")
            return {name for (name,) in cursor.fetchall()}

    with django_db_blocker.unblock():
        with cloned_database() as clone:
            assert connection.settings_dict["NAME"] == clone
            assert clone in databases()
        assert clone not in databases()
        connection.close()


def test_passwords_are_hashed_fast_and_files_go_to_a_temporary_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    assert make_password("x").startswith("md5$")
    name = default_storage.save("probe.txt", ContentFile(b"probe"))
    assert Path(default_storage.path(name)).is_relative_to(tmp_path_factory.getbasetemp())


def test_celery_speaks_to_the_valkey_of_the_test(valkey: str) -> None:
    assert app.conf.broker_url == valkey == settings.CELERY_BROKER_URL
    with redis.Redis.from_url(valkey) as client:
        assert client.dbsize() == 0


@pytest.mark.full
def test_a_worker_does_a_job_and_another_one_takes_over_after_kill_9(
    worker: Worker, make_worker: Callable[..., Worker]
) -> None:
    app.send_task("pages.sweep", queue="default")
    wait_until(SweepRecord.objects.exists, what="the sweep")
    worker.kill()
    assert not worker.runs
    SweepRecord.objects.all().delete()
    app.send_task("pages.sweep", queue="default")
    make_worker(name="second")
    wait_until(SweepRecord.objects.exists, what="the second sweep")


@pytest.mark.full
@pytest.mark.browser
def test_chromium_sees_the_live_stack_and_nothing_else(page: Page, live_stack: LiveStack) -> None:
    assert page.goto("/healthz").status == 200  # type: ignore[union-attr]
    assert live_stack["web"].runs
    assert set(live_stack.processes) == {"web", "stripe", "worker-money", "worker-default"}
    with pytest.raises(PlaywrightError, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://example.org/")
