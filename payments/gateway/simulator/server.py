"""The threaded server of the standard library around the application."""

from __future__ import annotations

import socket
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from socketserver import TCPServer, ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from payments.gateway.simulator.app import Application
from payments.gateway.simulator.housekeeping import let_time_pass
from payments.gateway.simulator.store import Store
from payments.gateway.simulator.webhooks import Courier, Endpoint


@dataclass(frozen=True, slots=True)
class Config:
    """Where the stand-in listens, keeps its state and delivers its webhooks. Port 0 takes a free one."""

    path: Path | str
    host: str = "127.0.0.1"
    port: int = 0
    endpoint: Endpoint | None = None


class _Handler(WSGIRequestHandler):
    """Quiet, and able to cut the connection in place of an answer."""

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        environ["simulator.cut"] = self._cut
        return environ

    def address_string(self) -> str:
        return str(self.client_address[0])

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- as the base class has it
        """Say nothing: the calls are in the file."""

    def handle(self) -> None:
        # What a caller that hung up leaves behind is no error of ours.
        with suppress(ConnectionError, ValueError):
            super().handle()

    def _cut(self) -> None:
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError("cut by the fault plan")


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 256
    allow_reuse_address = True

    def server_bind(self) -> None:
        # HTTPServer would ask the name service for its own name, which can take seconds where there is none.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore callers that hang up; anything else is printed by the base class."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Simulator:
    """The stand-in, running: `start` it in a thread, or `serve` until stopped."""

    def __init__(self, config: Config) -> None:
        self.store = Store(config.path)
        self.courier = Courier(self.store, config.endpoint, on_idle=partial(let_time_pass, self.store))
        self._server = _Server((config.host, config.port), _Handler)
        self._server.set_app(Application(self.store, self.courier))
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        """Return the base address, such as http://127.0.0.1:12111."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def serve(self) -> None:
        """Serve until `stop` is called or the process ends."""
        self.courier.start()
        self._server.serve_forever(poll_interval=0.1)

    def start(self) -> Simulator:
        """Serve in a thread of this process; for tests."""
        self._thread = threading.Thread(target=self.serve, name="stripe-simulator", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and delivering; the file stays."""
        self._server.shutdown()
        self._server.server_close()
        self.courier.stop()
        if self._thread is not None:
            self._thread.join(timeout=5)
        self.store.close()
