"""Starting the child process, and making a verdict of whatever becomes of it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

from experts.credentials.inspection.verdict import Verdict

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[3]
WALL_SECONDS = 45
UNREADABLE = "This file cannot be opened safely. Print it to a new PDF and send that one."


def inspect(content: IO[bytes], extension: str) -> Verdict:
    """
    Return what the inspection found. This function will answer with a refusal when the child dies, takes too long or
    says something strange: a file that nobody could look into is never clean.
    """
    said, ended = confined("experts.credentials.inspection", [extension], content)
    try:
        return Verdict.from_json(said)
    except (ValueError, TypeError):
        logger.warning("inspection.child_failed", extra={"extension": extension, "returncode": ended})
        return Verdict(is_clean=False, sentence=UNREADABLE)


def confined(module: str, arguments: list[str], content: IO[bytes]) -> tuple[str, int]:
    """
    Run a module of ours in a process of its own, with the content as its standard input; return what it wrote and how
    it ended, -9 when it took too long. The module limits itself first (`inspection.limits`).
    """
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as answer:
        while chunk := content.read(1 << 20):
            given.write(chunk)
        given.seek(0)
        command = [sys.executable, "-m", module, *arguments]
        # Nothing of our environment goes along: no secrets, no proxies.
        surroundings = {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            ended = subprocess.run(
                command, stdin=given, stdout=answer, stderr=subprocess.DEVNULL, cwd=ROOT, env=surroundings,
                timeout=WALL_SECONDS, check=False, close_fds=True,
            ).returncode  # fmt: skip
        except subprocess.TimeoutExpired:
            ended = -9
        answer.seek(0)
        return answer.read().decode("utf-8", "replace"), ended
