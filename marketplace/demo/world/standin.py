"""Stripe's stand-in while the world is made: the running one, or one in this process on the same file and port."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit

from django.conf import settings

from payments.gateway.simulator.server import Config, Simulator


def order(path: str, body: dict[str, Any]) -> Any:
    """Give the stand-in one order, such as order("pay", {...})."""
    data = json.dumps(body).encode()
    address = f"{settings.STRIPE_SIMULATOR_URL}/_sim/{path}"
    request = urllib.request.Request(address, data=data, headers={"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=15) as answer:  # noqa: S310 -- our own loopback address
        return json.load(answer)


@contextmanager
def stand_in() -> Iterator[None]:
    """Make sure that a stand-in answers at the address of the settings."""
    if _answers():
        yield
        return
    path = Path(settings.STRIPE_SIMULATOR_DB)
    path.parent.mkdir(parents=True, exist_ok=True)
    address = urlsplit(settings.STRIPE_SIMULATOR_URL)
    simulator = Simulator(Config(path=path, host=address.hostname or "127.0.0.1", port=address.port or 0)).start()
    try:
        yield
    finally:
        simulator.stop()


def _answers() -> bool:
    try:
        urllib.request.urlopen(f"{settings.STRIPE_SIMULATOR_URL}/_sim/state", timeout=2).close()  # noqa: S310
    except (URLError, OSError):
        return False
    return True
