"""
Checkout Sessions: created by the product, paid by a person on the hosted page, settled at once or days later.

`completed` does not mean paid: a bank debit completes the session while its money is still on the way
(reference C.7). `settle` decides it; the clock decides it too, four days later.
"""

from __future__ import annotations

from payments.gateway.simulator import payments
from payments.gateway.simulator.context import Context, Route, page
from payments.gateway.simulator.errors import ApiError, bad_parameter, missing_parameter, no_such
from payments.gateway.simulator.events import emit
from payments.gateway.simulator.params import (
    EXPAND,
    NOTHING,
    PAGING,
    boolean,
    currency,
    email,
    integer,
    many,
    metadata,
    one_of,
    shape,
    text,
    url,
)
from payments.gateway.simulator.store import Body, new_id

LIFETIME_SECONDS = 86_400
BANK_DAYS_SECONDS = 4 * 86_400
SMALLEST, LARGEST = 50, 99_999_999
METHODS = ("card", "us_bank_account")
RETURNED = "The bank returned the debit: insufficient funds in the customer's account."


def payment_method_types(_value: object, name: str) -> object:
    """Refuse the field that API versions since 2026-09-30.endive no longer take."""
    message = (
        "The payment_method_types parameter is no longer supported on this API version. Use dynamic payment methods, "
        "allowed_payment_method_types or excluded_payment_method_types."
    )
    raise bad_parameter(message, param=name, code="payment_method_types_no_longer_supported")


LINE_ITEM = shape(
    {
        "price_data": shape(
            {
                "currency": currency,
                "unit_amount": integer(0),
                "product_data": shape(
                    {"name": text(), "description": text(), "metadata": metadata}, required=("name",)
                ),
            },
            required=("currency", "unit_amount", "product_data"),
        ),
        "quantity": integer(1),
    },
    required=("price_data", "quantity"),
)
SESSION = shape(
    EXPAND
    | {
        "allowed_payment_method_types": many(text()),
        "excluded_payment_method_types": many(text()),
        "payment_method_types": payment_method_types,
        "mode": one_of("payment"),
        "line_items": many(LINE_ITEM),
        "success_url": url,
        "cancel_url": url,
        "client_reference_id": text(200),
        "customer_email": email,
        "customer_creation": one_of("always", "if_required"),
        "billing_address_collection": one_of("auto", "required"),
        "expires_at": integer(0),
        "locale": text(10),
        "metadata": metadata,
        "payment_intent_data": shape(
            {"description": text(1000), "metadata": metadata, "receipt_email": email, "transfer_group": text(255)}
        ),
        "submit_type": one_of("auto", "book", "donate", "pay"),
        "ui_mode": one_of("hosted_page"),
        "adaptive_pricing": shape({"enabled": boolean}),
    },
    required=("mode", "line_items", "success_url"),
)


def _total(lines: list[Body]) -> tuple[int, str]:
    """Return the amount and currency of the line items, or refuse them."""
    if not lines:
        raise missing_parameter("line_items")
    currencies = {line["price_data"]["currency"] for line in lines}
    if len(currencies) > 1:
        raise ApiError(400, "All line items must have the same currency.", param="line_items")
    total = sum(line["price_data"]["unit_amount"] * line["quantity"] for line in lines)
    if total < SMALLEST:
        message = f"The Checkout Session's total amount must convert to at least {SMALLEST} cents."
        raise ApiError(400, message, code="amount_too_small")
    if total > LARGEST:
        message = "The Checkout Session's total amount due must be no more than $999,999.99."
        raise ApiError(400, message, code="amount_too_large")
    return total, currencies.pop()


def create(ctx: Context, params: Body) -> Body:
    """POST /v1/checkout/sessions."""
    lines = params["line_items"]
    total, unit = _total(lines)
    expires = params.get("expires_at", ctx.now + LIFETIME_SECONDS)
    if not ctx.now + 1_800 <= expires <= ctx.now + LIFETIME_SECONDS:
        raise ApiError(400, "expires_at must lie between 30 minutes and 24 hours from now.", param="expires_at")
    session_id = new_id("cs_test_", 58)
    body: Body = {
        "id": session_id,
        "object": "checkout.session",
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "created": ctx.now,
        "currency": unit,
        "custom_fields": [],
        "custom_text": dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")),
        "customer": None,
        "customer_creation": params.get("customer_creation", "if_required"),
        "customer_details": None,
        "customer_email": params.get("customer_email"),
        "expires_at": expires,
        "invoice": None,
        "livemode": False,
        "locale": params.get("locale"),
        "metadata": params.get("metadata", {}),
        "mode": "payment",
        "payment_intent": None,
        "payment_link": None,
        "payment_method_types": _eligible(params, unit),
        "payment_status": "unpaid",
        "shipping_options": [],
        "status": "open",
        "submit_type": params.get("submit_type"),
        "subscription": None,
        "success_url": params["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"{ctx.origin}/c/pay/{session_id}",
        "_lines": [
            line["price_data"]["product_data"] | {"amount": line["price_data"]["unit_amount"]} for line in lines
        ],
        "_intent": params.get("payment_intent_data", {}),
        "_due_at": expires,
    }
    return ctx.tables.add("checkout.session", body, created=ctx.now)


def _eligible(params: Body, unit: str) -> list[str]:
    asked = params.get("allowed_payment_method_types", list(METHODS))
    without = params.get("excluded_payment_method_types", [])
    offered = [name for name in METHODS if name in asked and name not in without]
    if unit != "usd":
        offered = [name for name in offered if name != "us_bank_account"]
    if not offered:
        raise ApiError(
            400, "No valid payment method types for this Checkout Session.", param="allowed_payment_method_types"
        )
    return offered


def find_session(ctx: Context, session_id: str) -> Body:
    """
    Return a session.

    :raises ApiError: 404 if there is none.
    """
    body = ctx.tables.find(session_id, "checkout.session")
    if body is None:
        raise no_such("checkout.session", session_id, param="session")
    return body


def retrieve(ctx: Context, _params: Body, *, object_id: str) -> Body:
    """GET /v1/checkout/sessions/{id}."""
    return find_session(ctx, object_id)


def list_sessions(ctx: Context, params: Body) -> Body:
    """GET /v1/checkout/sessions: newest first."""
    equal = {name: params[name] for name in ("payment_intent", "status") if name in params}
    return page(ctx, "checkout.session", params, address="/v1/checkout/sessions", **equal)


def expire(ctx: Context, _params: Body, *, object_id: str) -> Body:
    """POST /v1/checkout/sessions/{id}/expire."""
    session = find_session(ctx, object_id)
    if session["status"] != "open":
        message = f'Only Checkout Sessions with a status in ["open"] can be expired. This one is {session["status"]}.'
        raise ApiError(400, message)
    return _expire(ctx, session)


def _expire(ctx: Context, session: Body) -> Body:
    session |= {"status": "expired", "url": None, "_due_at": None}
    ctx.tables.save(session)
    emit(ctx, "checkout.session.expired", session)
    return session


def _intent_of(ctx: Context, session: Body) -> Body:
    intent = ctx.tables.find(session["payment_intent"]) if session["payment_intent"] else None
    if intent is None:
        methods = session["payment_method_types"]
        intent = payments.new_intent(
            ctx, amount=session["amount_total"], currency=session["currency"], methods=methods, data=session["_intent"]
        )
        session["payment_intent"] = intent["id"]
    return intent


def press(ctx: Context, session: Body, *, button: str, at_once: bool = False) -> Body:
    """
    Do what a person's press of a button on the hosted page does: "card", "bank" or "decline".

    :raises ApiError: if the session is no longer open or does not offer this way to pay.
    """
    if session["status"] != "open":
        raise ApiError(400, f"This Checkout Session is {session['status']}.")
    needed = "us_bank_account" if button == "bank" else "card"
    if button not in ("card", "bank", "decline") or needed not in session["payment_method_types"]:
        raise ApiError(400, "This Checkout Session does not offer that way to pay.")
    intent, address = _intent_of(ctx, session), session["customer_email"]
    if button == "decline":
        payments.fail(ctx, intent, method="card", code="card_declined", message=payments.DECLINED, email=address)
        return ctx.tables.save(session)
    details = dict.fromkeys(("address", "business_name", "individual_name", "name", "phone"))
    session |= {
        "status": "complete",
        "url": None,
        "_due_at": None,
        "customer_details": details | {"email": address, "tax_exempt": "none", "tax_ids": []},
    }
    if button == "card":
        payments.pay_by_card(ctx, intent, at_once=at_once, email=address)
        session["payment_status"] = "paid"
    else:
        payments.start_bank_debit(ctx, intent, email=address)
        session["_due_at"] = ctx.now + BANK_DAYS_SECONDS
    ctx.tables.save(session)
    emit(ctx, "checkout.session.completed", session)
    return session


def settle(ctx: Context, session: Body, *, succeed: bool) -> Body:
    """Decide a bank debit that is on the way: the money arrives, or the bank returns it."""
    intent = _intent_of(ctx, session)
    session["_due_at"] = None
    if succeed:
        payments.finish_bank_debit(ctx, intent)
        session["payment_status"] = "paid"
    else:
        payments.fail(ctx, intent, method="us_bank_account", code="payment_intent_payment_attempt_failed",
                      message=RETURNED, email=session["customer_email"])  # fmt: skip
    ctx.tables.save(session)
    emit(ctx, f"checkout.session.async_payment_{'succeeded' if succeed else 'failed'}", session)
    return session


def unsettled(ctx: Context) -> list[Body]:
    """Return the sessions whose bank debit is undecided, the oldest first."""
    where = "kind = 'checkout.session' AND json_extract(body, '$._due_at') IS NOT NULL"
    return [body for body in ctx.tables.select(where, ()) if body["status"] == "complete"]


def work_off(ctx: Context) -> int:
    """Expire open sessions and settle debits whose time has come; return how many."""
    where = "kind = 'checkout.session' AND json_extract(body, '$._due_at') <= ?"
    due = ctx.tables.select(where, (ctx.now,))
    for session in due:
        if session["status"] == "open":
            _expire(ctx, session)
        else:
            settle(ctx, session, succeed=True)
    return len(due)


ROUTES = [
    Route("POST", "/v1/checkout/sessions", create, SESSION),
    Route("GET", "/v1/checkout/sessions", list_sessions, shape(PAGING | {"payment_intent": text(), "status": text()})),
    Route("GET", "/v1/checkout/sessions/{object_id}", retrieve, NOTHING),
    Route("POST", "/v1/checkout/sessions/{object_id}/expire", expire, NOTHING),
]
