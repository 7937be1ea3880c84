"""Reasons not to pay somebody for now: placed with words and an end, released with words."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.actors import Actor
from marketplace.kernel.errors import Invalid, WrongState
from payments.payouts import policies
from payments.payouts.actions.approval import hold_ready_items
from payments.payouts.actions.gate import pass_gate
from payments.payouts.enums import PLACEABLE_REASONS, HoldReason
from payments.payouts.models import Hold

LEAST_WORDS = 10


@transaction.atomic(durable=True)
def place_hold(
    *, payee: User, reason: HoldReason | str, words: str, expires_at: datetime | None, by: Actor, now: datetime
) -> Hold:
    """
    Hold a person's payouts. Runs that are computed and not approved leave the person out at once; what is approved
    and was never sent goes back to payable when sending comes to it.

    The same live hold (payee, reason, words) placed again is the one that stands, so that a screening may run twice.

    :param expires_at: None holds until somebody releases it.
    :raises NotAllowed: if `by` is a person who is not finance staff.
    :raises Invalid: if the reason is not one that is placed, the words are too few, or the end has passed.
    """
    policies.require(policies.can_hold(by), _("Only finance staff may hold payouts."))
    if reason not in PLACEABLE_REASONS:
        raise Invalid(_("This reason follows from the payout account and is not placed by hand."), field="reason")
    if len(words.strip()) < LEAST_WORDS:
        raise Invalid(_("Say why in at least %(n)s characters.") % {"n": LEAST_WORDS}, field="words")
    if expires_at is not None and expires_at <= now:
        raise Invalid(_("A hold ends in the future."), field="expires_at")
    return open_hold(payee=payee, reason=reason, words=words.strip(), expires_at=expires_at, by=by, now=now)


def open_hold(
    *, payee: User, reason: HoldReason | str, words: str, expires_at: datetime | None, by: Actor, now: datetime
) -> Hold:
    """Write a hold and its consequences. Needs an open transaction."""
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=payee.pk)  # whoever begins to send has this lock
    pass_gate()
    standing: Hold | None = Hold.objects.live(now).filter(payee=payee, reason=reason, words=words[:300]).first()
    if standing is not None:
        return standing
    hold: Hold = Hold.objects.create(
        payee=payee,
        reason=reason,
        words=words[:300],
        placed_at=now,
        placed_by_kind=by.actor_kind,
        placed_by_ref=by.actor_ref,
        expires_at=expires_at,
    )
    facts = {"payee": str(payee.public_id), "reason": str(reason), "words": words}
    record(what="payouts.place_hold", by=by, about=hold, now=now, after=facts)
    hold_ready_items(hold, now=now, by=by)
    return hold


@transaction.atomic(durable=True)
def release_hold(*, hold_id: UUID | str, words: str, by: Actor, now: datetime) -> Hold:
    """
    Let a person be paid again, from the next run that is computed.

    :raises NotAllowed: if `by` is a person who is not finance staff.
    :raises WrongState: if the hold has ended already.
    :raises Invalid: if the words are too few.
    """
    hold: Hold = Hold.objects.select_for_update(of=("self",), no_key=True).get(public_id=hold_id)
    policies.require(policies.can_hold(by), _("Only finance staff may release a hold."))
    if hold.released_at is not None or (hold.expires_at is not None and hold.expires_at <= now):
        raise WrongState(_("This hold has ended already."))
    if len(words.strip()) < LEAST_WORDS:
        raise Invalid(_("Say why in at least %(n)s characters.") % {"n": LEAST_WORDS}, field="words")
    hold.released_at, hold.release_words = now, words.strip()[:300]
    hold.released_by = by if isinstance(by, User) else None
    hold.save(update_fields=["released_at", "released_by", "release_words"])
    record(what="payouts.release_hold", by=by, about=hold, now=now, after={"words": words})
    return hold
