"""What funding does when the gateway tells it something."""

from __future__ import annotations

from datetime import datetime

from payments.funding import actions


def fold_changed_session(*, session_id: str, now: datetime, **_from_newer_senders: object) -> None:
    """Bring the deposit of a changed Checkout Session up to date."""
    actions.fold_checkout_session(session_id=session_id, now=now)
