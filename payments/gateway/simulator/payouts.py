"""
Payouts of connected accounts to their owners' banks: daily, automatic, and sometimes failing after they were paid.

The money of an expert leaves our books with the transfer; this is the last mile that we only watch (reference C.5 g).
Bank accounts whose last four digits are in FAILING fail two days after `paid`, as Stripe's test accounts do; then
nothing more is paid out until the person gives another bank account.
"""

from __future__ import annotations

from payments.gateway.simulator import accounts, balances
from payments.gateway.simulator.context import Context, Route, page
from payments.gateway.simulator.errors import no_such
from payments.gateway.simulator.events import emit
from payments.gateway.simulator.params import NOTHING, PAGING, moment, shape, text
from payments.gateway.simulator.store import PLATFORM, Body, new_id

DAY = 86_400
ARRIVAL_SECONDS = 2 * DAY
FAILING = {
    "1116": ("no_account", "The bank account could not be located."),
    "1113": ("account_closed", "The bank account has been closed."),
    "4449": ("invalid_currency", "The bank was unable to process this payout because of its currency."),
}


def work_off(ctx: Context) -> int:
    """Start the day's payouts, let them arrive, let the failing ones fail; return how many changed."""
    return _start(ctx) + _arrive(ctx) + _bounce(ctx)


def _start(ctx: Context) -> int:
    """Pay out each account's whole balance, at most once a day."""
    today = ctx.now // DAY
    if int(ctx.tables.meta("payout_day", "0")) >= today:
        return 0
    ctx.tables.set_meta("payout_day", str(today))
    rows = ctx.tables.sql(
        "SELECT account, currency, source_type, available FROM balance WHERE account != ? AND available > 0",
        (PLATFORM,),
    ).fetchall()
    count = 0
    for account_id, currency, source_type, amount in rows:
        account = accounts.find(ctx, account_id)
        if account is None or account["_bank_closed"]:
            continue
        if accounts.transfers_status(account) == "active":
            _create(ctx, account_id, currency=currency, source_type=source_type, amount=amount)
            count += 1
    return count


def _create(ctx: Context, account_id: str, *, currency: str, source_type: str, amount: int) -> Body:
    payout_id = new_id("po_")
    txn = balances.post(ctx, account=account_id, kind="payout", amount=-amount, currency=currency,
                        source=payout_id, source_type=source_type, description="STRIPE PAYOUT")  # fmt: skip
    body: Body = {
        "id": payout_id,
        "object": "payout",
        "amount": amount,
        "arrival_date": ctx.now + ARRIVAL_SECONDS,
        "automatic": True,
        "balance_transaction": txn["id"],
        "created": ctx.now,
        "currency": currency,
        "description": "STRIPE PAYOUT",
        "destination": f"ba_{account_id[5:]}",
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "reconciliation_status": "in_progress",
        "source_type": source_type,
        "status": "in_transit",
        "trace_id": {"status": "pending", "value": None},
        "type": "bank_account",
        "_due_at": ctx.now + ARRIVAL_SECONDS,
    }
    ctx.tables.add("payout", body, account=account_id, created=ctx.now)
    emit(ctx, "payout.created", body, account=account_id)
    return body


def _due(ctx: Context, status: str) -> list[Body]:
    where = "kind = 'payout' AND json_extract(body, '$._due_at') <= ?"
    return [body for body in ctx.tables.select(where, (ctx.now,)) if body["status"] == status]


def _arrive(ctx: Context) -> int:
    due = _due(ctx, "in_transit")
    for body in due:
        account_id = ctx.tables.owner(body["id"])
        account = accounts.find(ctx, account_id) or {}
        bounces = account.get("_bank_last4") in FAILING
        body |= {
            "status": "paid",
            "reconciliation_status": "completed",
            "trace_id": {"status": "supported", "value": new_id("", 15).upper()},
            "_due_at": ctx.now + ARRIVAL_SECONDS if bounces else None,
        }
        ctx.tables.save(body)
        emit(ctx, "payout.paid", body, account=account_id)
    return len(due)


def _bounce(ctx: Context) -> int:
    due = _due(ctx, "paid")
    for body in due:
        account_id = ctx.tables.owner(body["id"])
        account = ctx.tables.need(account_id)
        code, message = FAILING.get(account["_bank_last4"], FAILING["1116"])
        ctx.tables.save(account | {"_bank_closed": True})
        txn = balances.post(ctx, account=account_id, kind="payout_failure", amount=body["amount"],
                            currency=body["currency"], source=body["id"], source_type=body["source_type"])  # fmt: skip
        body |= {"status": "failed", "failure_code": code, "failure_message": message,
                 "failure_balance_transaction": txn["id"], "_due_at": None}  # fmt: skip
        ctx.tables.save(body)
        emit(ctx, "payout.failed", body, account=account_id)
    return len(due)


def list_payouts(ctx: Context, params: Body) -> Body:
    """GET /v1/payouts: of the account named in Stripe-Account."""
    equal = {name: params[name] for name in ("status", "destination") if name in params}
    return page(ctx, "payout", params, address="/v1/payouts", **equal)


def retrieve(ctx: Context, _params: Body, *, object_id: str) -> Body:
    """GET /v1/payouts/{id}."""
    body = ctx.tables.find(object_id, "payout")
    if body is None or ctx.tables.owner(object_id) != ctx.account:
        raise no_such("payout", object_id)
    return body


ROUTES = [
    Route(
        "GET",
        "/v1/payouts",
        list_payouts,
        shape(PAGING | {"status": text(), "destination": text(), "arrival_date": moment}),
    ),
    Route("GET", "/v1/payouts/{object_id}", retrieve, NOTHING),
]
