"""
What the gateway tells the rooms above it. Sent by the task `gateway.handle_event` with no transaction open.

Receivers fetch the object through `payments.gateway.client` and call one idempotent action: signals come late, twice,
out of order, and for objects that are not ours. A receiver that raises leaves the event due again.
"""

from __future__ import annotations

from django.dispatch import Signal

checkout_session_changed = Signal()
"""session_id: str, now: datetime."""

account_changed = Signal()
"""account_id: str, now: datetime."""

transfer_reversed = Signal()
"""transfer_id: str, now: datetime. It was taken back, in whole or in part."""
