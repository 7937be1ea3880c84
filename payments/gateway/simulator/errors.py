"""Refusals in the exact JSON shape of Stripe."""

from __future__ import annotations

from typing import Any

DOCS = "https://docs.stripe.com/error-codes/"


class ApiError(Exception):
    """
    A refusal of the API.

    `saved` says whether the idempotency layer keeps it: Stripe saves an answer only once the execution of an
    endpoint has begun, so validation errors and conflicts are not saved (docs.stripe.com/api/idempotent_requests).
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        kind: str = "invalid_request_error",
        param: str | None = None,
        saved: bool = True,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.saved = saved
        self.headers = headers or {}
        error: dict[str, Any] = {"message": message, "type": kind}
        if code:
            error |= {"code": code, "doc_url": DOCS + code.replace("_", "-")}
        if param:
            error["param"] = param
        self.body: dict[str, Any] = {"error": error | more}


def bad_parameter(message: str, *, param: str, code: str | None = None) -> ApiError:
    """Return the refusal of one parameter; nothing has been executed, so nothing is saved."""
    return ApiError(400, message, code=code, param=param, saved=False)


def unknown_parameter(param: str) -> ApiError:
    return bad_parameter(f"Received unknown parameter: {param}", param=param, code="parameter_unknown")


def missing_parameter(param: str) -> ApiError:
    return bad_parameter(f"Missing required param: {param}.", param=param, code="parameter_missing")


def no_such(what: str, value: str, *, param: str = "id", status: int = 404) -> ApiError:
    """Return `resource_missing`: 404 for the object of the address, 400 for one named in a parameter."""
    return ApiError(status, f"No such {what}: '{value}'", code="resource_missing", param=param)


def key_in_use(key: str) -> ApiError:
    message = (
        "There is currently another in-progress request using this Idempotent Key (that probably means you submitted "
        f"twice, and the other request is still going through): {key}. Please try again later."
    )
    return ApiError(409, message, code="idempotency_key_in_use", saved=False, headers={"Stripe-Should-Retry": "true"})


def key_mismatch(key: str, *, other_endpoint: bool = False) -> ApiError:
    same = "for the same endpoint" if other_endpoint else "with the same parameters"
    message = (
        f"Keys for idempotent requests can only be used {same} they were first used with. "
        f"Try using a key other than '{key}' if you meant to execute a different request."
    )
    return ApiError(400, message, kind="idempotency_error", saved=False)


def too_many_requests() -> ApiError:
    message = "Request rate limit exceeded. Learn more about rate limits here https://docs.stripe.com/rate-limits."
    headers = {"Stripe-Rate-Limited-Reason": "endpoint-rate"}
    return ApiError(429, message, code="rate_limit", saved=False, headers=headers)


def server_error() -> ApiError:
    """Return Stripe's 500. It asks not to retry, because the saved answer would only be replayed."""
    message = "An error occurred with our connection to Stripe. Sorry about that; we have been notified."
    return ApiError(500, message, kind="api_error", headers={"Stripe-Should-Retry": "false"})


def insufficient_funds(source_type: str, available: int, wanted: int) -> ApiError:
    word = "bank account" if source_type == "bank_account" else source_type
    message = (
        f"You have insufficient funds in your Stripe account for this transfer. Your {word} balance is too low. "
        f"(Available: {available}, wanted: {wanted}.) You can use the /v1/balance endpoint to view your Stripe balance."
    )
    return ApiError(400, message, code="balance_insufficient")
