"""What `./dev` says: one line per step with its time, and one sentence when something is in the way."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

WIDTH = 34


class TroubleError(Exception):
    """Something is in the way. The message is one or two sentences that tell a person what to do."""


class StoppedError(BaseException):
    """Somebody asked for an orderly stop (Ctrl-C, SIGTERM). Not an Exception, so that no retry swallows it."""


def line(text: str = "") -> None:
    """Print one line at once, so that a log file shows it while the next step runs."""
    print(text, flush=True)


def warn(text: str) -> None:
    """Print one line about something that went wrong but does not end the command."""
    print(text, file=sys.stderr, flush=True)


def done(what: str, seconds: float) -> None:
    """Print the line of a finished step."""
    line(f"  {what:<{WIDTH}} {seconds:5.1f} s")


@contextmanager
def step(what: str, *, slow: bool = False) -> Iterator[None]:
    """
    Show a step: its line with the seconds it took when it is over.

    :param slow: say so beforehand, because a person will wonder what is going on.
    """
    begun = time.monotonic()
    if slow:
        line(f"  {what} ...")
    yield
    done(what, time.monotonic() - begun)


def size(number: int) -> str:
    """Return a number of bytes for people, such as "512 MB"."""
    if number < 1_000_000_000:
        return f"{number / 1_000_000:.0f} MB"
    return f"{number / 1_000_000_000:.1f} GB"
