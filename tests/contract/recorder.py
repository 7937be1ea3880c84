"""A small proxy between the SDK and the stand-in that keeps what went over the wire."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

from django.test import override_settings

from tests.payments.gateway.standin import StandIn


@dataclass(frozen=True)
class Exchange:
    """One call and its answer, as bytes on the wire."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    status: int
    answer: bytes


@dataclass
class Recorder:
    """What went by; `standin` and the product's settings speak through it."""

    standin: StandIn
    exchanges: list[Exchange] = field(default_factory=list)

    @classmethod
    @contextmanager
    def in_front_of(cls, behind: StandIn) -> Iterator[Recorder]:
        """Stand between every caller and the stand-in."""
        target = urlsplit(behind.address).netloc
        exchanges: list[Exchange] = []

        class Handler(BaseHTTPRequestHandler):
            def pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                connection = http.client.HTTPConnection(target, timeout=30)
                connection.request(self.command, self.path, body, dict(self.headers))
                answer = connection.getresponse()
                content = answer.read()
                address = urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                exchanges.append(
                    Exchange(self.command, address.path, address.query, headers, body, answer.status, content)
                )
                self.send_response(answer.status)
                for name in ("Content-Type", "Request-Id", "Idempotent-Replayed"):
                    if answer.getheader(name):
                        self.send_header(name, str(answer.getheader(name)))
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = pass_on  # noqa: N815 -- the names that the base class calls

            def log_message(self, *args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        with override_settings(STRIPE_API_BASE=address):
            yield cls(StandIn(address), exchanges)
        server.shutdown()
        server.server_close()

    def api(self) -> list[Exchange]:
        """The calls of the API, without the orders of the test itself."""
        return [exchange for exchange in self.exchanges if not exchange.path.startswith("/_sim/")]
