"""Real processes for tests: Celery workers, the web server and the Stripe stand-in, on this test's own database."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from marketplace.celery import app
from marketplace.local import ports, stack
from marketplace.local.checkout import Checkout
from marketplace.local.processes import end_group, spawn
from tests.support.database import current_url

ROOT = Path(__file__).resolve().parents[2]
READY_LIMIT = 60.0
QUEUES = "money,default,vetting,hooks"


def environment(redis_url: str, data: Path) -> dict[str, str]:
    """Return the environment of a process that shall see what the test sees."""
    return dict(os.environ) | {
        "DJANGO_SETTINGS_MODULE": "marketplace.settings",
        "DJANGO_DEBUG": "1",
        "DATABASE_URL": current_url(),
        "REDIS_URL": redis_url,
        "PRECEPTOR_DATA_DIR": os.fspath(data),
        "PYTHONUNBUFFERED": "1",
        # Each process would load the model, two seconds and 120 MB, for journeys that search by words.
        "SEARCH_BY_MEANING": "0",
    }


def wait_until(true: Callable[[], Any], *, within: float = 30.0, what: str = "it") -> Any:
    """
    Ask again and again until the answer is true, and return that answer.

    :raises AssertionError: if it is not true `within` seconds.
    """
    deadline = time.monotonic() + within
    while not (answer := true()):
        assert time.monotonic() < deadline, f"Waited {within:.0f} s for {what}."
        time.sleep(0.05)
    return answer


@dataclass
class Process:
    """
    A process of this test; it cannot outlive the test run.

    :param folder: where its log goes.
    :param place: the folder that it runs in.
    """

    name: str
    command: list[str | Path]
    env: dict[str, str]
    folder: Path
    place: Path = ROOT
    child: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    @property
    def output(self) -> str:
        """What it wrote so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    @property
    def pid(self) -> int:
        assert self.child is not None, f"{self.name} does not run."
        return self.child.pid

    @property
    def runs(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def start(self) -> None:
        self.child = spawn(self.command, env=self.env, folder=self.place, log=self.log)

    def stop(self) -> None:
        """Ask it to end, and after ten seconds end it."""
        if self.child is not None and self.child.poll() is None:
            self.child.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.child.wait(10)
        self.kill()

    def kill(self) -> None:
        """End it and its children at once with SIGKILL, as a machine that loses power would."""
        if self.child is not None:
            with suppress(ProcessLookupError):
                os.kill(self.child.pid, signal.SIGKILL)
            end_group(self.child.pid)
            self.child.wait()
            self.child = None


@dataclass
class Worker(Process):
    """A Celery worker."""

    node: str = ""

    def ready(self) -> bool:
        """Tell whether it takes tasks."""
        assert self.runs, f"{self.name} died:\n{self.output[-3000:]}"
        return bool(app.control.inspect(destination=[self.node], timeout=0.5).ping())

    def start_and_wait(self) -> None:
        self.start()
        wait_until(self.ready, within=READY_LIMIT, what=f"{self.name} to take tasks")

    def restart(self) -> None:
        """Start it again after `stop` or `kill`."""
        self.start_and_wait()


def make_worker(
    env: dict[str, str], folder: Path, *, name: str = "worker", queues: str = QUEUES, concurrency: int = 2
) -> Worker:
    """Return a worker for `queues`, not started yet."""
    node = f"{name}-{os.getpid()}-{time.monotonic_ns()}@test"
    command: list[str | Path] = [sys.executable, "-m", "celery", "-A", "marketplace.celery", "--quiet", "worker"]
    command += ["--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    command += ["-Q", queues, "-c", str(concurrency), "-n", node]
    return Worker(name, command, env, folder, node=node)


@dataclass
class LiveStack:
    """The site as `./dev up` runs it, on this test's own database, without beat: a test decides when time passes."""

    url: str
    env: dict[str, str]
    folder: Path
    processes: dict[str, Process] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Process:
        """Return a process: web, worker-money, worker-default or stripe."""
        return self.processes[name]

    def manage(self, *arguments: str) -> str:
        """Run a manage.py command in the stack's environment and return what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        ran = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, f"manage.py {' '.join(arguments)} failed:\n{ran.stdout}{ran.stderr}"
        return ran.stdout

    def start(self) -> None:
        """Start all processes together and wait until each one answers."""
        for process in self.processes.values():
            process.start()
        wait_until(self._web_answers, within=READY_LIMIT, what="the web server")
        if "stripe" in self.processes:
            wait_until(self._stripe_answers, within=READY_LIMIT, what="the Stripe stand-in")
        for process in self.processes.values():
            if isinstance(process, Worker):
                wait_until(process.ready, within=READY_LIMIT, what=f"{process.name} to take tasks")

    def stop(self) -> None:
        for process in self.processes.values():
            if process.child is not None and process.child.poll() is None:
                process.child.terminate()
        deadline = time.monotonic() + 5
        for process in self.processes.values():
            if process.child is not None:
                with suppress(subprocess.TimeoutExpired):
                    process.child.wait(max(0.0, deadline - time.monotonic()))
            process.kill()

    def _web_answers(self) -> bool:
        web = self["web"]
        assert web.runs, f"The web server died:\n{web.output[-3000:]}"
        return stack.page_answers(int(self.url.rpartition(":")[2]))

    def _stripe_answers(self) -> bool:
        stripe = self["stripe"]
        assert stripe.runs, f"The Stripe stand-in died:\n{stripe.output[-3000:]}"
        port = int(self.env["STRIPE_SIMULATOR_URL"].rpartition(":")[2])
        with suppress(OSError), socket.create_connection((ports.LOOPBACK, port), timeout=1):
            return True
        return False


def make_live_stack(redis_url: str, folder: Path) -> LiveStack:
    """Return a stack on free ports, not started yet."""
    port, stripe = ports.free_port(), ports.free_port()
    env = environment(redis_url, folder / "data") | {
        "SITE_URL": f"http://localhost:{port}",
        "STRIPE_SIMULATOR_URL": f"http://{ports.LOOPBACK}:{stripe}",
        "STRIPE_SIMULATOR_DB": os.fspath(folder / "stripe.sqlite3"),
    }
    env.pop("STRIPE_SECRET_KEY", None)
    result = LiveStack(f"http://localhost:{port}", env, folder)
    commands = stack.commands(Checkout(ROOT), env, port)
    for name in ("web", "stripe"):
        if name in commands:
            result.processes[name] = Process(name, [sys.executable, *commands[name][1:]], env, folder)
    for name, queues, concurrency in (("worker-money", "money", 1), ("worker-default", "default,vetting,hooks", 2)):
        result.processes[name] = make_worker(env, folder, name=name, queues=queues, concurrency=concurrency)
    return result
