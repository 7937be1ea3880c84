"""The site's processes as one family: started together, watched, started again when one dies, stopped together."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from marketplace.local.processes import collect_orphans, end_group
from marketplace.local.say import line

LONGEST_PAUSE = 30.0
HEALTHY = 60.0  # Seconds after which a death counts as the first one again.
PATIENCE = 8.0  # Seconds that a process has to finish what it does. Jobs are rows: what is cut off runs again.


@dataclass
class Member:
    """One process of the family."""

    name: str
    launch: Callable[[], subprocess.Popen[bytes]]
    log: Path
    stopping: int = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None
    begun: float = 0.0
    deaths: int = 0
    again_at: float | None = None
    shown: int = 0

    def start(self) -> None:
        self.shown = self.log.stat().st_size if self.log.exists() else 0
        self.process = self.launch()
        self.begun = time.monotonic()
        self.again_at = None


@dataclass
class Family:
    """
    The processes and their supervisor.

    :param verbose: show what they write, each line with the name of its writer.
    """

    members: list[Member] = field(default_factory=list)
    verbose: bool = False
    log_root: Path = Path()

    def adopt(self, member: Member) -> None:
        """Watch a process that runs already, such as the database."""
        member.begun = time.monotonic()
        self.members.append(member)

    def start(self, member: Member) -> None:
        self.members.append(member)
        member.start()

    def look_after(self) -> None:
        """Do one round: notice the dead, start again those whose pause is over, show what was written."""
        now = time.monotonic()
        for member in self.members:
            if member.process is not None and member.process.poll() is not None:
                self._mourn(member, now)
            elif member.again_at is not None and now >= member.again_at:
                member.start()
            if self.verbose:
                self._show(member)
        collect_orphans(self._is_member)

    def _is_member(self, pid: int) -> bool:
        return any(member.process is not None and member.process.pid == pid for member in self.members)

    def _mourn(self, member: Member, now: float) -> None:
        """Say that a member died, end what it left behind and plan its next start."""
        dead = member.process
        if dead is None:
            return
        member.process = None
        end_group(dead.pid)
        member.deaths = 1 if now - member.begun > HEALTHY else member.deaths + 1
        pause = min(2.0 ** (member.deaths - 1), LONGEST_PAUSE)
        member.again_at = now + pause
        how = f"signal {-dead.returncode}" if dead.returncode < 0 else f"status {dead.returncode}"
        line(
            f"  {member.name} ended with {how}; starting it again in {pause:.0f} s. Its log: {self._short(member.log)}"
        )
        if member.deaths == 1 or member.deaths % 5 == 0:
            for entry in tail(member.log, 5):
                line(f"    {entry}")

    def _short(self, log: Path) -> Path:
        with suppress(ValueError):
            return log.relative_to(self.log_root)
        return log

    def _show(self, member: Member) -> None:
        with suppress(OSError), member.log.open("rb") as log:
            log.seek(member.shown)
            fresh = log.read(200_000)
            whole = fresh[: fresh.rfind(b"\n") + 1]
            member.shown += len(whole)
            for entry in whole.decode(errors="replace").splitlines():
                line(f"{member.name:>14} | {entry}")

    def stop(self, leave: Sequence[str] = ()) -> None:
        """Stop all members but those named in `leave`: ask all at once, wait PATIENCE, then kill."""
        running = [
            (member, member.process)
            for member in self.members
            if member.process is not None and member.name not in leave
        ]
        for member, process in running:
            if process.poll() is None:
                process.send_signal(member.stopping)
        deadline = time.monotonic() + PATIENCE
        for member, process in running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
            if process.poll() is None:
                process.kill()
                process.wait()
            end_group(process.pid)
            member.process = None


def tail(log: Path, count: int) -> list[str]:
    """Return the last lines of a log that hold something."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 65536))
            entries = file.read().decode(errors="replace").splitlines()
    except OSError:
        return []
    return [entry for entry in entries if entry.strip()][-count:]
