"""Ending what hangs on an application: steps that several actions share. They need the open transaction of their caller."""

from __future__ import annotations

from datetime import datetime

from marketplace.audit.actions import record
from marketplace.kernel.actors import Actor
from marketplace.kernel.states import require_move
from projects.hiring.enums import INVITATION_MOVES, OFFER_MOVES, InvitationState, OfferState
from projects.hiring.models import Application, GigInvitation, Offer


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


def close_invitation(invitation: GigInvitation, target: InvitationState, *, by: Actor, now: datetime) -> None:
    """
    Move a locked invitation to its end and record it.

    :raises WrongState: if it was answered, taken back or lapsed before.
    """
    require_move(INVITATION_MOVES, current=invitation.state, target=target, what="invitation")
    invitation.state = target
    invitation.answered_at = now
    invitation.save(update_fields=["state", "answered_at", "application"])
    record(what=f"hiring.invitation_{target.lower()}", by=by, about=invitation, now=now)


def accept_invitation(invitation: GigInvitation, application: Application, *, by: Actor, now: datetime) -> None:
    """Tie a locked invitation to the application that it led to."""
    invitation.application = application
    close_invitation(invitation, InvitationState.ACCEPTED, by=by, now=now)
