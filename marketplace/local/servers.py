"""The database and the broker of a stack: those the person brings, else embedded ones."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from marketplace.local.checkout import Checkout, require_room
from marketplace.local.postgres import (
    Binaries,
    Postgres,
    choose_demotion,
    copy_programs,
    everybody_may_enter,
    find_programs,
)
from marketplace.local.say import step
from marketplace.local.valkey import Valkey, find_binary

ROOM = 300_000_000  # Bytes that a start wants free for the database's log and the site's files.
MEMORY = 2_000_000_000  # Bytes that must be free in memory for the servers of a test run.


@dataclass
class Servers:
    """Where the database and the broker are; the embedded ones, if any, so that they can be watched and stopped."""

    database_url: str
    redis_url: str
    postgres: Postgres | None = None
    valkey: Valkey | None = None

    @property
    def identity(self) -> str:
        """One word for the database's content: it changes when the data folder is made anew."""
        if self.postgres is None:
            return hashlib.sha256(self.database_url.encode()).hexdigest()
        # The system identifier that initdb draws, the first field of ControlFileData in catalog/pg_control.h.
        with (self.postgres.data / "global" / "pg_control").open("rb") as control:
            return control.read(8).hex()


@contextmanager
def lasting(checkout: Checkout, *, quiet: bool = False) -> Iterator[Servers]:
    """
    Run the stack's own servers, whose data is kept between starts; use DATABASE_URL and REDIS_URL when set.

    :param quiet: print nothing, because another command's output is what the person wants.
    """
    shown = nullcontext if quiet else step
    servers = Servers(os.environ.get("DATABASE_URL", ""), os.environ.get("REDIS_URL", ""))
    known = checkout.recall("ports")
    try:
        if not servers.database_url:
            require_room(checkout.state, ROOM, "the database")
            with shown("PostgreSQL 18"):
                binaries, data = seat(checkout)
                servers.postgres = Postgres(binaries, data, checkout.logs / "postgres.log", checkout.secret("postgres"))
                servers.postgres.start(known.get("postgres"))
                servers.database_url = servers.postgres.url
        if not servers.redis_url:
            with shown("Valkey"):
                servers.valkey = Valkey(
                    find_binary(checkout.site_packages),
                    checkout.state / "valkey",
                    checkout.logs / "valkey.log",
                    checkout.secret("valkey"),
                )
                servers.valkey.start(known.get("valkey"))
                servers.redis_url = servers.valkey.url
        embedded = {"postgres": servers.postgres, "valkey": servers.valkey}
        checkout.remember("ports", known | {name: one.port for name, one in embedded.items() if one is not None})
        yield servers
    finally:
        close(servers)


@contextmanager
def fleeting(checkout: Checkout) -> Iterator[Servers]:
    """Run servers for tests: everything in a folder that is deleted at the end, nothing waits for the disk."""
    folder = Path(tempfile.mkdtemp(prefix="preceptor-", dir=memory_folder()))
    folder.chmod(0o711)  # A Postgres demoted to `nobody` has to reach its data in it.
    servers = Servers("", "")
    try:
        with step("PostgreSQL and Valkey for this run"):
            binaries, _ = seat(checkout)
            servers.postgres = Postgres(
                binaries, folder / "postgres", folder / "postgres.log", checkout.secret("postgres"), fleeting=True
            )
            servers.postgres.start()
            servers.valkey = Valkey(
                find_binary(checkout.site_packages),
                folder / "valkey",
                folder / "valkey.log",
                checkout.secret("valkey"),
                fleeting=True,
            )
            servers.valkey.start()
            servers.database_url, servers.redis_url = servers.postgres.url, servers.valkey.url
        yield servers
    finally:
        close(servers)
        shutil.rmtree(folder, ignore_errors=True)


def memory_folder() -> str | None:
    """
    Return a folder that lies in memory, when this machine has one with room; None leaves the choice to tempfile.

    A test that commits gets a clone of the database, a thousand files: 25 ms in memory, 600 ms on a disk.
    """
    memory = Path("/dev/shm")  # noqa: S108 -- a private folder is made in it
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > MEMORY:
        return os.fspath(memory)
    return None


def close(servers: Servers) -> None:
    """Stop the embedded servers, the broker first."""
    if servers.valkey is not None:
        servers.valkey.stop()
    if servers.postgres is not None:
        servers.postgres.stop()


def seat(checkout: Checkout) -> tuple[Binaries, Path]:
    """
    Return PostgreSQL's programs and where its lasting data lies: in the checkout, or outside of it.

    Outside only when we are root, may not make a user namespace, and the user `nobody`, as whom the server then runs,
    cannot reach the checkout.
    """
    demotion = choose_demotion()
    programs = find_programs(checkout.site_packages)
    reachable = everybody_may_enter(checkout.state) and everybody_may_enter(programs)
    if demotion is None or demotion.namespace or reachable:
        return Binaries(programs, demotion), checkout.state / "postgres"
    home = refuge(checkout)
    home.mkdir(mode=0o711, exist_ok=True)
    return Binaries(copy_programs(checkout.site_packages, home), demotion), home / "postgres"


def refuge(checkout: Checkout) -> Path:
    """Return the folder outside the checkout that `seat` falls back to."""
    return Path("/var/lib") / ("preceptor-" + hashlib.sha256(os.fspath(checkout.root).encode()).hexdigest()[:12])
