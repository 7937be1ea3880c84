"""
Events: a snapshot for each change of a v1 object, a thin notification for each change of a v2 account.

An event and its deliveries are written in the transaction of the change. `webhooks` carries the deliveries out.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from payments.gateway.simulator import faults
from payments.gateway.simulator.context import Context, Route, page, public
from payments.gateway.simulator.errors import ApiError, no_such
from payments.gateway.simulator.params import NOTHING, PAGING, boolean, integer, many, shape, text
from payments.gateway.simulator.store import PLATFORM, Body, new_id

API_VERSION = "2026-10-28.endive"


def stamp(seconds: float) -> str:
    """Return a time the way v2 writes it: "2026-11-16T09:30:00.000Z"."""
    moment = datetime.fromtimestamp(seconds, tz=UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def emit(ctx: Context, kind: str, obj: Body, *, account: str = PLATFORM) -> Body:
    """Record a snapshot event about an object and queue its delivery."""
    body: Body = {
        "id": new_id("evt_"),
        "object": "event",
        "api_version": API_VERSION,
        "created": ctx.now,
        "data": {"object": public(obj)},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": ctx.request_id, "idempotency_key": ctx.key},
        "type": kind,
    }
    if account != PLATFORM:
        body["account"] = account
    # Events of connected accounts are listed on those accounts, as the API does it.
    ctx.tables.add("event", body, account=account, created=ctx.now)
    _queue(ctx, body, body)
    return body


def emit_thin(ctx: Context, kind: str, *, account_id: str) -> Body:
    """Record a v2 event about an account and queue its thin notification."""
    body: Body = {
        "id": new_id("evt_test_"),
        "object": "v2.core.event",
        "created": stamp(ctx.now),
        "livemode": False,
        "type": kind,
        "related_object": {
            "id": account_id,
            "type": "v2.core.account",
            "url": f"/v2/core/accounts/{account_id}",
        },
    }
    if ctx.request_id:
        reason = {"id": ctx.request_id, "idempotency_key": ctx.key or ""}
        body["reason"] = {"type": "request", "request": reason}
    ctx.tables.add("v2_event", body, created=ctx.now)
    _queue(ctx, body, body | {"context": None})
    return body


def _queue(ctx: Context, event: Body, payload: Body) -> None:
    plan = faults.for_delivery(ctx.tables, event["type"])
    state = "dropped" if plan.drop else "held" if plan.disorder else "waiting"
    ctx.tables.sql(
        "INSERT INTO delivery (event, type, thin, connect, payload, state, not_before, note) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (event["id"], event["type"], int(event["object"] != "event"), int("account" in event), json.dumps(payload),
         state, plan.not_before, plan.name),
    )  # fmt: skip
    if plan.duplicate:
        ctx.tables.sql(
            "INSERT INTO delivery (event, type, thin, connect, payload, state, not_before, note) "
            "SELECT event, type, thin, connect, payload, state, not_before, note "
            "FROM delivery WHERE seq = last_insert_rowid()"
        )


def list_events(ctx: Context, params: Body) -> Body:
    """GET /v1/events: newest first, of one type, or those that were (not) delivered."""
    kinds = params.get("types") or ([params["type"]] if "type" in params else [])
    if len(kinds) > 1 or any("*" in kind for kind in kinds):
        raise ApiError(400, "The stand-in filters events by one whole type.", param="types", saved=False)
    equal = {"type": kinds[0]} if kinds else {}
    condition = ""
    if "delivery_success" in params:
        sign = "NOT IN" if params["delivery_success"] else "IN"
        condition = f"id {sign} (SELECT event FROM delivery WHERE state != 'delivered')"  # noqa: S608 -- a word of ours
    return page(ctx, "event", params, address="/v1/events", condition=condition, **equal)


def retrieve_event(ctx: Context, _params: Body, *, object_id: str) -> Body:
    """GET /v1/events/{id}."""
    body = ctx.tables.find(object_id, "event")
    if body is None:
        raise no_such("event", object_id)
    return body


def list_thin(ctx: Context, params: Body) -> Body:
    """GET /v2/core/events: newest first, paged by a token."""
    limit = params.get("limit", 20)
    where = ["kind = 'v2_event'"]
    values: list[Any] = []
    if "page" in params:
        where.append("seq < ?")
        values.append(int(params["page"]))
    if "object_id" in params:
        where.append("json_extract(body, '$.related_object.id') = ?")
        values.append(params["object_id"])
    for comparison, sign in (("gt", ">"), ("gte", ">="), ("lt", "<"), ("lte", "<=")):
        if comparison in params.get("created", {}):
            where.append(f"created {sign} ?")
            values.append(datetime.fromisoformat(params["created"][comparison]).timestamp())
    found = ctx.tables.select(" AND ".join(where), tuple(values), order="seq DESC", limit=limit + 1)
    data = found[:limit]
    following = None
    if len(found) > limit:
        seq = ctx.tables.sql("SELECT seq FROM object WHERE id = ?", (data[-1]["id"],)).fetchone()[0]
        following = f"/v2/core/events?limit={limit}&page={seq}"
    return {"data": data, "next_page_url": following, "previous_page_url": None}


def retrieve_thin(ctx: Context, _params: Body, *, object_id: str) -> Body:
    """GET /v2/core/events/{id}."""
    body = ctx.tables.find(object_id, "v2_event")
    if body is None:
        raise no_such("event", object_id)
    return body


ROUTES = [
    Route(
        "GET",
        "/v1/events",
        list_events,
        shape(PAGING | {"type": text(), "types": many(text()), "delivery_success": boolean}),
    ),
    Route("GET", "/v1/events/{object_id}", retrieve_event, NOTHING),
    Route(
        "GET",
        "/v2/core/events",
        list_thin,
        shape(
            {
                "limit": integer(1, 100),
                "page": text(),
                "object_id": text(),
                "types": many(text()),
                "created": shape(dict.fromkeys(("gt", "gte", "lt", "lte"), text())),
            }
        ),
    ),
    Route("GET", "/v2/core/events/{object_id}", retrieve_thin, shape({})),
]
