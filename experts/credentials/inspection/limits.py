"""What a process that looks into files may use, and that it can neither call out nor start anything."""

from __future__ import annotations

import ctypes
import resource
import sys

MEGABYTE = 1024 * 1024
MEMORY = 768 * MEGABYTE
CPU_SECONDS = 20
OUTPUT = 4 * MEGABYTE
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # linux/sched.h
REFUSED_EVENTS = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "ctypes.")


def limit_self() -> None:
    """Bound memory, time, open files and what can be written, for good."""
    limits = {
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_FSIZE: OUTPUT,
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_CORE: 0,
    }
    if sys.platform == "darwin":  # Its kernel takes no limit on addresses.
        limits.pop(resource.RLIMIT_AS)
    for kind, amount in limits.items():
        hardest = resource.getrlimit(kind)[1]
        limit = amount if hardest == resource.RLIM_INFINITY else min(amount, hardest)
        resource.setrlimit(kind, (limit, limit))


def leave_the_network() -> None:
    """
    Move into a network of one's own, which has no way out, where the kernel allows it; then close Python's own doors
    to sockets and other programs.
    """
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    if unshare is not None and unshare(CLONE_NEWNET) != 0:
        unshare(CLONE_NEWUSER | CLONE_NEWNET)
    sys.addaudithook(_refuse)


def _refuse(event: str, _arguments: tuple[object, ...]) -> None:
    if event.startswith(REFUSED_EVENTS):
        raise PermissionError(f"{event} is not allowed while a file is inspected.")
