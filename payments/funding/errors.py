"""What funding refuses."""

from __future__ import annotations

from marketplace.kernel.errors import Refused


class PaymentNotBooked(Refused):
    """Stripe says paid but names no balance transaction yet. Ask again soon; nothing was written."""

    status = 503
    code = "payment_not_booked"
    title = "The payment is not booked yet"


class PaymentDiffers(Exception):
    """Stripe received another amount or currency than the deposit says. A person must look; nothing was written."""
