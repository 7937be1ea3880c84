"""
Money at the stand-in: balances by account, currency and source type, and the balance transactions that move them.

A transfer draws on one source type (card by default), so money that came by bank cannot pay a transfer that asks for
card money, although the total would be enough (reference 0.7).
"""

from __future__ import annotations

from typing import Any

from payments.gateway.simulator.context import Context, Route, page
from payments.gateway.simulator.errors import no_such
from payments.gateway.simulator.params import NOTHING, PAGING, shape, text
from payments.gateway.simulator.store import PLATFORM, Body, Tables, new_id

SOURCE_TYPES = ("card", "bank_account", "fpx")

CATEGORIES = {
    "charge": "charge",
    "payment": "charge",
    "refund": "refund",
    "payment_refund": "refund",
    "transfer": "transfer",
    "transfer_refund": "transfer_reversal",
    "payout": "payout",
    "payout_failure": "payout_reversal",
}


def available(tables: Tables, account: str, currency: str, source_type: str) -> int:
    """Return what can be spent now, in minor units."""
    row = tables.sql(
        "SELECT available FROM balance WHERE account = ? AND currency = ? AND source_type = ?",
        (account, currency, source_type),
    ).fetchone()
    return int(row[0]) if row else 0


def post(
    ctx: Context,
    *,
    account: str,
    kind: str,
    amount: int,
    currency: str,
    source: str,
    source_type: str = "card",
    fee: int = 0,
    available_on: int | None = None,
    description: str | None = None,
) -> Body:
    """Write a balance transaction and move the balance: at once, or when `available_on` has come."""
    available_on = ctx.now if available_on is None else available_on
    net = amount - fee
    later = available_on > ctx.now
    fees = [{"amount": fee, "application": None, "currency": currency, "description": "Stripe processing fees",
             "type": "stripe_fee"}] if fee else []  # fmt: skip
    body = {
        "id": new_id("txn_"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": available_on,
        "balance_type": "payments",
        "created": ctx.now,
        "currency": currency,
        "description": description,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": fees,
        "net": net,
        "reporting_category": CATEGORIES[kind],
        "source": source,
        "status": "pending" if later else "available",
        "type": kind,
        "_source_type": source_type,
    }
    ctx.tables.add("balance_transaction", body, account=account, created=ctx.now)
    if later:
        values = (body["id"], account, currency, source_type, net, available_on)
        ctx.tables.sql("INSERT INTO pending VALUES (?, ?, ?, ?, ?, ?)", values)
        _move(ctx.tables, account, currency, source_type, 0)
    else:
        _move(ctx.tables, account, currency, source_type, net)
    return body


def _move(tables: Tables, account: str, currency: str, source_type: str, amount: int) -> None:
    tables.sql(
        "INSERT INTO balance VALUES (?, ?, ?, ?) ON CONFLICT (account, currency, source_type) "
        "DO UPDATE SET available = available + excluded.available",
        (account, currency, source_type, amount),
    )


def release(ctx: Context) -> int:
    """Make available what has become due; return how many transactions that were."""
    due = ctx.tables.sql("SELECT * FROM pending WHERE available_on <= ?", (ctx.now,)).fetchall()
    for txn, account, currency, source_type, net, _ in due:
        _move(ctx.tables, account, currency, source_type, net)
        ctx.tables.sql("DELETE FROM pending WHERE txn = ?", (txn,))
        body = ctx.tables.find(txn)
        if body:
            ctx.tables.save(body | {"status": "available"})
    return len(due)


def retrieve_balance(ctx: Context, _params: Body) -> Body:
    """GET /v1/balance: available and pending money by currency and source type."""
    sums: dict[str, dict[str, dict[str, int]]] = {"available": {}, "pending": {}}
    rows = ctx.tables.sql("SELECT currency, source_type, available FROM balance WHERE account = ?", (ctx.account,))
    for currency, source_type, amount in rows:
        sums["available"].setdefault(currency, {})[source_type] = amount
        sums["pending"].setdefault(currency, {})[source_type] = 0
    waiting = ctx.tables.sql(
        "SELECT currency, source_type, sum(net) FROM pending WHERE account = ? GROUP BY 1, 2", (ctx.account,)
    )
    for currency, source_type, amount in waiting:
        sums["pending"][currency][source_type] = amount
    body: Body = {"object": "balance", "livemode": False}
    for state, currencies in sums.items():
        body[state] = [
            {"amount": sum(types.values()), "currency": currency, "source_types": types}
            for currency, types in (currencies or {"usd": {"card": 0}}).items()
        ]
    if ctx.account == PLATFORM:
        body["connect_reserved"] = [{"amount": 0, "currency": entry["currency"]} for entry in body["available"]]
    return body


def list_transactions(ctx: Context, params: Body) -> Body:
    """GET /v1/balance_transactions: newest first, filtered by type, source, currency and time."""
    equal: dict[str, Any] = {name: params[name] for name in ("type", "source", "currency") if name in params}
    return page(ctx, "balance_transaction", params, address="/v1/balance_transactions", **equal)


def retrieve_transaction(ctx: Context, _params: Body, *, object_id: str) -> Body:
    """GET /v1/balance_transactions/{id}."""
    body = ctx.tables.find(object_id, "balance_transaction")
    if body is None or ctx.tables.owner(object_id) != ctx.account:
        raise no_such("balance transaction", object_id)
    return body


ROUTES = [
    Route("GET", "/v1/balance", retrieve_balance, NOTHING),
    Route(
        "GET",
        "/v1/balance_transactions",
        list_transactions,
        shape(PAGING | {"type": text(), "source": text(), "currency": text(), "payout": text()}),
    ),
    Route("GET", "/v1/balance_transactions/{object_id}", retrieve_transaction, NOTHING),
]
