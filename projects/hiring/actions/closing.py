"""Ending an open offer: a step that applications and offers share. Needs the open transaction of its caller."""

from __future__ import annotations

from datetime import datetime

from marketplace.audit.actions import record
from marketplace.kernel.actors import Actor
from marketplace.kernel.states import require_move
from projects.hiring.enums import OFFER_MOVES, OfferState
from projects.hiring.models import Application, Offer


def close_offer(offer: Offer, target: OfferState, *, by: Actor, now: datetime) -> None:
    """
    Move a locked offer to its end and record it.

    :raises WrongState: if it was answered, withdrawn or expired before.
    """
    require_move(OFFER_MOVES, current=offer.state, target=target, what="offer")
    offer.state = target
    offer.answered_at = now
    offer.save(update_fields=["state", "answered_at"])
    record(what=f"hiring.offer_{target.lower()}", by=by, about=offer, now=now)


def close_open_offer(application: Application, target: OfferState, *, by: Actor, now: datetime) -> None:
    """End the open offer of a locked application, if it has one."""
    rows = application.offers.select_for_update(of=("self",), no_key=True).filter(state=OfferState.SENT)
    offer: Offer | None = rows.first()
    if offer is not None:
        close_offer(offer, target, by=by, now=now)
