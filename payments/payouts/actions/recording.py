"""
What is known of an item after a call or a look-up, written under the item's lock. Each function may come twice and
late: it looks at the item's state first.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.audit.actions import record
from marketplace.kernel.money import format_money
from marketplace.kernel.states import require_move
from marketplace.notices.actions import notify
from payments.gateway.errors import StripeRejected
from payments.gateway.shapes import Transfer
from payments.ledger.actions import AccountRef, Move, post
from payments.ledger.enums import AccountCode, EntryKind
from payments.payouts.actions.ringing import SYSTEM, ring_job, tell_of_item
from payments.payouts.enums import (
    ATTEMPT_MOVES,
    FIRST_LOOK_UP_AFTER,
    ITEM_MOVES,
    AttemptState,
    ItemState,
    PayoutJobKind,
)
from payments.payouts.models import Attempt, Hold, PayItem

logger = structlog.get_logger(__name__)

LIVE_ATTEMPTS: Final = (AttemptState.OPEN, AttemptState.UNKNOWN)
IN_DOUBT: Final = (ItemState.QUEUED, ItemState.SENDING, ItemState.UNKNOWN)


def live_attempt(item: PayItem) -> Attempt | None:
    """Return the attempt whose outcome is not settled, or None."""
    return item.attempts.filter(state__in=LIVE_ATTEMPTS).first()


def fits(item: PayItem, transfer: Transfer) -> bool:
    """Whether a transfer at Stripe is what this item ordered."""
    return (
        transfer.metadata.get("item") == str(item.public_id)
        and transfer.amount_minor == item.net_minor
        and transfer.currency == item.currency
        and transfer.destination == item.stripe_account_id
    )


@transaction.atomic(durable=True)
def record_sent(*, item_pk: int, attempt_number: int, transfer: Transfer, now: datetime, found: bool = False) -> bool:
    """
    Write that Stripe made the transfer: item sent, 2300 to 1010 under `bt:{transaction}`, the payee told.

    :param found: by a look-up, not as the answer to the call.
    :return: False if the item is settled with something else, so that this transfer is one too many.
    """
    item: PayItem = PayItem.objects.with_people().locked().get(pk=item_pk)
    if item.state == ItemState.SENT:
        return item.stripe_transfer_id == transfer.id
    if item.state not in IN_DOUBT or not fits(item, transfer):
        return False
    require_move(ITEM_MOVES, current=item.state, target=ItemState.SENT, what="pay item")
    was = item.state
    item.state, item.sent_at = ItemState.SENT, now
    item.stripe_transfer_id, item.balance_transaction = transfer.id, transfer.balance_transaction_id
    item.not_before = item.lease_until = item.unknown_since = None
    item.failure_code = item.failure_message = ""
    item.save(
        update_fields=["state", "sent_at", "stripe_transfer_id", "balance_transaction", "not_before", "lease_until",
                       "unknown_since", "failure_code", "failure_message"]
    )  # fmt: skip
    words = _("Found at Stripe") if found else _("Transfer made")
    _finish_attempt(item, attempt_number, transfer, words=words, now=now)
    if found:
        record(
            what="payouts.adopt_transfer", by=SYSTEM, about=item.run, now=now,
            before={"state": was}, after=_facts(item) | {"transfer": transfer.id},
        )  # fmt: skip
    tell_of_item("item_sent", item, now=now)
    _tell_paid(item, now=now)
    post(
        key=f"bt:{transfer.balance_transaction_id}",
        kind=EntryKind.TRANSFER,
        moves=[
            Move(
                debit=AccountRef(AccountCode.PAYOUT_IN_TRANSIT, item.public_id, item.currency),
                credit=AccountRef(AccountCode.STRIPE_CLEARING, currency=item.currency),
                amount_minor=transfer.amount_minor,
            )
        ],
        effective_on=transfer.created_at.date(),
        by=SYSTEM,
        now=now,
    )
    return True


def _finish_attempt(item: PayItem, number: int, transfer: Transfer, *, words: str, now: datetime) -> None:
    """Close the attempt that made the transfer; after a restore from a backup it may have to be written anew."""
    attempt = item.attempts.filter(number=number).first()
    if attempt is None:
        attempt = Attempt(
            item=item,
            number=number,
            key=f"po-{item.public_id}-{number}",
            request_sha256="",
            first_sent_at=transfer.created_at,
            last_sent_at=transfer.created_at,
        )
    else:
        require_move(ATTEMPT_MOVES, current=attempt.state, target=AttemptState.CREATED, what="attempt")
    attempt.state, attempt.outcome, attempt.finished_at = AttemptState.CREATED, f"{words}: {transfer.id}", now
    attempt.last_status = 200
    attempt.save()


def _tell_paid(item: PayItem, *, now: datetime) -> None:
    amount = format_money(item.net_minor, item.currency)
    place = item.destination_label or _("your bank")
    notify(
        user=item.payee,
        kind="payouts",
        title=_("%(amount)s is on its way to you") % {"amount": amount},
        body=_("We sent it to your payout account at Stripe, which pays it out to %(place)s, usually in 2 days.")
        % {"place": place},
        path="/me/earnings/",
        now=now,
    )


@transaction.atomic(durable=True)
def record_rejected(*, item_pk: int, attempt_pk: int, refusal: StripeRejected, now: datetime) -> None:
    """Write that Stripe refused: nothing was sent, so the money goes back to payable, and the payee is told (rule 8)."""
    item: PayItem = PayItem.objects.with_people().locked().get(pk=item_pk)
    attempt = Attempt.objects.get(pk=attempt_pk)
    if item.state not in (ItemState.SENDING, ItemState.UNKNOWN) or attempt.state not in LIVE_ATTEMPTS:
        return
    require_move(ITEM_MOVES, current=item.state, target=ItemState.REJECTED, what="pay item")
    require_move(ATTEMPT_MOVES, current=attempt.state, target=AttemptState.REJECTED, what="attempt")
    attempt.state, attempt.finished_at = AttemptState.REJECTED, now
    attempt.outcome, attempt.last_status = str(refusal)[:300], refusal.stripe_status
    attempt.save(update_fields=["state", "finished_at", "outcome", "last_status"])
    item.state = ItemState.REJECTED
    item.failure_code = (refusal.stripe_code or str(refusal.stripe_status))[:80]
    item.failure_message = refusal.stripe_message[:300]
    item.not_before = item.lease_until = item.unknown_since = None
    item.releases += 1
    item.save(
        update_fields=["state", "failure_code", "failure_message", "not_before", "lease_until", "unknown_since",
                       "releases"]
    )  # fmt: skip
    facts = _facts(item) | {"code": item.failure_code}
    record(what="payouts.reject_item", by=SYSTEM, about=item.run, now=now, after=facts)
    tell_of_item("item_rejected", item, now=now)
    _tell_rejected(item, now=now)
    _release(item, now=now)


def give_back_held(item: PayItem, hold: Hold, *, now: datetime) -> None:
    """
    Leave a queued item out because its payee is on hold since the approval; its money goes back to payable, and the
    next run after the hold pays it.

    Needs an open transaction, the item's lock, and that nothing was ever sent for it (rule 8).
    """
    require_move(ITEM_MOVES, current=item.state, target=ItemState.HELD, what="pay item")
    item.state, item.held_reason = ItemState.HELD, hold.reason
    item.not_before = item.lease_until = None
    item.releases += 1
    item.save(update_fields=["state", "held_reason", "not_before", "lease_until", "releases"])
    facts = _facts(item) | {"reason": hold.reason}
    record(what="payouts.give_back_held", by=SYSTEM, about=item.run, now=now, after=facts)
    _release(item, now=now)


def _release(item: PayItem, *, now: datetime) -> None:
    """Post an item's money from in transit back to payable."""
    post(
        key=f"item:{item.public_id}:released:{item.releases}",
        kind=EntryKind.ITEM_RELEASED,
        moves=[
            Move(
                debit=AccountRef(AccountCode.PAYOUT_IN_TRANSIT, item.public_id, item.currency),
                credit=AccountRef(AccountCode.EXPERT_PAYABLE, item.payee.public_id, item.currency),
                amount_minor=item.net_minor,
            )
        ],
        effective_on=now.date(),
        by=SYSTEM,
        now=now,
    )


def _tell_rejected(item: PayItem, *, now: datetime) -> None:
    amount = format_money(item.net_minor, item.currency)
    notify(
        user=item.payee,
        kind="payouts",
        title=_("We could not send %(amount)s to you") % {"amount": amount},
        body=_("Stripe refused the payment. The money is safe and still yours. Look at your payout account: if it "
               "asks for something, give it there. We pay as soon as Stripe accepts, with the next run at the latest."),
        path="/me/payout-account/",
        now=now,
    )  # fmt: skip


@transaction.atomic(durable=True)
def record_unknown(*, item_pk: int, attempt_pk: int, words: str, status: int, now: datetime) -> None:
    """Write that nobody knows whether Stripe made the transfer. Unknown is not failed: a look-up decides."""
    item: PayItem = PayItem.objects.with_people().locked().get(pk=item_pk)
    attempt = Attempt.objects.get(pk=attempt_pk)
    if item.state != ItemState.SENDING or attempt.state not in LIVE_ATTEMPTS:
        return
    attempt.last_status = status
    become_unknown(item, attempt, words=words, now=now)


def become_unknown(item: PayItem, attempt: Attempt, *, words: str, now: datetime) -> None:
    """Mark the item and its attempt, and have it looked up soon. Needs an open transaction and the item's lock."""
    require_move(ITEM_MOVES, current=item.state, target=ItemState.UNKNOWN, what="pay item")
    item.state = ItemState.UNKNOWN
    item.unknown_since = item.unknown_since or now
    item.not_before = item.lease_until = None
    item.save(update_fields=["state", "unknown_since", "not_before", "lease_until"])
    if attempt.state == AttemptState.OPEN:
        require_move(ATTEMPT_MOVES, current=attempt.state, target=AttemptState.UNKNOWN, what="attempt")
        attempt.state = AttemptState.UNKNOWN
    attempt.outcome = words[:300]
    attempt.save(update_fields=["state", "outcome", "last_status"])
    logger.warning("payouts.unknown", item=str(item.public_id), key=attempt.key, words=words)
    facts = _facts(item) | {"key": attempt.key, "words": words}
    record(what="payouts.lose_sight_of_item", by=SYSTEM, about=item.run, now=now, after=facts)
    ring_job(PayoutJobKind.LOOK_UP, item.run, now=now, after=FIRST_LOOK_UP_AFTER)


def _facts(item: PayItem) -> dict[str, object]:
    """What the log of a run tells about an item; ids and sums, no names."""
    return {"item": str(item.public_id), "net_minor": item.net_minor}
