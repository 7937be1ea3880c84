"""A second checkout for tests of `./dev`, so that they leave the developer's own stack alone."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from marketplace.local import ports
from marketplace.local.checkout import Checkout
from tests.support.processes import wait_until

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class OtherCheckout:
    """A copy of the code in a folder of its own, sharing the installed packages."""

    root: Path
    env: dict[str, str]
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def dev(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run ./dev to its end."""
        return subprocess.run(
            [self.root / "dev", *arguments],
            cwd=self.root,
            env=self.env | env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def up(self, port: int) -> subprocess.Popen[bytes]:
        """Start ./dev up and wait until it says that the site is up."""
        with self.output.open("wb") as output:
            script = subprocess.Popen(
                [self.root / "dev", "up", "--port", str(port)],
                cwd=self.root,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        self.started.append(script)
        deadline = time.monotonic() + 400  # Half a minute on an idle machine.
        while "is up after" not in self.said:
            assert script.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)
        return script

    @property
    def output(self) -> Path:
        return self.root.parent / "up.out"

    @property
    def said(self) -> str:
        """What ./dev up printed so far."""
        return self.output.read_text(errors="replace")

    def processes(self) -> dict[int, str]:
        """Return the living processes whose command or folder lies in this checkout, with their commands."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                place = (folder / "cwd").readlink()
            except OSError:
                continue
            if os.fspath(self.root) in command or place.is_relative_to(self.root):
                found[int(folder.name)] = command
        return found


def copy_code(root: Path) -> None:
    """Copy the code, and link the installed packages."""
    root.mkdir(parents=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in listed.split("\0"):
        source = ROOT / name
        if name and source.is_file() and not name.startswith(("tests/", "docs/", "bench/")):
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
            target.chmod(source.stat().st_mode)
    (root / ".venv").symlink_to(ROOT / ".venv")


def outside_env() -> dict[str, str]:
    """Return the environment of a person's terminal: this one without what the test run put into it."""
    ours = ("DATABASE_URL", "REDIS_URL", "DJANGO_DEBUG", "DJANGO_SETTINGS_MODULE", "PYTEST_CURRENT_TEST")
    return {name: value for name, value in os.environ.items() if name not in ours and not name.startswith("STRIPE_")}


def leave(checkout: OtherCheckout) -> None:
    """End what a test left running."""
    for script in checkout.started:
        if script.poll() is None:
            script.kill()
            script.wait()
    wait_until(lambda: not checkout.processes(), what="the other stack to end")


@pytest.fixture
def other_checkout(tmp_path: Path) -> Iterator[OtherCheckout]:
    """Give a copy of the code in a path with spaces."""
    made = OtherCheckout(tmp_path / "a path with spaces" / "preceptor", outside_env())
    copy_code(made.root)
    yield made
    leave(made)


@pytest.fixture(scope="session")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> OtherCheckout:
    """Give a checkout whose stack was started for the first time and stopped with Ctrl-C. Do not start it again."""
    made = OtherCheckout(tmp_path_factory.mktemp("first start") / "preceptor", outside_env())
    copy_code(made.root)
    try:
        script = made.up(ports.free_port())
        script.send_signal(signal.SIGINT)
        script.wait(60)
    finally:
        leave(made)
    return made


@pytest.fixture
def lived_in(first_start: OtherCheckout, tmp_path: Path) -> Iterator[OtherCheckout]:
    """Give a checkout with a database and a demonstration world, in a path with spaces."""
    made = OtherCheckout(tmp_path / "a path with spaces" / "preceptor", outside_env())
    shutil.copytree(first_start.root, made.root, symlinks=True)
    yield made
    leave(made)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """Give an empty checkout that uses the installed packages."""
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    made = Checkout(tmp_path)
    made.make_state()
    return made
