"""
Connected accounts: v2 recipients, the links that bring a person to the onboarding page, and the v1 view of them.

Ready means one thing: the capability `stripe_transfers` of the recipient configuration is active (reference 0.2).
"""

from __future__ import annotations

import hashlib
from typing import Any

from payments.gateway.simulator.context import Context, Route
from payments.gateway.simulator.errors import ApiError, bad_parameter, no_such
from payments.gateway.simulator.events import emit, emit_thin, stamp
from payments.gateway.simulator.params import (
    EXPAND,
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
from payments.gateway.simulator.store import PLATFORM, Body, new_id

LINK_LIFETIME_SECONDS = 15 * 60
SHARED_BANK = "2222"
"""The end of the one bank account that is the same whoever gives it."""
BANK = "STRIPE TEST BANK"
STATUSES = ("active", "pending", "restricted", "unsupported")
CURRENCY_OF = {"US": "usd", "GB": "gbp", "CA": "cad", "JP": "jpy"}
INCLUDABLE = (
    "configuration.customer",
    "configuration.merchant",
    "configuration.recipient",
    "defaults",
    "future_requirements",
    "identity",
    "requirements",
)
CAPABILITY = shape({"requested": boolean}, required=("requested",))
RECIPIENT = shape({"capabilities": shape({"stripe_balance": shape({"stripe_transfers": CAPABILITY})})})
ACCOUNT_FIELDS = {
    "configuration": shape({"recipient": RECIPIENT}),
    "contact_email": email,
    "dashboard": one_of("express", "full", "none"),
    "defaults": shape(
        {
            "currency": currency,
            "locales": many(text(10)),
            "responsibilities": shape(
                {
                    "fees_collector": one_of("application", "application_custom", "application_express", "stripe"),
                    "losses_collector": one_of("application", "stripe"),
                },
                required=("fees_collector", "losses_collector"),
            ),
        }
    ),
    "display_name": text(),
    "identity": shape(
        {"country": text(2), "entity_type": one_of("company", "government_entity", "individual", "non_profit")}
    ),
    "include": many(one_of(*INCLUDABLE)),
    "metadata": metadata,
}


def find(ctx: Context, account_id: str) -> Body | None:
    """Return the stored account, whole, or None."""
    return ctx.tables.find(account_id, "v2_account")


def transfers_status(account: Body) -> str:
    """Return the status of the capability that decides whether the account may be sent money."""
    recipient = (account["configuration"] or {}).get("recipient")
    if not recipient or "stripe_transfers" not in recipient["capabilities"]["stripe_balance"]:
        return "unsupported"
    return str(recipient["capabilities"]["stripe_balance"]["stripe_transfers"]["status"])


def create(ctx: Context, params: Body) -> Body:
    """POST /v2/core/accounts: an account of an expert, not yet able to receive anything."""
    responsibilities = params.get("defaults", {}).get("responsibilities", {})
    outside = {name for name, value in responsibilities.items() if not value.startswith("application")}
    if params.get("dashboard") == "express" and (outside or not responsibilities):
        message = "Accounts with the express dashboard need an application that collects fees and losses."
        code = "account_controller_express_dash_without_application_losses_or_fees"
        raise ApiError(400, message, code=code, user_message=message)
    country = params.get("identity", {}).get("country", "").upper()
    if not country:
        raise ApiError(400, "identity.country is required to request capabilities.", code="identity_country_required")
    account_id = new_id("acct_", 16)
    body: Body = {
        "id": account_id,
        "object": "v2.core.account",
        "applied_configurations": [],
        "closed": False,
        "configuration": {},
        "contact_email": params.get("contact_email"),
        "created": stamp(ctx.now),
        "dashboard": params.get("dashboard"),
        "defaults": {
            "currency": params.get("defaults", {}).get("currency", CURRENCY_OF.get(country, "eur")),
            "locales": params.get("defaults", {}).get("locales", []),
            "responsibilities": {"requirements_collector": "stripe"} | responsibilities,
        },
        "display_name": params.get("display_name"),
        "identity": {"country": country, "entity_type": params.get("identity", {}).get("entity_type")},
        "livemode": False,
        "metadata": params.get("metadata", {}),
        "requirements": {"entries": [], "summary": {}},
        "_bank_last4": "",
        "_bank_country": "",
        "_bank_closed": False,
    }
    _request(body, params)
    ctx.tables.add("v2_account", body, created=ctx.now)
    emit_thin(ctx, "v2.core.account.created", account_id=account_id)
    return _shown(body, params)


def _request(account: Body, params: Body) -> None:
    """Add the recipient configuration; a new capability is restricted until the person has given the details."""
    wanted = params.get("configuration", {}).get("recipient", {}).get("capabilities", {}).get("stripe_balance", {})
    if not wanted.get("stripe_transfers", {}).get("requested"):
        return
    if account["configuration"].get("recipient"):
        return
    account["applied_configurations"] = ["recipient"]
    account["configuration"]["recipient"] = {"applied": True, "capabilities": {"stripe_balance": {}}}
    set_transfers(account, "restricted")


def set_transfers(account: Body, status: str) -> None:
    """Put the capability in a status and the requirements with it."""
    code, resolution = "requirements_past_due", "provide_info"
    if status == "pending":
        code, resolution = "requirements_pending_verification", "no_resolution"
    elif status == "unsupported":
        code, resolution = "unsupported_country", "no_resolution"
    details = [] if status == "active" else [{"code": code, "resolution": resolution}]
    capability = {"status": status, "status_details": details}
    account["configuration"]["recipient"]["capabilities"]["stripe_balance"] = {
        "payouts": capability,
        "stripe_transfers": capability,
    }
    wanting = ("identity.individual", "defaults.external_account") if status == "restricted" else ()
    account["requirements"] = {
        "entries": [_requirement(name) for name in wanting],
        "summary": {"minimum_deadline": {"status": "currently_due"}} if wanting else {},
    }


def _requirement(description: str) -> Body:
    deadline = {"status": "currently_due"}
    impact = {"capability": "stripe_balance.stripe_transfers", "configuration": "recipient", "deadline": deadline}
    return {
        "awaiting_action_from": "user",
        "description": description,
        "errors": [],
        "impact": {"restricts_capabilities": [impact]},
        "minimum_deadline": deadline,
        "requested_reasons": [{"code": "routine_onboarding"}],
    }


def _shown(account: Body, params: Body) -> Body:
    """Return the account as v2 shows it: what was not asked for in `include` is null."""
    wanted = params.get("include", [])
    shown = dict(account)
    for name in ("defaults", "identity", "requirements"):
        shown[name] = account[name] if name in wanted else None
    configurations = {
        name: account["configuration"].get(name) if f"configuration.{name}" in wanted else None
        for name in ("customer", "merchant", "recipient")
    }
    shown["configuration"] = configurations if any(name.startswith("configuration") for name in wanted) else None
    return shown


def _existing(ctx: Context, account_id: str) -> Body:
    account = find(ctx, account_id)
    if account is None:
        raise no_such("account", account_id)
    return account


def retrieve(ctx: Context, params: Body, *, object_id: str) -> Body:
    """GET /v2/core/accounts/{id}."""
    return _shown(_existing(ctx, object_id), params)


def update(ctx: Context, params: Body, *, object_id: str) -> Body:
    """POST /v2/core/accounts/{id}: names, address, metadata, and a capability that was not asked for before."""
    account = _existing(ctx, object_id)
    for name in ("contact_email", "dashboard", "display_name"):
        account[name] = params.get(name, account[name])
    account["metadata"] |= params.get("metadata", {})
    country = params.get("identity", {}).get("country", account["identity"]["country"]).upper()
    if country != account["identity"]["country"]:
        raise ApiError(400, "identity.country cannot be changed.", code="immutable_identity_param")
    _request(account, params)
    ctx.tables.save(account)
    emit_thin(ctx, "v2.core.account.updated", account_id=object_id)
    return _shown(account, params)


def list_accounts(ctx: Context, params: Body) -> Body:
    """GET /v2/core/accounts: newest first, paged by a token."""
    limit = params.get("limit", 20)
    where, values = "kind = 'v2_account'", []
    if "page" in params:
        where += " AND seq < ?"
        values.append(int(params["page"]))
    found = ctx.tables.select(where, tuple(values), order="seq DESC", limit=limit + 1)
    data, following = found[:limit], None
    if len(found) > limit:
        seq = ctx.tables.sql("SELECT seq FROM object WHERE id = ?", (data[-1]["id"],)).fetchone()[0]
        following = f"/v2/core/accounts?limit={limit}&page={seq}"
    return {"data": [_shown(body, {}) for body in data], "next_page_url": following, "previous_page_url": None}


FLOW = shape(
    {
        "collection_options": shape({"fields": text(), "future_requirements": text()}),
        "refresh_url": url,
        "return_url": url,
    },
    required=("refresh_url",),
)
LINK = shape(
    {
        "account": text(),
        "use_case": shape(
            {
                "type": one_of("account_onboarding", "account_update"),
                "account_onboarding": FLOW,
                "account_update": FLOW,
            },
            required=("type",),
        ),
    },
    required=("account", "use_case"),
)


def create_link(ctx: Context, params: Body) -> Body:
    """POST /v2/core/account_links: a link that works once and for a quarter of an hour."""
    _existing(ctx, params["account"])
    use_case = params["use_case"]
    if use_case["type"] not in use_case:
        raise bad_parameter(f"use_case.{use_case['type']} is required.", param=f"use_case[{use_case['type']}]")
    link_id = new_id("acctlnk_")
    body: Body = {
        "id": link_id,
        "object": "v2.core.account_link",
        "account": params["account"],
        "created": stamp(ctx.now),
        "expires_at": stamp(ctx.now + LINK_LIFETIME_SECONDS),
        "livemode": False,
        "url": f"{ctx.origin}/setup/e/{link_id}",
        "use_case": use_case,
        "_expires": ctx.now + LINK_LIFETIME_SECONDS,
        "_used": False,
    }
    ctx.tables.add("account_link", body, created=ctx.now)
    return {name: value for name, value in body.items() if name != "id"}


def return_from_link(ctx: Context, link: Body, *, finished: bool, country: str = "", last4: str = "") -> Body:
    """Do what leaving the onboarding page does: mark the link used, activate the capability when all was given."""
    account = _existing(ctx, link["account"])
    ctx.tables.save(link | {"_used": True})
    if finished:
        account |= {"_bank_last4": last4, "_bank_country": country, "_bank_closed": False}
        change_transfers(ctx, account, "active")
    emit_thin(ctx, "v2.core.account_link.returned", account_id=account["id"])
    return account


def change_transfers(ctx: Context, account: Body, status: str) -> Body:
    """Change the capability and tell of it as Stripe does: thin notifications and the v1 snapshot."""
    if not account["configuration"].get("recipient"):
        raise ApiError(400, "This account has no recipient configuration.")
    set_transfers(account, status)
    ctx.tables.save(account)
    account_id = account["id"]
    kind = "v2.core.account[configuration.recipient].capability_status_updated"
    emit_thin(ctx, kind, account_id=account_id)
    emit_thin(ctx, "v2.core.account[requirements].updated", account_id=account_id)
    emit(ctx, "account.updated", as_v1(account), account=account_id)
    return account


def as_v1(account: Body) -> Body:
    """Return the account as v1 shows it."""
    active = transfers_status(account) == "active"
    due = [entry["description"] for entry in account["requirements"]["entries"]]
    requirements: dict[str, Any] = {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": due,
        "disabled_reason": "requirements.past_due" if due else None,
        "errors": [],
        "eventually_due": due,
        "past_due": [],
        "pending_verification": [],
    }
    return {
        "id": account["id"],
        "object": "account",
        "capabilities": {"transfers": "active" if active else "inactive"},
        "charges_enabled": False,
        "country": account["identity"]["country"],
        "default_currency": account["defaults"]["currency"],
        "details_submitted": active,
        "email": account["contact_email"],
        "metadata": account["metadata"],
        "payouts_enabled": active,
        "requirements": requirements,
        "type": "express" if account["dashboard"] == "express" else "none",
    }


def retrieve_v1(ctx: Context, _params: Body, *, object_id: str) -> Body:
    """GET /v1/accounts/{id}."""
    account = find(ctx, object_id)
    if account is None and object_id == PLATFORM:
        return {"id": PLATFORM, "object": "account", "country": "US", "default_currency": "usd", "type": "standard"}
    if account is None:
        message = f"The provided key does not have access to account '{object_id}' (or that account does not exist)."
        raise ApiError(403, message, code="account_invalid")
    return as_v1(account)


def _fingerprint(account: Body) -> str:
    """
    Return what Stripe gives to tell whether two bank accounts are one.

    Four digits are all that the onboarding page asks for, so accounts differ between people, except for SHARED_BANK.
    """
    whose = "" if account["_bank_last4"] == SHARED_BANK else account["id"]
    return hashlib.sha256(f"{whose}:{account['_bank_last4']}".encode()).hexdigest()[:16]


def list_banks(ctx: Context, _params: Body, *, object_id: str) -> Body:
    """GET /v1/accounts/{id}/external_accounts: the bank account given on the onboarding page."""
    account = _existing(ctx, object_id)
    data = []
    if account["_bank_last4"]:
        bank: Body = {
            "id": f"ba_{object_id[5:]}",
            "object": "bank_account",
            "account": object_id,
            "account_holder_name": account["display_name"],
            "account_holder_type": "individual",
            "account_type": None,
            "available_payout_methods": ["standard"],
            "bank_name": BANK,
            "country": account["_bank_country"],
            "currency": account["defaults"]["currency"],
            "default_for_currency": True,
            "fingerprint": _fingerprint(account),
            "last4": account["_bank_last4"],
            "metadata": {},
            "routing_number": "110000000",
            "status": "errored" if account["_bank_closed"] else "new",
        }
        data.append(bank)
    return {"object": "list", "url": f"/v1/accounts/{object_id}/external_accounts", "has_more": False, "data": data}


ROUTES = [
    Route("POST", "/v2/core/accounts", create, shape(ACCOUNT_FIELDS)),
    Route("GET", "/v2/core/accounts", list_accounts, shape({"limit": integer(1, 100), "page": text()})),
    Route("GET", "/v2/core/accounts/{object_id}", retrieve, shape({"include": ACCOUNT_FIELDS["include"]})),
    Route("POST", "/v2/core/accounts/{object_id}", update, shape(ACCOUNT_FIELDS)),
    Route("POST", "/v2/core/account_links", create_link, LINK),
    Route("GET", "/v1/accounts/{object_id}", retrieve_v1, shape(EXPAND)),
    Route("GET", "/v1/accounts/{object_id}/external_accounts", list_banks, shape(PAGING | {"object": text()})),
]
