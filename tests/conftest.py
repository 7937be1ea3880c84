"""
What every test may use.

- `db` or `@pytest.mark.django_db`: a transaction that is rolled back.
- `@pytest.mark.django_db(transaction=True)`: a database of its own, cloned from the test database and dropped at the end.
- `valkey`: the address of an empty Valkey database that Celery uses in this test; `silent_broker`: nobody listens there.
- `worker`: a real Celery worker for all queues; `make_worker` for others.
- `live_stack`, `page`, `new_page`: the site in real processes, and Chromium in front of it; with
  `@pytest.mark.web_alone` the web server only, for tests that need no worker and no payment provider.

The network is blocked except for this machine (pytest-socket, see pyproject.toml).
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import hypothesis
import pytest
import redis
from django.conf import settings
from django.test import override_settings

from marketplace.celery import app
from marketplace.kernel import clock
from marketplace.local import ports
from tests.support import dear, processes
from tests.support.database import cloned_database, own_database

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from pytest_django import DjangoDbBlocker

FAST_HASHER = "django.contrib.auth.hashers.MD5PasswordHasher"
EVIDENCE = pytest.StashKey[list[tuple[str, Callable[[], str]]]]()


# Machines differ in speed, so no example has a deadline. The long run tries more examples.
hypothesis.settings.register_profile("quick", deadline=None, max_examples=50)
hypothesis.settings.register_profile("named", deadline=None, max_examples=50)
hypothesis.settings.register_profile("full", deadline=None, max_examples=300)
EXTENT = os.environ.get("PRECEPTOR_TESTS", "quick")
hypothesis.settings.load_profile(EXTENT)


def pytest_configure(config: pytest.Config) -> None:
    missing = [name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name)]
    if missing:
        raise pytest.UsageError(f"{' and '.join(missing)} are not set. Run the tests with ./dev test, which sets them.")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the dear tests to the whole run, and to whoever names their file; see tests/support/dear.py."""
    if EXTENT == "quick":
        listed = dear.listed()
        for item in items:
            if dear.name_of(item.nodeid) in listed:
                item.add_marker(pytest.mark.full)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Add what processes and pages can tell to the report of a test that failed, while they still run."""
    if call.excinfo is not None and call.when != "teardown":
        for title, tell in item.stash.get(EVIDENCE, []):
            item.add_report_section(call.when, title, tell())


def on_failure(request: pytest.FixtureRequest, title: str, tell: Callable[[], str]) -> None:
    """Have `tell` asked if the test fails."""
    request.node.stash.setdefault(EVIDENCE, []).append((title, tell))


def watch(request: pytest.FixtureRequest, process: processes.Process) -> None:
    on_failure(request, f"log of {process.name}", lambda: process.output[-8000:])


# ------------------------------------------------------------------------------------------------------------ database


def own_name() -> str:
    """Return what tells this process's database and broker from those of other test runs and processes on the servers."""
    parts = (os.environ.get("TEST_DB_SUFFIX", ""), os.environ.get("PYTEST_XDIST_WORKER", ""))
    return "_".join(part for part in parts if part)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Give this process a database of its own: a clone of the one that the run migrates once."""
    plain = settings.DATABASES["default"]["NAME"]
    name = "_".join(part for part in ("test", plain, own_name()) if part)
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid4().hex)
    database = own_database(name, f"test_{plain}_{run[:12]}")
    with django_db_blocker.unblock():
        database.__enter__()
    yield  # Blocked in between: only a test that says so may use the database.
    with django_db_blocker.unblock():
        database.__exit__(None, None, None)


@pytest.fixture
def _django_db_helper(request: pytest.FixtureRequest) -> Iterator[None]:
    """Give a test that commits a clone of the test database; leave the others to pytest-django's fixture."""
    marker = request.node.get_closest_marker("django_db")
    commits = (marker and marker.kwargs.get("transaction")) or "transactional_db" in request.fixturenames
    if not commits:
        request.getfixturevalue("_django_db_helper")  # The one that this fixture overrides.
        yield
        return
    request.getfixturevalue("django_db_setup")
    blocker = request.getfixturevalue("django_db_blocker")
    with blocker.unblock(), cloned_database():
        yield


# ---------------------------------------------------------------------------------------------------------- settings


@pytest.fixture(scope="session", autouse=True)
def _settings_for_tests(tmp_path_factory: pytest.TempPathFactory, broker_url: str) -> Iterator[None]:
    """
    Hash passwords fast, keep files in a temporary folder, and send jobs to this process's own broker database.

    The addresses are read now, while DEBUG is off: read by the first test that asks, they would be those of its settings.
    """
    import_module(settings.ROOT_URLCONF)
    files = tmp_path_factory.mktemp("files")
    storages = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": os.fspath(files)},
        }
    }
    hashers = [FAST_HASHER, *settings.PASSWORD_HASHERS]
    app.conf.update(broker_url=broker_url)
    with override_settings(
        PASSWORD_HASHERS=hashers,
        STORAGES=storages,
        MEDIA_ROOT=files,
        REDIS_URL=broker_url,
        CELERY_BROKER_URL=broker_url,
    ):
        yield


@pytest.fixture(scope="session", autouse=True)
def _real_clock() -> None:
    """Read no offset of the business clock: its row is asked for once a second, which would make query counts waver."""
    clock.install_offset(None)


@pytest.fixture(scope="session")
def broker_url() -> str:
    """Return the address of the Valkey database that belongs to this process."""
    parts = urlsplit(os.environ["REDIS_URL"])
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        databases = int(client.config_get("databases")["databases"])
    # Database 0 belongs to a stack that may run on the same server.
    number = 1 + zlib.crc32(own_name().encode()) % (databases - 1)
    return urlunsplit(parts._replace(path=f"/{number}"))


@pytest.fixture
def valkey(broker_url: str) -> Iterator[str]:
    """Give the address of an empty Valkey database, which Celery uses too."""
    with redis.Redis.from_url(broker_url) as client:
        client.flushdb()
        yield broker_url
        client.flushdb()


@pytest.fixture
def silent_broker(broker_url: str) -> Iterator[str]:
    """Let Celery ring a port of this machine on which nobody listens; give its address."""

    def use(url: str) -> None:
        app.conf.update(broker_url=url)
        app._pool = app.amqp._producer_pool = (
            None  # Celery keeps its connections; there is no way to ask it to look again.
        )

    silent = f"redis://{ports.LOOPBACK}:{ports.free_port()}/0"
    use(silent)
    with override_settings(REDIS_URL=silent, CELERY_BROKER_URL=silent):
        yield silent
    use(broker_url)


# --------------------------------------------------------------------------------------------------------- processes


@pytest.fixture
def make_worker(
    request: pytest.FixtureRequest, transactional_db: None, valkey: str, tmp_path: Path
) -> Iterator[Callable[..., processes.Worker]]:
    """Give a function that starts a real Celery worker on this test's database and waits until it takes tasks."""
    started: list[processes.Worker] = []

    def start(*, name: str = "worker", queues: str = processes.QUEUES, concurrency: int = 2) -> processes.Worker:
        env = processes.environment(valkey, tmp_path / "data")
        one = processes.make_worker(env, tmp_path, name=name, queues=queues, concurrency=concurrency)
        started.append(one)
        watch(request, one)
        one.start_and_wait()
        return one

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def worker(make_worker: Callable[..., processes.Worker]) -> processes.Worker:
    """Give a running worker for all queues."""
    return make_worker()


@pytest.fixture
def live_stack(
    request: pytest.FixtureRequest, transactional_db: None, valkey: str, tmp_path: Path
) -> Iterator[processes.LiveStack]:
    """Give the whole site in real processes on this test's database, or its web server alone."""
    stack = processes.make_live_stack(valkey, tmp_path)
    if request.node.get_closest_marker("web_alone"):
        stack.processes = {"web": stack["web"]}
    for process in stack.processes.values():
        watch(request, process)
    # The web process knows no fast hasher, and people made by this test sign in there.
    hashers = [name for name in settings.PASSWORD_HASHERS if name != FAST_HASHER]
    simulator = stack.env["STRIPE_SIMULATOR_URL"]
    with override_settings(PASSWORD_HASHERS=hashers, STRIPE_SIMULATOR_URL=simulator, STRIPE_API_BASE=simulator):
        try:
            stack.start()
            yield stack
        finally:
            stack.stop()


# ----------------------------------------------------------------------------------------------------------- browser


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Give a running Chromium, one for all tests of this process."""
    from tests.support.browsing import chromium as start

    with start() as browser:
        yield browser


@pytest.fixture
def new_page(
    request: pytest.FixtureRequest, chromium: Browser, live_stack: processes.LiveStack
) -> Iterator[Callable[[], Page]]:
    """Give a function that opens a page as another person; addresses may be paths of the live stack."""
    from tests.support.browsing import fresh_page, photograph

    with ExitStack() as opened:

        def open_page() -> Page:
            page = opened.enter_context(fresh_page(chromium, live_stack.url))
            on_failure(request, "page", lambda: photograph(page, request.node.nodeid))
            return page

        yield open_page


@pytest.fixture
def page(new_page: Callable[[], Page]) -> Page:
    """Give a page in Chromium in front of the live stack."""
    return new_page()
