"""
What can go wrong between us and Stripe, sorted by the one question that matters for money: what do we know now?

All are refusals of the kernel, so a view needs no try block; the sentence is for the person in front of the page.
"""

from __future__ import annotations

from typing import Any

from marketplace.kernel.errors import Conflict, Invalid, Refused


class StripeUnavailable(Refused):
    """
    Nothing is known about the outcome: a timeout, a cut connection, a 5xx, an answer that cannot be read.

    The call may have had its effect. Unknown is not failed (reference C.3): send the same key again while it is
    younger than 23 hours, or look the object up. A 5xx is replayed under its key, so only a look-up resolves it.
    """

    status = 503
    code = "stripe_unavailable"
    title = "Our payment provider does not answer"


class StripeBusy(Refused):
    """
    The call was not executed: rate limited (429), or another request with the same key is in progress (409).

    Nothing is saved under the key. Send the same key again after `retry_after_seconds`, with jitter.
    """

    status = 503
    code = "stripe_busy"
    title = "Our payment provider is busy"

    def __init__(self, sentence: str, *, retry_after_seconds: float = 1.0, **facts: Any) -> None:
        super().__init__(sentence, retry_after_seconds=retry_after_seconds, **facts)
        self.retry_after_seconds = retry_after_seconds


class StripeMisconfigured(StripeBusy):
    """The call was not executed because our API key or its rights are wrong (401, 403). A person must look at it."""

    code = "stripe_misconfigured"
    title = "Our payment provider does not accept our key"


class StripeRejected(Refused):
    """
    Stripe understood the call and said no (400, 402, 404). There was no effect.

    The answer is saved under the key for 24 hours and would be replayed: trying again needs a new key, and only
    after a look-up has shown that no object exists (reference C.3, rule 4).

    `stripe_code` is Stripe's code, such as "balance_insufficient", "insufficient_capabilities_for_transfer",
    "resource_missing", or empty; `stripe_message` is for staff, not for the person on the page.
    """

    status = 422
    code = "stripe_rejected"
    title = "Our payment provider refused"

    def __init__(
        self,
        sentence: str,
        *,
        stripe_status: int,
        stripe_code: str = "",
        stripe_message: str = "",
        param: str = "",
        request_id: str = "",
    ) -> None:
        super().__init__(sentence, stripe_code=stripe_code, request_id=request_id)
        self.stripe_status = stripe_status
        self.stripe_code = stripe_code
        self.stripe_message = stripe_message
        self.param = param
        self.request_id = request_id

    def __str__(self) -> str:
        return f"{self.stripe_code or self.stripe_status}: {self.stripe_message} ({self.request_id})"


class IdempotencyMismatch(Conflict):
    """
    The key was used before with other parameters: our own data changed between two tries.

    Nothing was executed by this call, and what the first one did is unchanged. Stop and alarm a person.
    """

    code = "idempotency_mismatch"
    title = "This payment was sent before with other details"


class BadWebhook(Invalid):
    """A webhook that is forged, too old, unsigned or unreadable. Stripe never sends one."""

    code = "bad_webhook"
    title = "Not a webhook of our payment provider"
