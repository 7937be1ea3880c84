"""Payment intents, charges and refunds: what a Checkout Session leaves behind when somebody pays."""

from __future__ import annotations

from payments.gateway.simulator import balances
from payments.gateway.simulator.context import Context, Route, page
from payments.gateway.simulator.errors import ApiError, bad_parameter, insufficient_funds, no_such
from payments.gateway.simulator.events import emit
from payments.gateway.simulator.params import EXPAND, NOTHING, PAGING, integer, metadata, one_of, shape, text
from payments.gateway.simulator.store import Body, new_id

CARD_HOLD_SECONDS = 2 * 86_400
"""A test card's money is pending for two days, as on a US account with the standard schedule."""

DECLINED = "Your card was declined."


def card_fee(amount: int) -> int:
    """Return Stripe's list price for a US card: 2.9 % and 30 cents, half up."""
    return (amount * 29 + 500) // 1000 + 30


def bank_fee(amount: int) -> int:
    """Return Stripe's list price for an ACH debit: 0.8 %, at most five dollars, half up."""
    return min((amount * 8 + 500) // 1000, 500)


def new_intent(ctx: Context, *, amount: int, currency: str, methods: list[str], data: Body) -> Body:
    """Store a payment intent that waits for a payment method; `data` is the session's payment_intent_data."""
    intent_id = new_id("pi_")
    body: Body = {
        "id": intent_id,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_received": 0,
        "canceled_at": None,
        "capture_method": "automatic_async",
        "client_secret": new_id(intent_id + "_secret_"),
        "confirmation_method": "automatic",
        "created": ctx.now,
        "currency": currency,
        "customer": None,
        "description": data.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": data.get("metadata", {}),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_types": methods,
        "processing": None,
        "receipt_email": data.get("receipt_email"),
        "status": "requires_payment_method",
        "transfer_group": data.get("transfer_group"),
    }
    return ctx.tables.add("payment_intent", body, created=ctx.now)


def _new_charge(ctx: Context, intent: Body, *, method: str, status: str, email: str | None) -> Body:
    paid = status != "failed"
    address = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    body: Body = {
        "id": new_id("ch_" if method == "card" else "py_"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if paid else 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": {"address": address, "email": email, "name": None, "phone": None, "tax_id": None},
        "captured": paid,
        "created": ctx.now,
        "currency": intent["currency"],
        "customer": None,
        "description": intent["description"],
        "disputed": False,
        "failure_code": None if paid else "card_declined",
        "failure_message": None if paid else DECLINED,
        "livemode": False,
        "metadata": intent["metadata"],
        "paid": status == "succeeded",
        "payment_intent": intent["id"],
        "payment_method": new_id("pm_"),
        "payment_method_details": {"type": method},
        "receipt_email": intent["receipt_email"],
        "refunded": False,
        "status": status,
        "transfer_group": intent["transfer_group"],
    }
    return ctx.tables.add("charge", body, created=ctx.now)


def pay_by_card(ctx: Context, intent: Body, *, at_once: bool, email: str | None) -> Body:
    """Charge a test card; with `at_once` the money skips the two pending days (Stripe's card 4000 0000 0000 0077)."""
    charge = _new_charge(ctx, intent, method="card", status="succeeded", email=email)
    hold = 0 if at_once else CARD_HOLD_SECONDS
    return _book(ctx, intent, charge, kind="charge", fee=card_fee(charge["amount"]), source_type="card", hold=hold)


def start_bank_debit(ctx: Context, intent: Body, *, email: str | None) -> Body:
    """Start an ACH debit: nobody knows for days whether it works."""
    charge = _new_charge(ctx, intent, method="us_bank_account", status="pending", email=email)
    intent |= {"status": "processing", "latest_charge": charge["id"], "payment_method": charge["payment_method"]}
    ctx.tables.save(intent)
    emit(ctx, "charge.pending", charge)
    emit(ctx, "payment_intent.processing", intent)
    return charge


def finish_bank_debit(ctx: Context, intent: Body) -> Body:
    """Let the debit succeed; the money is bank money and available."""
    charge = ctx.tables.need(intent["latest_charge"])
    charge |= {"status": "succeeded", "paid": True}
    return _book(
        ctx, intent, charge, kind="payment", fee=bank_fee(charge["amount"]), source_type="bank_account", hold=0
    )


def _book(ctx: Context, intent: Body, charge: Body, *, kind: str, fee: int, source_type: str, hold: int) -> Body:
    txn = balances.post(
        ctx, account=ctx.account, kind=kind, amount=charge["amount"], fee=fee, currency=charge["currency"],
        source=charge["id"], source_type=source_type, available_on=ctx.now + hold, description=charge["description"],
    )  # fmt: skip
    charge |= {"balance_transaction": txn["id"], "_source_type": source_type}
    ctx.tables.save(charge)
    intent |= {
        "status": "succeeded",
        "amount_received": intent["amount"],
        "latest_charge": charge["id"],
        "payment_method": charge["payment_method"],
        "last_payment_error": None,
    }
    ctx.tables.save(intent)
    emit(ctx, "charge.succeeded", charge)
    emit(ctx, "payment_intent.succeeded", intent)
    return charge


def fail(ctx: Context, intent: Body, *, method: str, code: str, message: str, email: str | None) -> Body:
    """Let a payment fail: the intent waits for another payment method and remembers why."""
    charge = ctx.tables.find(intent["latest_charge"], "charge") if intent["latest_charge"] else None
    if charge is None or charge["status"] != "pending":
        charge = _new_charge(ctx, intent, method=method, status="failed", email=email)
    charge |= {"status": "failed", "paid": False, "captured": False, "amount_captured": 0,
               "failure_code": code, "failure_message": message}  # fmt: skip
    ctx.tables.save(charge)
    kind = "card_error" if method == "card" else "invalid_request_error"
    intent |= {
        "status": "requires_payment_method",
        "latest_charge": charge["id"],
        "last_payment_error": {"type": kind, "code": code, "message": message, "charge": charge["id"]},
    }
    ctx.tables.save(intent)
    emit(ctx, "charge.failed", charge)
    emit(ctx, "payment_intent.payment_failed", intent)
    return charge


def retrieve_intent(ctx: Context, _params: Body, *, object_id: str) -> Body:
    """GET /v1/payment_intents/{id}."""
    body = ctx.tables.find(object_id, "payment_intent")
    if body is None:
        raise no_such("payment_intent", object_id, param="intent")
    return body


def retrieve_charge(ctx: Context, _params: Body, *, object_id: str) -> Body:
    """GET /v1/charges/{id}."""
    body = ctx.tables.find(object_id, "charge")
    if body is None or ctx.tables.owner(object_id) != ctx.account:
        raise no_such("charge", object_id)
    return body


def create_refund(ctx: Context, params: Body) -> Body:
    """POST /v1/refunds: give back a charge in whole or in part, from the balance it came into."""
    charge = _charge_to_refund(ctx, params)
    rest = charge["amount"] - charge["amount_refunded"]
    amount = params.get("amount", rest)
    if charge["status"] != "succeeded":
        raise ApiError(400, f"Charge {charge['id']} has not succeeded and cannot be refunded.")
    if rest == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise ApiError(400, message, code="charge_already_refunded")
    if amount > rest:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({rest})"
        raise ApiError(400, message, param="amount")
    source_type = charge["_source_type"]
    spendable = balances.available(ctx.tables, ctx.account, charge["currency"], source_type)
    if spendable < amount:
        raise insufficient_funds(source_type, spendable, amount)
    refund_id = new_id("re_")
    kind = "refund" if source_type == "card" else "payment_refund"
    txn = balances.post(ctx, account=ctx.account, kind=kind, amount=-amount, currency=charge["currency"],
                        source=refund_id, source_type=source_type)  # fmt: skip
    body: Body = {
        "id": refund_id,
        "object": "refund",
        "amount": amount,
        "balance_transaction": txn["id"],
        "charge": charge["id"],
        "created": ctx.now,
        "currency": charge["currency"],
        "metadata": params.get("metadata", {}),
        "payment_intent": charge["payment_intent"],
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }
    ctx.tables.add("refund", body, created=ctx.now)
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    ctx.tables.save(charge)
    emit(ctx, "refund.created", body)
    emit(ctx, "charge.refunded", charge)
    return body


def _charge_to_refund(ctx: Context, params: Body) -> Body:
    if ("charge" in params) == ("payment_intent" in params):
        raise bad_parameter("Give either charge or payment_intent, and not both.", param="charge")
    charge_id = params.get("charge")
    if charge_id is None:
        intent = ctx.tables.find(params["payment_intent"], "payment_intent")
        if intent is None:
            raise no_such("payment_intent", params["payment_intent"], param="payment_intent", status=400)
        charge_id = intent["latest_charge"]
    charge = ctx.tables.find(charge_id, "charge") if charge_id else None
    if charge is None:
        raise no_such("charge", str(charge_id), param="charge", status=400)
    return charge


def retrieve_refund(ctx: Context, _params: Body, *, object_id: str) -> Body:
    """GET /v1/refunds/{id}."""
    body = ctx.tables.find(object_id, "refund")
    if body is None:
        raise no_such("refund", object_id)
    return body


def list_refunds(ctx: Context, params: Body) -> Body:
    """GET /v1/refunds: newest first, by charge or payment intent."""
    equal = {name: params[name] for name in ("charge", "payment_intent") if name in params}
    return page(ctx, "refund", params, address="/v1/refunds", **equal)


REFUND = shape(
    EXPAND
    | {
        "amount": integer(1),
        "charge": text(),
        "payment_intent": text(),
        "metadata": metadata,
        "reason": one_of("duplicate", "fraudulent", "requested_by_customer"),
    }
)
ROUTES = [
    Route("GET", "/v1/payment_intents/{object_id}", retrieve_intent, NOTHING),
    Route("GET", "/v1/charges/{object_id}", retrieve_charge, NOTHING),
    Route("POST", "/v1/refunds", create_refund, REFUND),
    Route("GET", "/v1/refunds", list_refunds, shape(PAGING | {"charge": text(), "payment_intent": text()})),
    Route("GET", "/v1/refunds/{object_id}", retrieve_refund, NOTHING),
]
