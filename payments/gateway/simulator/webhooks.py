"""
Webhook deliveries: signed with Stripe's scheme, tried until a 2xx comes back, at least once and in no certain order.

A background thread carries them from the outbox in the file. Signatures carry the real time, not the stand-in's own,
because the receiver checks their age against its wall clock.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from payments.gateway.simulator.store import Store

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 60.0
GIVE_UP_SECONDS = 3 * 86_400.0
IDLE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Endpoint:
    """
    Where the product listens: snapshots at `url`, thin notifications at `url` + "v2/".

    Stripe has three destinations with a secret each: our account, connected accounts, thin events.
    """

    url: str
    secret: str
    connect_secret: str
    thin_secret: str

    def address(self, *, thin: bool) -> str:
        return self.url.rstrip("/") + ("/v2/" if thin else "/")

    def secret_for(self, *, thin: bool, connect: bool) -> str:
        return self.thin_secret if thin else self.connect_secret if connect else self.secret


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect is a failure, as at Stripe: following one to a sign-in page would look like success."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects)


def signature(payload: str, secret: str, *, at: int) -> str:
    """Return the Stripe-Signature header: HMAC-SHA256 over "{t}.{payload}" (docs.stripe.com/webhooks/signature)."""
    digest = hmac.new(secret.encode(), f"{at}.{payload}".encode(), hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def pause_after(attempts: int) -> float:
    """Return the seconds before the next try: one, doubling, at most a minute."""
    return float(min(2.0 ** max(0, attempts - 1), LONGEST_PAUSE_SECONDS))


class Courier(threading.Thread):
    """The thread that delivers and lets time pass. `poke` wakes it at once, `stop` ends it."""

    def __init__(self, store: Store, endpoint: Endpoint | None, *, on_idle: Callable[[], object]) -> None:
        super().__init__(name="stripe-simulator-courier", daemon=True)
        self.store = store
        self.endpoint = endpoint
        self.on_idle = on_idle
        self._wake = threading.Event()
        self._stopping = threading.Event()

    def poke(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()
        if self.is_alive():
            self.join(timeout=TIMEOUT_SECONDS + 1)

    def run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(IDLE_SECONDS)
            self._wake.clear()
            try:
                self.on_idle()
                while not self._stopping.is_set() and self.deliver_next():
                    pass
            except Exception:
                logger.exception("stripe_simulator.courier_failed")
                time.sleep(1)

    def deliver_next(self) -> bool:
        """Deliver one due event; return whether there was one."""
        endpoint = self.endpoint
        if endpoint is None:
            return False
        now = time.time()
        with self.store.read() as tables:
            row = tables.sql(
                "SELECT seq, thin, connect, payload, attempts FROM delivery WHERE state IN ('waiting', 'held') AND not_before <= ? "
                "ORDER BY not_before, seq LIMIT 1",
                (now,),
            ).fetchone()
        if row is None:
            return False
        seq, thin, connect, payload, attempts = row
        status = send(endpoint, payload, thin=bool(thin), connect=bool(connect))
        with self.store.write() as tables:
            if 200 <= status < 300:
                tables.sql(
                    "UPDATE delivery SET state = 'delivered', attempts = attempts + 1, last_status = ? WHERE seq = ?",
                    (status, seq),
                )
                # What was held back to arrive out of order may go, now that a later one has arrived.
                tables.sql(
                    "UPDATE delivery SET state = 'waiting', not_before = ? WHERE state = 'held' AND seq < ?", (now, seq)
                )
                return True
            waited = pause_after(attempts + 1)
            state = "given_up" if waited * attempts > GIVE_UP_SECONDS else "waiting"
            tables.sql(
                "UPDATE delivery SET state = ?, attempts = attempts + 1, last_status = ?, not_before = ? WHERE seq = ?",
                (state, status, now + waited, seq),
            )
        return True


def send(endpoint: Endpoint, payload: str, *, thin: bool, connect: bool) -> int:
    """POST one payload; return the status, 0 when there was no answer."""
    secret = endpoint.secret_for(thin=thin, connect=connect)
    request = urllib.request.Request(  # noqa: S310 -- the address is our own product's, given at the start
        endpoint.address(thin=thin),
        data=payload.encode(),
        method="POST",
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(payload, secret, at=int(time.time())),
            "User-Agent": "Stripe/1.0 (Preceptor stand-in)",
        },
    )
    try:
        with OPENER.open(request, timeout=TIMEOUT_SECONDS) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, ValueError):
        return 0
