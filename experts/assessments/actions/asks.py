"""What one case or application asks, and the unpaid minutes it has used up."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from experts.assessments import queries
from experts.assessments.enums import UNPAID_MINUTES
from experts.assessments.models import Ask
from experts.profiles.models import Expert, Field
from marketplace.kernel.errors import Refused, WrongState
from marketplace.notices.actions import notify


def open_ask(*, expert: Expert, field: Field, purpose_kind: str, purpose_ref: UUID, now: datetime) -> Ask | None:
    """
    Ask the expert for what is published for the field; None if that is nothing. Right when called twice.

    Not an action of its own: call it in the transaction that opens the case or the application.

    :param purpose_kind: "case" or "application", and `purpose_ref` its public id.
    :raises RuntimeError: if no transaction is open.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An ask belongs to the transaction of what asks.")
    if not any(queries.papers_of(field)):
        return None
    ask, is_new = Ask.objects.get_or_create(
        purpose_kind=purpose_kind,
        purpose_ref=purpose_ref,
        defaults={"expert": expert, "field": field, "opened_at": now},
    )
    if is_new:
        notify(
            user=expert.user, kind="assessments", now=now, path="/me/assessments/", button="See what is asked",
            title=f"{field.name}: something is asked of you",
            body=f"Its minutes stand on the page, at most {UNPAID_MINUTES} without pay. Need other conditions? Ask first.",
        )  # fmt: skip
    if ask.closed_at is not None:
        ask.closed_at = None
        ask.save(update_fields=["closed_at"])
    return ask


def close_ask(*, purpose_kind: str, purpose_ref: UUID, now: datetime) -> None:
    """Ask no more: what is begun may be finished, nothing new begins. Call it in the transaction that decides."""
    Ask.objects.open().filter(purpose_kind=purpose_kind, purpose_ref=purpose_ref).update(closed_at=now)


def locked_ask(ask_id: UUID) -> Ask:
    """Return the ask with its row locked. Needs an open transaction."""
    rows = Ask.objects.select_related("field", "expert__user").select_for_update(of=("self",), no_key=True)
    found: Ask = rows.get(public_id=ask_id)
    return found


def require_open(ask: Ask) -> None:
    """
    Check that the case or application still asks.

    :raises WrongState: if it was decided or taken back.
    """
    if ask.closed_at is not None:
        raise WrongState("This is not asked of you any more: the case is decided or taken back.")


def count_minutes(ask: Ask, minutes: int, *, is_paid: bool) -> int:
    """
    Count the minutes against what may be asked without pay; return what was counted. The ask is locked.

    Extra time and further attempts count nothing: the first is granted, the second is the expert's own wish.

    :raises Refused: if the sum would be more than 30 minutes and no pay is attached.
    """
    if is_paid:
        return 0
    if ask.unpaid_minutes + minutes > UNPAID_MINUTES:
        raise Refused(
            f"You have given {ask.unpaid_minutes} unpaid minutes to this already, and this would be {minutes} more. We "
            f"never ask for more than {UNPAID_MINUTES} without pay, so it cannot begin until pay is attached to it."
        )
    ask.unpaid_minutes += minutes
    ask.save(update_fields=["unpaid_minutes"])
    return minutes
