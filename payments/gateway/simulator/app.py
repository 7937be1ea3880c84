"""
The WSGI application: one call through all layers, in the order in which Stripe has them.

    authentication, rate limiter (429), routing, idempotency key, validation, execution, answer

The answer is saved under the key in the same transaction as its effect, so kill -9 leaves both or neither. A fault
that loses the answer cuts the connection after the commit: the effect stands and the caller knows nothing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from payments.gateway.simulator import (
    accounts,
    balances,
    checkout,
    control,
    events,
    faults,
    hosted,
    housekeeping,
    idempotency,
    payments,
    payouts,
    transfers,
)
from payments.gateway.simulator.context import Context, Route, expand, public
from payments.gateway.simulator.errors import ApiError, bad_parameter, key_in_use, server_error, too_many_requests
from payments.gateway.simulator.faults import CallFault
from payments.gateway.simulator.idempotency import InProgress, Saved
from payments.gateway.simulator.params import decode_form
from payments.gateway.simulator.store import PLATFORM, Body, Store, Tables, new_id
from payments.gateway.simulator.webhooks import Courier

ROUTES: list[Route] = [
    *checkout.ROUTES,
    *payments.ROUTES,
    *transfers.ROUTES,
    *balances.ROUTES,
    *payouts.ROUTES,
    *events.ROUTES,
    *accounts.ROUTES,
]
LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")
LARGEST_BODY = 1_000_000
StartResponse = Callable[[str, list[tuple[str, str]]], object]


class CutError(Exception):
    """The connection shall be cut without an answer."""


@dataclass(frozen=True, slots=True)
class Request:
    """A call as it came in."""

    method: str
    path: str
    query: str
    body: bytes
    headers: dict[str, str]
    peer: str
    origin: str

    @property
    def version(self) -> str:
        return "v2" if self.path.startswith("/v2/") else "v1"

    @property
    def key(self) -> str | None:
        return self.headers.get("idempotency-key") if self.method == "POST" else None

    @classmethod
    def read(cls, environ: dict[str, Any]) -> Request:
        """Return the request of a WSGI environment."""
        headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name[:5] == "HTTP_"}
        headers["content-type"] = environ.get("CONTENT_TYPE", "")
        length = min(int(environ.get("CONTENT_LENGTH") or 0), LARGEST_BODY)
        host = headers.get("host") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
        return cls(
            method=environ["REQUEST_METHOD"],
            path=unquote(environ.get("PATH_INFO", "/")),
            query=environ.get("QUERY_STRING", ""),
            body=environ["wsgi.input"].read(length) if length else b"",
            headers=headers,
            peer=environ.get("REMOTE_ADDR", ""),
            origin=f"{environ.get('wsgi.url_scheme', 'http')}://{host}",
        )


@dataclass(slots=True)
class Answer:
    """What goes back."""

    status: int
    body: Body
    headers: dict[str, str]
    replayed: bool = False


class Application:
    """The stand-in as a WSGI application over one store."""

    def __init__(self, store: Store, courier: Courier | None = None) -> None:
        self.store = store
        self.courier = courier
        self.in_progress = InProgress()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request = Request.read(environ)
        if request.path.startswith("/_sim/"):
            return self._control(request, start_response)
        if not request.path.startswith(("/v1/", "/v2/")):
            return self._page(request, start_response)
        request_id = new_id("req_", 14)
        try:
            answer = self._call(request, request_id)
        except CutError:
            environ["simulator.cut"]()
            return []
        finally:
            if self.courier is not None:
                self.courier.poke()
        answer.headers |= {"Request-Id": request_id, "Stripe-Version": events.API_VERSION}
        return _send(start_response, answer)

    # -- the browser and the tests -------------------------------------------------------------------------------
    def _page(self, request: Request, start_response: StartResponse) -> Iterable[bytes]:
        with self.store.write() as tables:
            ctx = Context(tables=tables, now=int(tables.time()), origin=request.origin)
            housekeeping.work_off(ctx)
            page = hosted.respond(ctx, request.method, request.path, request.body.decode(errors="replace"))
        headers = [*page.headers.items(), ("Content-Length", str(len(page.body)))]
        start_response(f"{page.status} {HTTPStatus(page.status).phrase}", headers)
        return [page.body]

    def _control(self, request: Request, start_response: StartResponse) -> Iterable[bytes]:
        host = request.headers.get("host", "").rsplit(":", 1)[0]
        # A page in a browser on this machine can reach loopback too: it cannot send JSON across origins unasked,
        # and it cannot make up the Host header.
        json_sent = request.method == "GET" or request.headers["content-type"].startswith("application/json")
        if request.peer not in LOOPBACK or host not in ("127.0.0.1", "localhost", "[::1]") or not json_sent:
            body = {"error": {"message": "Control is for this machine, in JSON.", "type": "invalid_request_error"}}
            return _send(start_response, Answer(403, body, {}))
        if (request.method, request.path) == ("POST", "/_sim/reset"):
            self.store.reset()
            return _send(start_response, Answer(200, {"reset": True}, {}))
        try:
            with self.store.write() as tables:
                ctx = Context(tables=tables, now=int(tables.time()), origin=request.origin)
                answer = Answer(200, control.obey(ctx, request.method, request.path, request.body), {})
        except ApiError as error:
            answer = Answer(error.status, error.body, {})
        if self.courier is not None:
            self.courier.poke()
        return _send(start_response, answer)

    # -- the API -------------------------------------------------------------------------------------------------
    def _call(self, request: Request, request_id: str) -> Answer:
        fault = CallFault()
        try:
            self._authenticate(request)
            fault = self._next_fault(request)
            if fault.action == "429":
                raise too_many_requests()
            if fault.action == "lose_request":
                time.sleep(fault.seconds)
                raise CutError
            answer = self._route(request, request_id, fault)
        except ApiError as error:
            answer = Answer(error.status, error.body, dict(error.headers))
        except CutError:
            self._log(request, Answer(0, {}, {}), fault)
            raise
        self._log(request, answer, fault)
        if fault.action == "lose_answer":
            time.sleep(fault.seconds)
            raise CutError
        return answer

    def _authenticate(self, request: Request) -> None:
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not secret:
            message = "You did not provide an API key. You need to provide your API key in the Authorization header."
            raise ApiError(401, message, saved=False)
        if not secret.startswith("sk_test_"):
            shown = f"{secret[:8]}{'*' * 8}{secret[-4:]}"
            raise ApiError(401, f"Invalid API Key provided: {shown}", saved=False)
        version = request.headers.get("stripe-version", events.API_VERSION)
        if not version.endswith(".endive"):
            raise ApiError(400, f"The stand-in speaks {events.API_VERSION}, not {version}.", saved=False)

    def _next_fault(self, request: Request) -> CallFault:
        with self.store.read() as tables:
            if not tables.sql("SELECT 1 FROM fault LIMIT 1").fetchone():
                return CallFault()
        with self.store.write() as tables:
            return faults.for_call(tables, request.method, request.path)

    def _route(self, request: Request, request_id: str, fault: CallFault) -> Answer:
        for route in ROUTES:
            match = route.pattern.match(request.path)
            if match and route.method == request.method:
                break
        else:
            message = f"Unrecognized request URL ({request.method}: {request.path})."
            raise ApiError(404, message, saved=False)
        params, names = _parameters(request), match.groupdict()
        if request.key is None:
            return self._execute(request, request_id, fault, route, params, names)
        if len(request.key) > 255:
            raise bad_parameter("Idempotency keys have at most 255 characters.", param="Idempotency-Key")
        with self.in_progress.hold(_scope(request), request.key):
            if fault.action == "409":
                raise key_in_use(request.key)
            return self._execute(request, request_id, fault, route, params, names)

    def _execute(
        self, request: Request, request_id: str, fault: CallFault, route: Route, params: Body, names: dict[str, str]
    ) -> Answer:
        if fault.action == "slow":
            time.sleep(fault.seconds)
        if request.method == "GET" and not self._time_brings():
            with self.store.read() as tables:
                if fault.action == "500":
                    raise server_error()
                ctx = self._context(tables, request, request_id)
                return Answer(200, _run(ctx, route, params, names), {})
        with self.store.write() as tables:
            ctx = self._context(tables, request, request_id)
            housekeeping.work_off(ctx)
            if request.key is None:
                if fault.action == "500":
                    raise server_error()
                return Answer(200, _run(ctx, route, params, names), {})
            return _once(ctx, request, fault, route, params, names)

    def _time_brings(self) -> bool:
        with self.store.read() as tables:
            return housekeeping.is_due(tables, int(tables.time()))

    def _context(self, tables: Tables, request: Request, request_id: str) -> Context:
        account = request.headers.get("stripe-account", PLATFORM)
        if account != PLATFORM and not tables.find(account, "v2_account"):
            message = f"The provided key does not have access to account '{account}' (or that account does not exist)."
            raise ApiError(403, message, code="account_invalid", saved=False)
        now = int(tables.time())
        return Context(tables, now, request.origin, account=account, request_id=request_id, key=request.key)

    def _log(self, request: Request, answer: Answer, fault: CallFault) -> None:
        values = (
            request.method,
            request.path,
            request.key,
            answer.status,
            int(answer.replayed),
            fault.action,
            time.time(),
        )
        with self.store.write() as tables:
            tables.sql(
                "INSERT INTO call (method, path, key, status, replayed, fault, at) VALUES (?, ?, ?, ?, ?, ?, ?)", values
            )


def _once(
    ctx: Context, request: Request, fault: CallFault, route: Route, params: Body, names: dict[str, str]
) -> Answer:
    """Replay what is saved under the key, or execute and save; the caller's transaction holds both."""
    key, scope, print_ = request.key or "", _scope(request), idempotency.fingerprint(params)
    endpoint = f"{request.method} {request.path}"
    saved = idempotency.recall(
        ctx.tables, scope=scope, key=key, endpoint=endpoint, request=print_, version=request.version
    )
    if saved is not None:
        headers = {"Idempotent-Replayed": "true", "Original-Request": saved.request_id, "Idempotency-Key": key}
        return Answer(saved.status, saved.body, saved.headers | headers, replayed=True)
    clean = route.params(params, "")
    ctx.tables.sql("SAVEPOINT effect")
    try:
        if fault.action == "500" and not fault.effect:
            raise server_error()
        body = _run(ctx, route, params, names, clean=clean)
        if fault.action == "500":
            error = server_error()
            answer = Saved(error.status, error.body, error.headers, ctx.request_id or "")
        else:
            answer = Saved(200, body, {}, ctx.request_id or "")
    except ApiError as error:
        ctx.tables.sql("ROLLBACK TO effect")
        if not error.saved:
            raise
        answer = Saved(error.status, error.body, error.headers, ctx.request_id or "")
    ctx.tables.sql("RELEASE effect")
    if not (request.version == "v2" and answer.status >= 500):
        idempotency.save(ctx.tables, answer, scope=scope, key=key, endpoint=endpoint, request=print_)
    return Answer(answer.status, answer.body, answer.headers | {"Idempotency-Key": key})


def _run(ctx: Context, route: Route, params: Body, names: dict[str, str], *, clean: Body | None = None) -> Body:
    clean = route.params(params, "") if clean is None else clean
    body = route.handler(ctx, clean, **names)
    # Through JSON, so that expanding can never write into what the store holds.
    copy = json.loads(json.dumps(body))
    return dict(public(expand(ctx.tables, copy, clean.get("expand", []))))


def _scope(request: Request) -> str:
    return f"{request.version} {request.headers.get('stripe-account', PLATFORM)}"


def _parameters(request: Request) -> Body:
    if request.method == "GET":
        return decode_form(request.query)
    text = request.body.decode("utf-8", errors="replace")
    if request.version == "v1":
        return decode_form(text)
    try:
        params = json.loads(text or "{}")
    except ValueError as error:
        raise bad_parameter("The body is not JSON.", param="body") from error
    if not isinstance(params, dict):
        raise bad_parameter("The body is not a JSON object.", param="body")
    return params


def _send(start_response: StartResponse, answer: Answer) -> Iterable[bytes]:
    content = json.dumps(answer.body, indent=2).encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(content))} | answer.headers
    start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", list(headers.items()))
    return [content]
