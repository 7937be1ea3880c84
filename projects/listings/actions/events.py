"""Handing on what listings have to say."""

from __future__ import annotations

from datetime import datetime

from marketplace.kernel.events import deliver
from projects.listings import signals
from projects.listings.models import ListingEvent

SIGNALS = {"listing_changed": signals.listing_changed, "listing_moved": signals.listing_moved}


def deliver_event(*, event_id: int, now: datetime) -> bool:
    """Tell the rooms above of one event; return whether it was delivered."""
    return deliver(ListingEvent, SIGNALS, event_id=event_id, now=now)
