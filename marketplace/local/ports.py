"""Ports on loopback: free ones, taken ones and who sits on them."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path

LOOPBACK = "127.0.0.1"
LISTENING = "0A"  # In /proc/net/tcp, TCP_LISTEN of the kernel's include/net/tcp_states.h.


def is_free(port: int) -> bool:
    """Tell whether a server could listen on `port` of the loopback interface now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port(wanted: int | None = None) -> int:
    """Return `wanted` when it is free, otherwise a port that the kernel picks."""
    if wanted and is_free(wanted):
        return wanted
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def who_listens(port: int) -> str:
    """Return "name (process 123)" for who listens on `port`, or "another program" when that cannot be seen."""
    sockets = _listening_sockets(port)
    for link in Path("/proc").glob("[0-9]*/fd/*") if sockets else ():
        with suppress(OSError):
            if str(link.readlink()) in sockets:
                name = (link.parents[1] / "comm").read_text().strip()
                return f"{name} (process {link.parts[2]})"
    return "another program"


def _listening_sockets(port: int) -> set[str]:
    """Return the names that the listening sockets on `port` have in /proc/<pid>/fd."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for entry in Path(table).read_text().splitlines()[1:]:
                fields = entry.split()
                if fields[3] == LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    found.add(f"socket:[{fields[9]}]")
    return found
