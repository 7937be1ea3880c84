"""
/_sim/...: what tests and the development clock tell the stand-in. Loopback only, JSON only.

    POST /_sim/clock   {"offset_seconds": 259200} or {"advance_seconds": 3600}
    POST /_sim/faults  [rules] in the place of the ones before (see faults)
    POST /_sim/settle  {"outcome": "succeed" | "fail", "session": "cs_..."}: all undecided bank debits, or one
    POST /_sim/pay     {"session": "cs_...", "button": "card" | "bank" | "decline", "at_once": true}
    POST /_sim/account {"account": "acct_...", "status": "active" | "pending" | "restricted"}
    POST /_sim/funds   {"amount": 100, "currency": "usd", "source_type": "card"}: top the platform's balance up
    POST /_sim/reset   {}
    GET  /_sim/state   transfers, accounts, sessions, deliveries, calls, faults, balances
"""

from __future__ import annotations

import json
from typing import Any

from payments.gateway.simulator import accounts, balances, checkout, faults, housekeeping
from payments.gateway.simulator.context import Context, public
from payments.gateway.simulator.errors import ApiError, bad_parameter, no_such
from payments.gateway.simulator.params import boolean, currency, integer, one_of, shape, text
from payments.gateway.simulator.store import PLATFORM, Body, new_id


def _number(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise bad_parameter(f"Invalid number: {value}", param=name)
    return float(value)


CLOCK = shape({"offset_seconds": _number, "advance_seconds": _number})
SETTLE = shape({"outcome": one_of("succeed", "fail"), "session": text()})
PAY = shape(
    {"session": text(), "button": one_of("card", "bank", "decline"), "at_once": boolean}, required=("session", "button")
)
ACCOUNT = shape({"account": text(), "status": one_of(*accounts.STATUSES)}, required=("account", "status"))
FUNDS = shape(
    {"amount": integer(1), "currency": currency, "source_type": one_of(*balances.SOURCE_TYPES)}, required=("amount",)
)


def move_clock(ctx: Context, order: Any) -> Body:
    """Set or advance the stand-in's own time; what has become due happens at once."""
    clean = CLOCK(order, "")
    offset = clean.get("offset_seconds", float(ctx.tables.meta("clock_offset", "0"))) + clean.get("advance_seconds", 0)
    ctx.tables.set_meta("clock_offset", repr(offset))
    ctx.now = int(ctx.tables.time())
    housekeeping.work_off(ctx)
    return {"offset_seconds": offset, "now": ctx.now}


def plan_faults(ctx: Context, order: Any) -> Body:
    """Replace the fault plan."""
    if not isinstance(order, list):
        raise bad_parameter("Send a JSON list of rules.", param="rules")
    return {"rules": faults.replace_plan(ctx.tables, order)}


def settle(ctx: Context, order: Any) -> Body:
    """Decide undecided bank debits."""
    clean = SETTLE(order, "")
    wanted = clean.get("session")
    sessions = [body for body in checkout.unsettled(ctx) if wanted in (None, body["id"])]
    if wanted and not sessions:
        raise no_such("undecided checkout.session", wanted, status=400)
    for session in sessions:
        checkout.settle(ctx, session, succeed=clean.get("outcome", "succeed") == "succeed")
    return {"settled": [session["id"] for session in sessions]}


def pay(ctx: Context, order: Any) -> Body:
    """Press a button of the Checkout page."""
    clean = PAY(order, "")
    session = checkout.find_session(ctx, clean["session"])
    checkout.press(ctx, session, button=clean["button"], at_once=clean.get("at_once", True))
    return dict(public(session))


def change_account(ctx: Context, order: Any) -> Body:
    """Put the transfers capability of an account in a status."""
    clean = ACCOUNT(order, "")
    account = accounts.find(ctx, clean["account"])
    if account is None:
        raise no_such("account", clean["account"], status=400)
    return dict(public(accounts.change_transfers(ctx, account, clean["status"])))


def add_funds(ctx: Context, order: Any) -> Body:
    """Put money on the platform's balance, so that a test of transfers needs no Checkout."""
    clean = FUNDS(order, "")
    return balances.post(
        ctx, account=PLATFORM, kind="charge", amount=clean["amount"], currency=clean.get("currency", "usd"),
        source=new_id("ch_"), source_type=clean.get("source_type", "card"), description="Test funds",
    )  # fmt: skip


def state(ctx: Context, _order: Any) -> Body:
    """Return everything a test may want to look at."""

    def objects(kind: str) -> list[Body]:
        return list(public(ctx.tables.select("kind = ?", (kind,))))

    def rows(columns: str, table: str) -> list[Body]:
        names = columns.split(", ")
        found = ctx.tables.sql(f"SELECT {columns} FROM {table} ORDER BY rowid").fetchall()  # noqa: S608 -- our own names
        return [dict(zip(names, row, strict=True)) for row in found]

    calls = rows("seq, method, path, key, status, replayed, fault, at", "call")
    return {
        "now": ctx.now,
        "transfers": objects("transfer"),
        "accounts": objects("v2_account"),
        "sessions": objects("checkout.session"),
        "balance_transactions": objects("balance_transaction"),
        "events": objects("event") + objects("v2_event"),
        "balances": rows("account, currency, source_type, available", "balance"),
        "deliveries": rows("seq, event, type, thin, state, attempts, last_status, note", "delivery"),
        "faults": [entry | {"rule": json.loads(entry["rule"])} for entry in rows("seq, rule, seen, fired", "fault")],
        "calls": [entry | {"replayed": bool(entry["replayed"])} for entry in calls],
        "keys": rows("scope, key, endpoint, status, created", "idempotency"),
    }


ORDERS = {
    ("POST", "/_sim/clock"): move_clock,
    ("POST", "/_sim/faults"): plan_faults,
    ("POST", "/_sim/settle"): settle,
    ("POST", "/_sim/pay"): pay,
    ("POST", "/_sim/account"): change_account,
    ("POST", "/_sim/funds"): add_funds,
    ("GET", "/_sim/state"): state,
}


def obey(ctx: Context, method: str, path: str, body: bytes) -> Body:
    """
    Carry out one order.

    :raises ApiError: if it is unknown or not understood.
    """
    order = ORDERS.get((method, path))
    if order is None:
        raise ApiError(404, f"The stand-in knows no {method} {path}.")
    try:
        return order(ctx, json.loads(body or b"{}"))
    except ValueError as error:
        raise bad_parameter(f"Not JSON: {error}", param="body") from error
