"""How far a long command is: a bar on a terminal, a plain line now and then in a log."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

BAR = 24
EVERY_ON_TERMINAL = 0.2
EVERY_IN_LOG = 10.0


class Output(Protocol):
    def write(self, text: str) -> object: ...
    def flush(self) -> None: ...
    def isatty(self) -> bool: ...


class Progress:
    """
    Shows share, records, records a second and the time that is left.

    :param watch: tells the seconds since some moment.
    """

    def __init__(self, output: Output, *, watch: Callable[[], float] = time.monotonic) -> None:
        self.output, self.watch = output, watch
        self.is_terminal = output.isatty()
        self.began = self.shown = watch()
        self.before = 0
        self.width = 0

    def begin_at(self, records: int) -> None:
        """Count the rate from here: what an earlier run had done costs only the way to it."""
        self.began, self.before = self.watch(), records

    def show(self, *, done: int, total: int, records: int = 0, force: bool = False) -> None:
        """Show how far it is, not more often than people can read."""
        moment = self.watch()
        if not force and moment - self.shown < (EVERY_ON_TERMINAL if self.is_terminal else EVERY_IN_LOG):
            return
        self.shown = moment
        words = line_of(
            done=done, total=total, records=records, fresh=records - self.before, seconds=moment - self.began
        )
        if not self.is_terminal:
            self.output.write(words + "\n")
        else:
            filled = round(BAR * min(1.0, done / total)) if total else 0
            text = f"[{'#' * filled}{'.' * (BAR - filled)}] {words}"
            self.output.write("\r" + text.ljust(self.width))
            self.width = len(text)
        self.output.flush()

    def end(self) -> None:
        """Leave the line of the bar."""
        if self.is_terminal and self.width:
            self.output.write("\n")
            self.width = 0


def line_of(*, done: int, total: int, records: int, fresh: int, seconds: float) -> str:
    """Return "43 %, 1,234,000 records, 25,400 a second, about 2 min left"."""
    share = done / total if total else 0.0
    parts = [f"{min(100, int(share * 100)):3d} %"]
    if records:
        parts.append(f"{records:,} records")
    if fresh > 0 and seconds > 0:
        parts.append(f"{fresh / seconds:,.0f} a second")
    if 0.01 < share < 1 and seconds > 1:
        parts.append(f"about {duration(seconds / share * (1 - share))} left")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """Return "40 s", "2 min" or "1 h 20 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
