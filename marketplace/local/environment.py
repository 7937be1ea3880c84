"""The Python environment of a checkout: `.venv` with exactly the packages of the lock files."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from marketplace.local.checkout import Checkout, require_room
from marketplace.local.processes import spawn, stop
from marketplace.local.say import TroubleError, line, step

LOCKS = ("requirements.txt", "requirements-dev.txt")
ROOM = 1_500_000_000  # Bytes: the packages, and a first database.
HEARTBEAT = 15.0  # Seconds between two signs of life of a long step.

# What installers say when they reach nobody, and when a disk is full.
NO_NETWORK = re.compile(
    r"dns error|name resolution|Name or service not known|Failed to establish a new connection|error sending request"
    r"|Network is unreachable|Connection refused|ConnectTimeout|timed out|client error \(Connect\)|No route to host"
    r"|NewConnectionError|Could not resolve host",
    re.IGNORECASE,
)
NO_ROOM = re.compile(r"No space left on device|os error 28|Errno 28|Disk quota exceeded", re.IGNORECASE)


def ensure(checkout: Checkout) -> None:
    """Make the environment when it is missing, and bring it to the lock files when they changed."""
    stamp = checkout.venv / "preceptor-lock"
    wanted = fingerprint(checkout)
    works = runs(checkout.python)
    if works and stamp.exists() and stamp.read_text() == wanted:
        return
    require_room(checkout.root, ROOM, "installing the Python packages")
    log = checkout.logs / "install.log"
    log.write_text("")
    if not works:
        with step("Python environment"):
            make_venv(checkout, log)
    with step("Python packages, by their hashes", slow=True):
        install(checkout, log)
    stamp.write_text(wanted)


def fingerprint(checkout: Checkout) -> str:
    """Return what the installed packages depend on, the lock files, as one word."""
    digest = hashlib.sha256()
    for name in LOCKS:
        digest.update((checkout.root / name).read_bytes())
    return digest.hexdigest()


def runs(python: Path) -> bool:
    """Tell whether an environment's Python runs and is new enough; a copied or half-made environment does not."""
    if not python.exists():
        return False
    probe = [
        os.fspath(python),
        "-c",
        "import sys; sys.exit(sys.version_info < (3, 11) or sys.prefix == sys.base_prefix)",
    ]
    try:
        return subprocess.run(probe, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


# --------------------------------------------------------------------------------------------------------------- venv


def make_venv(checkout: Checkout, log: Path) -> None:
    """
    Make `.venv` with what this Python has: its own pip, else uv, else the pip that lies beside it.

    :raises TroubleError: if it has none of them.
    """
    shutil.rmtree(checkout.venv, ignore_errors=True)
    base = base_python()
    if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
        command: list[str | Path] = [base, "-m", "venv", checkout.venv]
    elif uv := shutil.which("uv"):
        command = [uv, "venv", "--python", base, checkout.venv]
    elif importlib.util.find_spec("venv") and importlib.util.find_spec("pip"):
        command = [base, "-m", "venv", "--without-pip", checkout.venv]
    else:
        raise TroubleError(
            "This Python comes without venv or without pip. Install them (on Debian and Ubuntu: "
            "apt install python3-venv), or install uv, and run the command again."
        )
    if run(command, checkout, log) != 0:
        raise explained(log, "The Python environment could not be made")


def base_python() -> str:
    """Return the Python that environments are made from, also when this process runs in one."""
    return str(getattr(sys, "_base_executable", None) or sys.executable)


# ----------------------------------------------------------------------------------------------------------- packages


def install(checkout: Checkout, log: Path) -> None:
    """Install the lock files with uv, or with pip where uv is not to be had or fails."""
    wanted: list[str | Path] = [
        "--require-hashes",
        "--only-binary",
        ":all:",
        "-r",
        checkout.root / "requirements-dev.txt",
    ]
    uv = find_uv(checkout, log)
    if uv and run(_with_uv(uv, checkout, wanted), checkout, log) == 0:
        return
    if uv and NO_ROOM.search(log.read_text(errors="replace")):
        raise explained(log, "The Python packages could not be installed")
    pip = find_pip(checkout)
    if pip and run([*pip, "install", "--retries", "2", "--progress-bar", "off", *wanted], checkout, log) == 0:
        return
    raise explained(log, "The Python packages could not be installed")


def _with_uv(uv: list[str | Path], checkout: Checkout, wanted: list[str | Path]) -> list[str | Path]:
    """Return the command that installs with uv, compiled as pip does: else each new process would compile it all again."""
    return [*uv, "pip", "install", "--compile-bytecode", "--python", checkout.python, *wanted]


def find_uv(checkout: Checkout, log: Path) -> list[str | Path]:
    """Return the command for uv: the person's own, or the locked one installed with pip; empty when neither works."""
    own = shutil.which("uv")
    if own:
        return [own]
    pip = find_pip(checkout)
    here: list[str | Path] = [checkout.python, "-m", "uv"]
    if subprocess.run([*here, "--version"], capture_output=True, check=False).returncode == 0:
        return here
    if not pip:
        return []
    alone = checkout.state / "uv-requirement.txt"
    alone.write_text(locked_entry((checkout.root / "requirements-dev.txt").read_text(), "uv"))
    command = [*pip, "install", "--retries", "2", "--require-hashes", "--only-binary", ":all:", "-r", alone]
    return here if run(command, checkout, log) == 0 else []


def find_pip(checkout: Checkout) -> list[str | Path]:
    """Return the command for pip that installs into the environment; empty when there is no pip at all."""
    inside: list[str | Path] = [checkout.python, "-m", "pip"]
    if subprocess.run([*inside, "--version"], capture_output=True, check=False).returncode == 0:
        return inside
    beside: list[str | Path] = [base_python(), "-m", "pip"]
    if subprocess.run([*beside, "--version"], capture_output=True, check=False).returncode == 0:
        return [*beside, "--python", checkout.python]
    return []


def locked_entry(lock: str, name: str) -> str:
    """Return the lines of one package in a lock file, with its hashes."""
    found = re.search(rf"^{re.escape(name)}==.*?(?=^[^\s#]|\Z)", lock, re.MULTILINE | re.DOTALL)
    if found is None:
        raise TroubleError(f"There is no {name} in requirements-dev.txt. Run ./dev lock.")
    return found.group()


# ------------------------------------------------------------------------------------------------------------ running


def run(command: Sequence[str | Path], checkout: Checkout, log: Path) -> int:
    """Run an installer with its output in `log`, and show a sign of life now and then."""
    env = dict(os.environ)
    # An environment that somebody activated must not draw the packages to itself.
    for name in ("VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH"):
        env.pop(name, None)
    env["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    env.setdefault("UV_LINK_MODE", "copy")
    if not os.access(os.environ.get("HOME", "/nonexistent"), os.W_OK):
        env.setdefault("UV_CACHE_DIR", os.fspath(checkout.state / "uv-cache"))
        env.setdefault("PIP_NO_CACHE_DIR", "1")
    begun = last = time.monotonic()
    child = spawn(command, env=env, folder=checkout.root, log=log)
    try:
        while child.poll() is None:
            time.sleep(0.1)
            if time.monotonic() - last > HEARTBEAT:
                last = time.monotonic()
                line(f"    still at it after {last - begun:.0f} s; details in {log.relative_to(checkout.root)}")
        return child.returncode
    finally:
        stop(child, 15, patience=5)


def explained(log: Path, what: str) -> TroubleError:
    """Return the sentence for an installer that failed, judged by what it wrote."""
    text = log.read_text(errors="replace")
    if NO_ROOM.search(text):
        return TroubleError(f"{what}: the disk is full. Make room and run the command again.")
    if NO_NETWORK.search(text):
        return TroubleError(
            f"{what}: the package index cannot be reached. The first start needs a network; later ones do not. "
            "Behind a proxy or with a mirror, set it up for pip (pip config) and run the command again."
        )
    tail = "\n".join("    " + entry for entry in text.splitlines()[-8:])
    return TroubleError(f"{what}. The end of {log}:\n{tail}")
