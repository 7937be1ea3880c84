"""Asking to be erased, and taking it back while that is still possible."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.errors import Refused, WrongState
from marketplace.kernel.states import require_move
from marketplace.notices.actions import notify
from marketplace.privacy import policies
from marketplace.privacy.enums import ERASURE_MOVES, ErasureState
from marketplace.privacy.models import ErasureRequest
from marketplace.privacy.queries import obstacles_of

PAGE = "/me/privacy/"


def pseudonym_of(user: User) -> str:
    """Return what stands in the place of the name: the end of the opaque id tells such people apart."""
    return f"Deleted person {str(user.public_id)[-4:]}"


@transaction.atomic(durable=True)
def request_erasure(*, by: User, now: datetime) -> ErasureRequest:
    """
    Ask to be erased. This function will only write the wish down: it is done by a worker when the days to take it back are
    over, and if nothing stands in the way then.

    :raises Refused: if something must happen first; the sentence says what.
    :raises WrongState: if the person has asked already.
    """
    user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
    if ErasureRequest.objects.open().filter(user=user).exists():
        raise WrongState("You have asked already. It can still be taken back on this page.")
    obstacles = obstacles_of(user)
    if obstacles:
        raise Refused("That cannot be done yet. " + " ".join(obstacle.words for obstacle in obstacles))
    due_at = now + timedelta(days=settings.ERASURE_COOLING_DAYS)
    request: ErasureRequest = ErasureRequest.objects.create(
        user=user, pseudonym=pseudonym_of(user), asked_at=now, due_at=due_at, not_before=due_at, queued_at=now
    )
    record(what="privacy.request_erasure", by=by, about=request, now=now, after={"due_at": due_at.isoformat()})
    notify(
        user=user, kind="privacy", now=now, path=PAGE, button="Take it back",
        title=f"Your account will be erased on {due_at:%d %B %Y}",
        body="You asked us to erase you. Until that day nothing changes, and you can take it back with one press.\n\n"
        "Was it not you? Take it back and change your password at once.",
    )  # fmt: skip
    return request


@transaction.atomic(durable=True)
def cancel_erasure(*, request_id: UUID, by: User, now: datetime) -> ErasureRequest:
    """
    Take back the wish to be erased.

    :raises NotAllowed: if somebody else asked.
    :raises WrongState: if it has begun or was taken back already.
    """
    rows = ErasureRequest.objects.select_related("user").select_for_update(of=("self",), no_key=True)
    request: ErasureRequest = rows.get(public_id=request_id)
    policies.require_own_request(by, request)
    before = request.state
    require_move(ERASURE_MOVES, current=request.state, target=ErasureState.CANCELLED, what="request")
    request.state, request.cancelled_at, request.obstacles = ErasureState.CANCELLED, now, []
    request.save(update_fields=["state", "cancelled_at", "obstacles"])
    record(what="privacy.cancel_erasure", by=by, about=request, now=now, before={"state": before},
           after={"state": str(ErasureState.CANCELLED)})  # fmt: skip
    notify(
        user=request.user, kind="privacy", now=now, path=PAGE, button="See your data",
        title="You are not erased", body="You took your request back. Everything is as it was.",
    )  # fmt: skip
    return request
