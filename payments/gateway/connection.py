"""
The SDK, set up once: address, key, timeouts; its errors in our words; and the rule that no call is made while a
database transaction is open.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import stripe
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from payments.gateway.errors import (
    BadWebhook,
    IdempotencyMismatch,
    StripeBusy,
    StripeMisconfigured,
    StripeRejected,
    StripeUnavailable,
)
from payments.gateway.shapes import RemoteEvent

LOCAL_KEY = "sk_test_local"
CONNECT_SECONDS, READ_SECONDS = 5, 30
READ_RETRIES = 2
WEBHOOK_TOLERANCE_SECONDS = 300
REFUSALS = frozenset({400, 402, 404})


def stripe_client() -> stripe.StripeClient:
    """
    Return the client for the real Stripe when STRIPE_SECRET_KEY is set, else for the local stand-in.

    :raises RuntimeError: if a transaction is open: a call may take a minute, and rows would stay locked.
    """
    # Django's TestCase wraps each test in a transaction of its own, which holds nothing that matters here.
    if any(not atomic._from_testcase for atomic in connection.atomic_blocks):  # type: ignore[attr-defined]
        raise RuntimeError("Stripe must not be called while a transaction is open.")
    return _client(settings.STRIPE_SECRET_KEY or LOCAL_KEY, settings.STRIPE_API_BASE)


@lru_cache(maxsize=8)
def _client(api_key: str, address: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        api_key,
        base_addresses={"api": address},
        http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, READ_SECONDS)),
        # Writes are not repeated in here: each try of a payment is a decision that the caller records first.
        max_network_retries=0,
    )


def is_live() -> bool:
    """Return whether our key moves real money."""
    return settings.STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_"))


@contextmanager
def our_errors() -> Iterator[None]:
    """Turn the SDK's errors into ours, by what they let us know about the outcome."""
    try:
        yield
    except stripe.StripeError as error:
        raise translated(error) from error


def translated(error: stripe.StripeError) -> Exception:
    """Return our error for one of the SDK's."""
    status = error.http_status or 0
    if isinstance(error, stripe.IdempotencyError):
        return IdempotencyMismatch(_("This payment was sent before with other details. Nothing was done now."))
    if status in (409, 429):
        sentence = _("Our payment provider is busy. Nothing was done. Try again in a moment.")
        return StripeBusy(sentence, retry_after_seconds=_retry_after(error), stripe_status=status)
    if status in (401, 403):
        return StripeMisconfigured(_("Our payment provider does not accept our key. Nothing was done."))
    if status in REFUSALS:
        return StripeRejected(
            _("Our payment provider refused: {reason}").format(reason=error.user_message or status),
            stripe_status=status,
            stripe_code=error.code or "",
            stripe_message=error.user_message or "",
            param=getattr(error, "param", None) or "",
            request_id=error.request_id or "",
        )
    return StripeUnavailable(
        _("Our payment provider does not answer. We do not know yet whether this went through, and we will find out."),
        stripe_status=status,
    )


def _retry_after(error: stripe.StripeError) -> float:
    value = (error.headers or {}).get("retry-after", "")
    return float(value) if value.isdigit() else 1.0


def read_snapshot(body: bytes, signature: str) -> RemoteEvent:
    """
    Return the event of a v1 webhook, sent for our own account or for a connected one.

    :raises BadWebhook: if neither secret fits, the signature is older than 300 s, or the body is no snapshot.
    """
    return _read_webhook(body, signature, settings.STRIPE_WEBHOOK_SECRET, settings.STRIPE_CONNECT_WEBHOOK_SECRET)


def read_thin(body: bytes, signature: str) -> RemoteEvent:
    """
    Return the event of a v2 webhook.

    :raises BadWebhook: if the secret does not fit, the signature is older than 300 s, or the body is no notification.
    """
    return _read_webhook(body, signature, settings.STRIPE_THIN_WEBHOOK_SECRET, thin=True)


def _read_webhook(body: bytes, signature: str, *secrets: str, thin: bool = False) -> RemoteEvent:
    refusal = BadWebhook(_("This is not a webhook of our payment provider, or it is too old."))
    if not any(_is_signed(body, signature, secret) for secret in secrets):
        raise refusal
    try:
        raw: Any = json.loads(body)
        event = RemoteEvent.read(raw)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise refusal from error
    if event.is_thin != thin:
        raise refusal
    return event


def _is_signed(body: bytes, signature: str, secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, WEBHOOK_TOLERANCE_SECONDS)
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False
    return True
