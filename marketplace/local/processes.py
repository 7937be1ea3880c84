"""
Processes that never outlive the command that started them, on Linux not even when it is killed with SIGKILL.

Three means together, because each alone leaves a gap:

- every child asks the kernel for a signal when its parent dies (PR_SET_PDEATHSIG);
- `guarded` runs the work in a second process. The first one only waits; it is a subreaper, so whatever the second
  leaves behind when it is killed comes to it and is ended;
- the second process is a subreaper too: the pool of a killed Celery worker comes to it and is ended.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from marketplace.local.say import StoppedError

LINUX = sys.platform == "linux"
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
CLONE_NEWUSER = 0x10000000
GUEST_ID = 1000  # What root is called inside the user namespace of a server that refuses to run as root.

_libc: Any = ctypes.CDLL(None, use_errno=True) if LINUX else None


@dataclass(frozen=True)
class Demotion:
    """How a child that must not be root stops being it: in a user namespace of its own, or as another user."""

    namespace: bool = False
    user: int | None = None
    group: int | None = None

    def apply(self) -> None:
        """Give up root in this process. Runs between fork and exec."""
        if self.namespace:
            if _libc.unshare(CLONE_NEWUSER) != 0:
                raise OSError(ctypes.get_errno(), "unshare")
            _write("/proc/self/setgroups", "deny")
            _write("/proc/self/uid_map", f"{GUEST_ID} 0 1")
            _write("/proc/self/gid_map", f"{GUEST_ID} 0 1")
        elif self.user is not None and self.group is not None:
            os.setgroups([])
            os.setgid(self.group)
            os.setuid(self.user)


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def namespaces_work() -> bool:
    """Tell whether root may make a user namespace here; in most containers it may not."""
    if not LINUX:
        return False
    child = os.fork()
    if child == 0:
        try:
            Demotion(namespace=True).apply()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


# ------------------------------------------------------------------------------------------------------------ starting


def die_with_parent(number: int, parent: int) -> None:
    """Ask for the signal `number` when the process `parent`, our parent, dies; leave at once if it is dead already."""
    if LINUX:
        _libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def become_subreaper() -> None:
    """Let processes whose parent dies come to this process instead of to init."""
    if LINUX:
        _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def spawn(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    folder: Path,
    log: Path | None = None,
    dying: int = signal.SIGKILL,
    demotion: Demotion | None = None,
    foreground: bool = False,
) -> subprocess.Popen[bytes]:
    """
    Start a child that cannot outlive this process.

    :param log: where its output is added; None leaves it on ours.
    :param dying: the signal it gets when this process dies without having stopped it.
    :param foreground: keep it in our process group, so that the terminal's Ctrl-C and keyboard reach it.
    """
    parent = os.getpid()

    def prepare() -> None:
        if demotion is not None:
            demotion.apply()
        # After the change of user, which makes the kernel forget the request.
        die_with_parent(dying, parent)

    output = log.open("ab") if log is not None else None
    try:
        return subprocess.Popen(
            [os.fspath(part) for part in argv],
            env=dict(env),
            cwd=folder,
            stdin=None if foreground else subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output is not None else None,
            start_new_session=not foreground,
            preexec_fn=prepare,  # noqa: PLW1509 -- this process starts no threads
        )
    finally:
        if output is not None:
            output.close()


def run_foreground(argv: Sequence[str | Path], *, env: Mapping[str, str], folder: Path) -> int:
    """Run a child that owns the terminal, and return its exit status; Ctrl-C is for the child to answer."""
    parent = os.getpid()

    def prepare() -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        die_with_parent(signal.SIGTERM, parent)

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        child = subprocess.Popen(
            [os.fspath(part) for part in argv],
            env=dict(env),
            cwd=folder,
            preexec_fn=prepare,  # noqa: PLW1509 -- this process starts no threads
        )
        try:
            return child.wait()
        except BaseException:
            stop(child, signal.SIGTERM, patience=10, group=False)
            raise
    finally:
        signal.signal(signal.SIGINT, before)


# ------------------------------------------------------------------------------------------------------------ stopping


def stop(child: subprocess.Popen[bytes], number: int, *, patience: float, group: bool = True) -> None:
    """Stop a child with the signal `number`, and after `patience` seconds with SIGKILL; then end its process group."""
    if child.poll() is None:
        child.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            child.wait(patience)
    if child.poll() is None:
        child.kill()
        child.wait()
    if group:
        end_group(child.pid)


def end_group(leader: int) -> None:
    """Kill what a child that led its own process group left in it."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def descendants(pid: int) -> list[int]:
    """Return the ids of all processes below `pid`, nearest first. Linux only; elsewhere the list is empty."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat") if LINUX else ():
        with suppress(OSError, ValueError, IndexError):
            # The name in parentheses may hold spaces; the fields after it do not.
            fields = entry.read_text().rpartition(")")[2].split()
            if fields[0] != "Z":
                children.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    found = list(children.get(pid, ()))
    for one in found:
        found.extend(children.get(one, ()))
    return found


def end_descendants(patience: float = 0) -> None:
    """Wait `patience` seconds for everything below this process to end, then kill what is left and collect it."""
    deadline = time.monotonic() + patience
    while left := descendants(os.getpid()):
        if time.monotonic() >= deadline:
            for pid in left:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
        collect_orphans()
        time.sleep(0.02)


def collect_orphans(mine: Callable[[int], bool] = lambda _: False) -> None:
    """Collect the status of dead children that came to this subreaper; leave those for which `mine` is true."""
    with suppress(ChildProcessError):
        while LINUX:
            dead = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if dead is None or mine(dead.si_pid):
                return
            os.waitpid(dead.si_pid, 0)


# --------------------------------------------------------------------------------------------------------- two of us


def guarded(work: Callable[[], int], *, own_group: bool) -> int:
    """
    Run `work` so that nothing it starts is left when this process ends, however it ends.

    :param own_group: put the work into a process group of its own, away from the terminal: Ctrl-C then reaches this
        process only, which asks the work to stop and on a second Ctrl-C ends it at once.
    :returns: the exit status of the work.
    """
    if not LINUX:
        for number in (signal.SIGTERM, signal.SIGHUP, *([signal.SIGINT] if own_group else [])):
            signal.signal(number, _stop_once)
        try:
            return work()
        except (StoppedError, KeyboardInterrupt):
            return 130
    sys.stdout.flush()
    become_subreaper()
    parent = os.getpid()
    worker = os.fork()
    if worker == 0:
        _work(work, parent, own_group=own_group)
    requests = 0

    def pass_on(number: int, _frame: FrameType | None) -> None:
        nonlocal requests
        if number == signal.SIGINT and not own_group:
            return  # The terminal sent it to the work as well.
        requests += 1
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGTERM if requests == 1 else signal.SIGKILL)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    status = 0
    while True:
        pid, status = os.wait()
        if pid == worker:
            break
    # Postgres, told by the kernel that the work is dead, is given a moment to close its files.
    end_descendants(patience=5 if os.WIFSIGNALED(status) else 0)
    return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 1


def _work(work: Callable[[], int], parent: int, *, own_group: bool) -> None:
    """Be the second process of `guarded`; never returns."""
    code = 1
    try:
        if own_group:
            os.setpgid(0, 0)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _stop_once)
        die_with_parent(signal.SIGTERM, parent)
        become_subreaper()
        code = work()
    except (StoppedError, KeyboardInterrupt):
        code = 130
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else 1
    except BaseException:  # noqa: BLE001 -- the process ends here; nobody above could show it
        traceback.print_exc()
    finally:
        with suppress(BaseException):
            end_descendants()
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _stop_once(_number: int, _frame: FrameType | None) -> None:
    """Turn the first request to stop into an exception, and ignore further ones while things are being closed."""
    for each in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(each, signal.SIG_IGN)
    raise StoppedError
