"""Where things lie in a checkout, what its stack remembers between starts, and whether its disk has room."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from marketplace.local.say import TroubleError, size

FAREWELL = 30.0  # Seconds that a stack whose script was killed may need to end.


@dataclass(frozen=True)
class Checkout:
    """A clone of the repository and the folders that `./dev` makes in it, none of which is committed."""

    root: Path

    @property
    def state(self) -> Path:
        """Data, logs and memory of the local stack. `./dev reset` deletes it."""
        return self.root / ".local"

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def site_packages(self) -> Path:
        """Where wheels put their files. Found by looking, because the venv may have another Python than this process."""
        for folder in sorted(self.venv.glob("lib/python3.*/site-packages")):
            if (folder / "django").is_dir():
                return folder
        raise TroubleError("The Python packages are not installed yet. Run ./dev up or ./dev test first.")

    def make_state(self) -> None:
        """Make the state folder, or say whose it is when it belongs to somebody else."""
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
            probe = self.state / "probe"
            probe.write_text("")
            probe.unlink()
        except PermissionError:
            raise TroubleError(
                f"You may not write to {self.state}. If another user started the stack here before, "
                "let that user run ./dev reset, or work in a clone of your own."
            ) from None

    # ------------------------------------------------------------------------------------------------------- memory

    def recall(self, name: str) -> dict[str, Any]:
        """Return what was remembered under `name`, or an empty dict."""
        try:
            found = json.loads((self.state / f"{name}.json").read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def remember(self, name: str, facts: dict[str, Any]) -> None:
        """Keep `facts` under `name` for the next start, readable by this user only."""
        place = self.state / f"{name}.json"
        fresh = place.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(facts, file, indent=1)
        fresh.replace(place)

    def forget(self, name: str) -> None:
        (self.state / f"{name}.json").unlink(missing_ok=True)

    def secret(self, name: str) -> str:
        """Return the secret of this checkout called `name`; made at random the first time it is asked for."""
        known = self.recall("secrets")
        if name not in known:
            known[name] = secrets.token_hex(32)
            self.remember("secrets", known)
        return str(known[name])

    # --------------------------------------------------------------------------------------------------------- lock

    @contextmanager
    def only_one(self) -> Iterator[None]:
        """
        Hold the lock of a running stack.

        A stack whose script was killed needs a few seconds to take itself down; that is waited for.

        :raises TroubleError: if another stack of this checkout runs.
        """
        deadline = time.monotonic() + FAREWELL
        with (self.state / "up.lock").open("a+") as lock:
            while not _try(lock):
                lock.seek(0)
                holder = lock.read().strip()
                if not holder.isdigit() or _lives(int(holder)) or time.monotonic() > deadline:
                    raise TroubleError(
                        f"This checkout's stack is already up (process {holder or 'unknown'}). "
                        "Use it, or stop it with Ctrl-C in its window and wait a moment."
                    )
                time.sleep(0.2)
            lock.truncate(0)
            lock.write(str(os.getppid() if sys.platform == "linux" else os.getpid()))
            lock.flush()
            yield

    def is_up(self) -> bool:
        """Tell whether a stack of this checkout runs, by trying its lock."""
        try:
            with (self.state / "up.lock").open("r+") as lock:
                return not _try(lock)
        except FileNotFoundError:
            return False


def _try(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def require_room(folder: Path, needed: int, purpose: str) -> None:
    """
    Check that the disk under `folder` has `needed` bytes free.

    :raises TroubleError: if it has less.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise TroubleError(
            f"The disk that holds {folder} has {size(free)} free, and {purpose} needs about {size(needed)}. "
            "Make room there and run the command again."
        )
