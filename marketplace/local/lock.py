"""`./dev lock`: the lock files from pyproject.toml, every package with its hashes and the reason why it is here."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from marketplace.local.checkout import Checkout
from marketplace.local.environment import find_uv
from marketplace.local.say import TroubleError, step

# A release younger than this is not taken, so that a stolen one is found out before it reaches us.
COOLDOWN = "7 days"
DIRECT = re.compile(r'^\s*"(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?[^"]*",\s*(?:#\s*(?P<reason>.+))?$')
ENTRY = re.compile(r"^(?P<name>[a-z0-9._-]+)==")
RUNTIME_HEADER = """\
# What the site runs with: every package with its hashes, and why it is here. Written by `./dev lock` from
# pyproject.toml; do not edit.
"""
DEV_HEADER = """\
# What the local stack, the tests and the checks need besides. Written by `./dev lock` from pyproject.toml; do not edit.
-r requirements.txt
"""


def lock(checkout: Checkout) -> None:
    """Write requirements.txt and requirements-dev.txt."""
    reasons = read_reasons(checkout.root / "pyproject.toml")
    log = checkout.logs / "install.log"
    log.touch()
    uv = find_uv(checkout, log)
    if not uv:
        raise TroubleError("Locking needs uv, and it could not be installed. Install uv and run ./dev lock again.")
    with step("Runtime packages"):
        runtime = entries(compiled(uv, checkout, []))
        write(checkout.root / "requirements.txt", RUNTIME_HEADER, runtime, reasons)
    with step("Packages for development"):
        everything = entries(compiled(uv, checkout, ["--group", "dev", "--constraint", "requirements.txt"]))
        more = {name: block for name, block in everything.items() if name not in runtime}
        write(checkout.root / "requirements-dev.txt", DEV_HEADER, more, reasons)


def read_reasons(pyproject: Path) -> dict[str, str]:
    """
    Return the reason of every direct dependency, by its normal name.

    :raises TroubleError: if one has none.
    """
    text = pyproject.read_text()
    lists = re.findall(r"^(?:dependencies|dev) = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    reasons: dict[str, str] = {}
    for entry in "\n".join(lists).splitlines():
        found = DIRECT.match(entry)
        if found is None:
            continue
        if not found["reason"]:
            raise TroubleError(f"pyproject.toml does not say why {found['name']} is here. Add a comment to its line.")
        reasons[re.sub(r"[-_.]+", "-", found["name"]).lower()] = found["reason"].strip()
    return reasons


def compiled(uv: list[str | Path], checkout: Checkout, more: list[str]) -> str:
    """Resolve pyproject.toml for every platform and Python from 3.11 on, wheels only; return uv's text."""
    command = [os.fspath(part) for part in uv]
    command += ["pip", "compile", "pyproject.toml", "--universal", "--python-version", "3.11", "--generate-hashes"]
    command += ["--only-binary", ":all:", "--exclude-newer", COOLDOWN, "--no-header", "--no-emit-index-url"]
    ran = subprocess.run([*command, *more], cwd=checkout.root, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise TroubleError(f"The dependencies could not be resolved:\n{ran.stderr.strip()}")
    return ran.stdout


def entries(text: str) -> dict[str, str]:
    """Split uv's text into the block of each package, by its name."""
    blocks: dict[str, str] = {}
    name = ""
    for row in text.splitlines():
        found = ENTRY.match(row)
        if found:
            name = found["name"]
        if name and row.strip():
            blocks[name] = blocks.get(name, "") + row + "\n"
    return blocks


def write(target: Path, header: str, blocks: dict[str, str], reasons: dict[str, str]) -> None:
    """Write a lock file: each block with its reason above it, or with the packages that brought it."""
    parts = [header]
    for name, block in sorted(blocks.items()):
        pins = [row for row in block.splitlines() if not row.lstrip().startswith("#")]
        if name in reasons:
            parts.append(f"# {reasons[name]}\n" + "\n".join(pins) + "\n")
        else:
            parts.append(f"# via {', '.join(parents(block))}\n" + "\n".join(pins) + "\n")
    target.write_text("\n".join(parts))


def parents(block: str) -> list[str]:
    """Return the packages that brought one in, from uv's "# via" comment."""
    words = [row.strip().lstrip("#").strip() for row in block.splitlines() if row.lstrip().startswith("#")]
    return [word.removeprefix("via").strip() for word in words if word.removeprefix("via").strip()]
