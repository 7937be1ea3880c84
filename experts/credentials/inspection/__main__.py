"""The child process: `python -m experts.credentials.inspection EXTENSION < file` writes one verdict."""

from __future__ import annotations

import ctypes
import resource
import sys
from collections.abc import Callable
from importlib import import_module

from experts.credentials.inspection.verdict import FileRefused, Verdict, clean_text

MEGABYTE = 1024 * 1024
MEMORY = 768 * MEGABYTE
CPU_SECONDS = 20
OUTPUT = 4 * MEGABYTE
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # linux/sched.h
REFUSED_EVENTS = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "ctypes.")
INSPECTORS = {
    "pdf": ("pdf", "inspect_pdf"),
    "docx": ("word", "inspect_docx"),
    "png": ("picture", "inspect_png"),
    "jpg": ("picture", "inspect_jpeg"),
    "jpeg": ("picture", "inspect_jpeg"),
}
TOO_MUCH = "This file needs too much to be opened. Print it to a new PDF and send that one."


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


def inspector_of(extension: str) -> Callable[[bytes], str]:
    """Return the function that looks into this kind of file; only its own libraries are loaded, which saves time."""
    module, function = INSPECTORS[extension]
    return getattr(import_module(f"experts.credentials.inspection.{module}"), function)


def main() -> int:
    """Read the file, inspect it, write the verdict; a file that breaks the parser is refused like any other."""
    limit_self()
    inspect = inspector_of(sys.argv[1])
    leave_the_network()
    try:
        verdict = Verdict(is_clean=True, text=clean_text(inspect(sys.stdin.buffer.read())))
    except FileRefused as refused:
        verdict = Verdict(is_clean=False, sentence=str(refused))
    except (MemoryError, RecursionError):
        verdict = Verdict(is_clean=False, sentence=TOO_MUCH)
    sys.stdout.write(verdict.as_json())
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
