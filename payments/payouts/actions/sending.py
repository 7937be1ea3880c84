"""
One item to Stripe, exactly once (reference C.3). Three short steps, and no transaction is open during the second:
claim and commit the key, call, record the answer. Whoever dies in between leaves a row that says how to go on.
"""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.kernel.states import require_move
from payments.gateway import client
from payments.gateway.errors import (
    IdempotencyMismatch,
    StripeBusy,
    StripeMisconfigured,
    StripeRejected,
    StripeUnavailable,
)
from payments.payouts import queries, tasks
from payments.payouts.actions.approval import pause_run
from payments.payouts.actions.lookups import has_unknown, is_looked_up, raise_alarm
from payments.payouts.actions.pacing import wait_for_slot
from payments.payouts.actions.recording import (
    LIVE_ATTEMPTS,
    become_unknown,
    give_back_held,
    live_attempt,
    record_rejected,
    record_sent,
    record_unknown,
)
from payments.payouts.actions.ringing import SYSTEM, ring_job
from payments.payouts.actions.settling import settle_if_done
from payments.payouts.enums import (
    ITEM_LEASE,
    ITEM_MOVES,
    KEY_MAX_AGE,
    AttemptState,
    ItemState,
    PayoutJobKind,
    RunState,
)
from payments.payouts.models import Attempt, PayItem, PayItemQuerySet, PayRun

LONGEST_BACK_OFF_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Order:
    """What goes to Stripe under one key: the same each time, because it is made of frozen columns."""

    amount_minor: int
    currency: str
    destination: str
    transfer_group: str
    source_type: str
    metadata: dict[str, str]

    @property
    def sha256(self) -> str:
        facts = [self.amount_minor, self.currency, self.destination, self.transfer_group, self.source_type]
        return hashlib.sha256(json.dumps([*facts, self.metadata], sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Claim:
    """An item in this worker's hands, its attempt committed."""

    item: PayItem
    attempt: Attempt
    order: Order


def attempt_key(item: PayItem, number: int) -> str:
    """Return the idempotency key of an item's n-th attempt: the same after a restore, because the item's id is."""
    return f"po-{item.public_id}-{number}"


def order_of(item: PayItem, number: int) -> Order:
    """Return the request of an item's n-th attempt."""
    return Order(
        amount_minor=item.net_minor,
        currency=item.currency,
        destination=item.stripe_account_id,
        transfer_group=item.run.transfer_group,
        source_type=item.source_type,
        metadata={
            "item": str(item.public_id),
            "attempt": str(number),
            "expert": str(item.payee.public_id),
            "period": item.run.period.isoformat(),
        },
    )


def send_item(*, item_id: UUID | str, now: datetime) -> None:
    """
    Bring one item as far as it will go. Right when run twice, late, at the same time, or after a crash.

    Nothing is sent before this start of the worker has looked the run's transfer group up (rule 7).
    """
    run_pk = PayItem.objects.sendable(now).filter(public_id=item_id).values_list("run_id", flat=True).first()
    if run_pk is None:
        return
    if not is_looked_up(run_pk, now=now):
        _ask_for_look_up(run_pk, now=now)
        return
    wait_for_slot()
    claim = _claim(item_id, now=now)
    if claim is not None:
        _call(claim, now=now)
    settle_if_done(run_pk=run_pk, now=now)


@transaction.atomic(durable=True)
def _ask_for_look_up(run_pk: int, *, now: datetime) -> None:
    ring_job(PayoutJobKind.BEGIN, PayRun.objects.get(pk=run_pk), now=now)


# ------------------------------------------------------------------------------------------------------------ claim


@transaction.atomic(durable=True)
def _claim(item_id: UUID | str, *, now: datetime) -> Claim | None:
    """
    Take the item, or return None because somebody else has it, its payee is on hold, or it may not be sent now.

    A live attempt goes again under its own key while that is younger than 23 hours; else a new one begins.
    """
    item: PayItem | None = (
        PayItem.objects.sendable(now)
        .filter(public_id=item_id)
        .with_people()
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .first()
    )
    if item is None:
        return None
    attempt = live_attempt(item)
    if _is_held(item, attempt, now=now):
        return None
    if attempt is not None and now - attempt.first_sent_at >= KEY_MAX_AGE:
        become_unknown(item, attempt, words=_("The key is older than 23 hours: looked up before any retry."), now=now)
        return None
    number = attempt.number if attempt else _next_number(item)
    order = order_of(item, number)
    if attempt is None:
        attempt = Attempt.objects.create(
            item=item,
            number=number,
            key=attempt_key(item, number),
            request_sha256=order.sha256,
            first_sent_at=now,
            last_sent_at=now,
        )
    elif attempt.request_sha256 != order.sha256:
        raise RuntimeError(f"{attempt.key}: the request is not what it was. Somebody has changed a frozen row.")
    else:
        attempt.last_sent_at = now
        attempt.sends += 1
        attempt.save(update_fields=["last_sent_at", "sends"])
    if item.state != ItemState.SENDING:
        require_move(ITEM_MOVES, current=item.state, target=ItemState.SENDING, what="pay item")
    item.state, item.lease_until, item.not_before = ItemState.SENDING, now + ITEM_LEASE, None
    item.tries += 1
    item.save(update_fields=["state", "lease_until", "not_before", "tries"])
    return Claim(item, attempt, order)


def _is_held(item: PayItem, attempt: Attempt | None, *, now: datetime) -> bool:
    """
    Send nothing to somebody on hold (reference C.2), and say whether that is so.

    What was never sent goes back to payable: the group was looked up before. What may have been sent is looked up.
    """
    # A hold is written under this lock, so it is either seen here or placed after the attempt is committed.
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=item.payee_id)
    hold = queries.hold_of(item.payee, now=now)
    if hold is None:
        return False
    if attempt is None:
        give_back_held(item, hold, now=now)
    elif item.state != ItemState.UNKNOWN:
        become_unknown(item, attempt, words=_("The payee is on hold: looked up, not sent again"), now=now)
    else:
        item.not_before = None
        item.save(update_fields=["not_before"])
    return True


def _next_number(item: PayItem) -> int:
    return int(item.attempts.aggregate(last=Max("number"))["last"] or 0) + 1


# ------------------------------------------------------------------------------------------------- call and answer


def _call(claim: Claim, *, now: datetime) -> None:
    """Send the claimed item and record what is known afterwards (rule 4). No transaction is open during the call."""
    order = claim.order
    try:
        transfer = client.create_transfer(
            amount_minor=order.amount_minor,
            currency=order.currency,
            destination=order.destination,
            transfer_group=order.transfer_group,
            metadata=order.metadata,
            idempotency_key=claim.attempt.key,
            source_type=order.source_type or None,
        )
    except StripeBusy as busy:
        _record_busy(claim, retry_after_seconds=busy.retry_after_seconds, now=now)
        if isinstance(busy, StripeMisconfigured):
            _stop(claim, _("Stripe does not accept our key. Nothing was sent; a person must look at it."), now=now)
    except StripeRejected as refusal:
        record_rejected(item_pk=claim.item.pk, attempt_pk=claim.attempt.pk, refusal=refusal, now=now)
        if refusal.stripe_code == "balance_insufficient":
            _stop(claim, _("Stripe says that our balance is too low."), now=now)
    except IdempotencyMismatch:
        words = _("Stripe has seen this key with other details. Our data changed between two tries.")
        record_unknown(item_pk=claim.item.pk, attempt_pk=claim.attempt.pk, words=words, status=409, now=now)
        _stop(claim, words, now=now)
    except StripeUnavailable as silence:
        status = int(silence.facts.get("stripe_status") or 0)
        words = _("Stripe answered %(n)s") % {"n": status} if status else _("No answer came")
        record_unknown(item_pk=claim.item.pk, attempt_pk=claim.attempt.pk, words=words, status=status, now=now)
    else:
        number = claim.attempt.number
        if not record_sent(item_pk=claim.item.pk, attempt_number=number, transfer=transfer, now=now):
            raise_alarm(item_pk=claim.item.pk, found=[transfer], now=now)


def _stop(claim: Claim, words: str, *, now: datetime) -> None:
    """Pause the run: the next items would meet the same answer."""
    pause_run(run_id=claim.item.run.public_id, words=words, by=SYSTEM, now=now)


@transaction.atomic(durable=True)
def _record_busy(claim: Claim, *, retry_after_seconds: float, now: datetime) -> None:
    """Nothing was executed: the same key later. An item whose first send is unknown stays unknown meanwhile."""
    item: PayItem = PayItem.objects.locked().get(pk=claim.item.pk)
    attempt = Attempt.objects.get(pk=claim.attempt.pk)
    if item.state != ItemState.SENDING or attempt.state not in LIVE_ATTEMPTS:
        return
    wait = _back_off(item.tries, retry_after_seconds)
    target = ItemState.UNKNOWN if attempt.state == AttemptState.UNKNOWN else ItemState.QUEUED
    require_move(ITEM_MOVES, current=item.state, target=target, what="pay item")
    item.state = target
    item.not_before, item.lease_until = now + wait, None
    item.save(update_fields=["state", "not_before", "lease_until"])
    if attempt.state == AttemptState.OPEN:
        attempt.outcome, attempt.last_status = _("Stripe was busy; not executed"), 429
        attempt.save(update_fields=["outcome", "last_status"])
    tasks.send_item.apply_async_on_commit(kwargs={"item_id": str(item.public_id)}, countdown=wait.total_seconds())


def _back_off(tries: int, retry_after_seconds: float) -> timedelta:
    """Doubling from what Stripe asks for, with jitter, so that a storm does not come back as one."""
    base = min(retry_after_seconds * 2 ** min(tries - 1, 10), LONGEST_BACK_OFF_SECONDS)
    return timedelta(seconds=max(base, retry_after_seconds) * random.uniform(1.0, 1.5))  # noqa: S311 -- jitter


# ------------------------------------------------------------------------------------------------------------ sweep


def ring_items(items: PayItemQuerySet, *, now: datetime, limit: int | None = None) -> int:
    """Ring for each item of this set that may be sent now; doubled rings are harmless."""
    ids = list(items.sendable(now).values_list("public_id", flat=True)[:limit])
    for public_id in ids:
        tasks.send_item.delay(item_id=str(public_id))
    return len(ids)


def runs_in_doubt(*, now: datetime) -> int:
    """Settle runs that are done, and have unknown items looked up; return how many runs that concerned."""
    running = list(PayRun.objects.filter(state=RunState.EXECUTING).order_by("pk"))
    for run in running:
        settle_if_done(run_pk=run.pk, now=now)
        if has_unknown(run):
            _look_unknown_up(run, now=now)
    return len(running)


@transaction.atomic(durable=True)
def _look_unknown_up(run: PayRun, *, now: datetime) -> None:
    ring_job(PayoutJobKind.LOOK_UP, run, now=now)
