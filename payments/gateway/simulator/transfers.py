"""Transfers to connected accounts, and their reversals."""

from __future__ import annotations

from payments.gateway.simulator import accounts, balances
from payments.gateway.simulator.context import Context, Route, page
from payments.gateway.simulator.errors import ApiError, insufficient_funds, missing_parameter, no_such
from payments.gateway.simulator.events import emit
from payments.gateway.simulator.params import (
    EXPAND,
    NOTHING,
    PAGING,
    boolean,
    currency,
    integer,
    metadata,
    one_of,
    shape,
    text,
)
from payments.gateway.simulator.store import Body, new_id

CAPABILITIES = (
    "Your destination account needs to have at least one of the following capabilities enabled: transfers, "
    "crypto_transfers, legacy_payments"
)
TRANSFER = shape(
    EXPAND
    | {
        "amount": integer(1, 99_999_999),
        "currency": currency,
        "description": text(),
        "destination": text(),
        "metadata": metadata,
        "source_type": one_of(*balances.SOURCE_TYPES),
        "transfer_group": text(255),
    },
    required=("currency", "destination"),
)
REVERSAL = shape(
    EXPAND | {"amount": integer(1), "description": text(), "metadata": metadata, "refund_application_fee": boolean}
)


def create(ctx: Context, params: Body) -> Body:
    """POST /v1/transfers: from one source type of our available balance to an account that may receive."""
    if "amount" not in params:
        raise missing_parameter("amount")
    amount, unit, destination = params["amount"], params["currency"], params["destination"]
    account = accounts.find(ctx, destination)
    if account is None:
        raise no_such("destination", destination, param="destination", status=400)
    if accounts.transfers_status(account) != "active":
        raise ApiError(400, CAPABILITIES, code="insufficient_capabilities_for_transfer")
    source_type = params.get("source_type", "card")
    spendable = balances.available(ctx.tables, ctx.account, unit, source_type)
    if spendable < amount:
        raise insufficient_funds(source_type, spendable, amount)
    transfer_id = new_id("tr_")
    txn = balances.post(ctx, account=ctx.account, kind="transfer", amount=-amount, currency=unit,
                        source=transfer_id, source_type=source_type)  # fmt: skip
    body: Body = {
        "id": transfer_id,
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": txn["id"],
        "created": ctx.now,
        "currency": unit,
        "description": params.get("description"),
        "destination": destination,
        "destination_payment": _arrive(ctx, destination, amount=amount, unit=unit, transfer_id=transfer_id),
        "livemode": False,
        "metadata": params.get("metadata", {}),
        "reversals": _no_reversals(transfer_id),
        "reversed": False,
        "source_transaction": None,
        "source_type": source_type,
        "transfer_group": params.get("transfer_group"),
    }
    ctx.tables.add("transfer", body, created=ctx.now)
    emit(ctx, "transfer.created", body)
    return body


def _no_reversals(transfer_id: str) -> Body:
    return {"object": "list", "data": [], "has_more": False, "url": f"/v1/transfers/{transfer_id}/reversals"}


def _arrive(ctx: Context, destination: str, *, amount: int, unit: str, transfer_id: str) -> str:
    """Book the other side: a payment on the connected account, available at once."""
    payment_id = new_id("py_")
    txn = balances.post(ctx, account=destination, kind="payment", amount=amount, currency=unit, source=payment_id)
    address = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    body: Body = {
        "id": payment_id,
        "object": "charge",
        "amount": amount,
        "amount_captured": amount,
        "amount_refunded": 0,
        "balance_transaction": txn["id"],
        "billing_details": {"address": address, "email": None, "name": None, "phone": None, "tax_id": None},
        "captured": True,
        "created": ctx.now,
        "currency": unit,
        "disputed": False,
        "livemode": False,
        "metadata": {},
        "paid": True,
        "payment_intent": None,
        "refunded": False,
        "source_transfer": transfer_id,
        "status": "succeeded",
    }
    ctx.tables.add("charge", body, account=destination, created=ctx.now)
    return payment_id


def find(ctx: Context, transfer_id: str) -> Body:
    """
    Return a transfer with its latest reversals.

    :raises ApiError: 404 if there is none.
    """
    body = ctx.tables.find(transfer_id, "transfer")
    if body is None:
        raise no_such("transfer", transfer_id)
    return body


def retrieve(ctx: Context, _params: Body, *, object_id: str) -> Body:
    """GET /v1/transfers/{id}."""
    return find(ctx, object_id)


def list_transfers(ctx: Context, params: Body) -> Body:
    """GET /v1/transfers: newest first, by group, destination and time."""
    equal = {name: params[name] for name in ("transfer_group", "destination") if name in params}
    return page(ctx, "transfer", params, address="/v1/transfers", **equal)


def reverse(ctx: Context, params: Body, *, object_id: str) -> Body:
    """POST /v1/transfers/{id}/reversals: at most what is left of it, and only from money still there."""
    transfer = find(ctx, object_id)
    rest = transfer["amount"] - transfer["amount_reversed"]
    amount = params.get("amount", rest)
    if rest == 0:
        raise ApiError(400, f"Transfer {object_id} is already fully reversed.", param="amount")
    if amount > rest:
        message = f"Transfer reversal amount ({amount}) is greater than the unreversed amount ({rest})."
        raise ApiError(400, message, param="amount")
    unit, destination = transfer["currency"], transfer["destination"]
    there = balances.available(ctx.tables, destination, unit, "card")
    if there < amount:
        raise insufficient_funds("card", there, amount)
    reversal_id, refund_id = new_id("trr_"), new_id("pyr_")
    balances.post(ctx, account=destination, kind="payment_refund", amount=-amount, currency=unit, source=refund_id)
    txn = balances.post(ctx, account=ctx.account, kind="transfer_refund", amount=amount, currency=unit,
                        source=reversal_id, source_type=transfer["source_type"])  # fmt: skip
    body: Body = {
        "id": reversal_id,
        "object": "transfer_reversal",
        "amount": amount,
        "balance_transaction": txn["id"],
        "created": ctx.now,
        "currency": unit,
        "destination_payment_refund": refund_id,
        "metadata": params.get("metadata", {}),
        "source_refund": None,
        "transfer": object_id,
    }
    ctx.tables.add("transfer_reversal", body, created=ctx.now)
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    transfer["reversals"]["data"] = [body, *transfer["reversals"]["data"]][:10]
    ctx.tables.save(transfer)
    emit(ctx, "transfer.reversed", transfer)
    return body


def list_reversals(ctx: Context, params: Body, *, object_id: str) -> Body:
    """GET /v1/transfers/{id}/reversals."""
    find(ctx, object_id)
    return page(ctx, "transfer_reversal", params, address=f"/v1/transfers/{object_id}/reversals", transfer=object_id)


ROUTES = [
    Route("POST", "/v1/transfers", create, TRANSFER),
    Route("GET", "/v1/transfers", list_transfers, shape(PAGING | {"transfer_group": text(), "destination": text()})),
    Route("GET", "/v1/transfers/{object_id}", retrieve, NOTHING),
    Route("POST", "/v1/transfers/{object_id}/reversals", reverse, REVERSAL),
    Route("GET", "/v1/transfers/{object_id}/reversals", list_reversals, shape(PAGING)),
]
