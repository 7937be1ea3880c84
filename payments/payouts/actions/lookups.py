"""
Asking Stripe what it has of a run: the whole transfer group before the first send and after any restart (rule 7),
and unknown items until they are settled (rule 6).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

import structlog
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from marketplace.audit.actions import record
from marketplace.kernel.states import require_move
from payments.gateway import client
from payments.gateway.shapes import Transfer
from payments.payouts.actions.recording import IN_DOUBT, fits, live_attempt, record_sent
from payments.payouts.actions.ringing import SYSTEM, ring_job
from payments.payouts.enums import (
    ABSENCE_AFTER,
    ATTEMPT_MOVES,
    ITEM_MOVES,
    KEY_MAX_AGE,
    LOOK_UP_EVERY,
    LOOK_UP_LASTS,
    MAX_SENDS,
    AttemptState,
    ItemState,
    PayoutJobKind,
    RunState,
)
from payments.payouts.models import PayItem, PayRun, RunLookUp

logger = structlog.get_logger(__name__)

BOOT: Final = uuid4().hex
"""Names this start of the worker: made when Django starts, before Celery forks."""


def boot_id() -> str:
    """Return what tells this start of the worker and of the database from all others: a failover changes it too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXTRACT(EPOCH FROM pg_postmaster_start_time())::bigint")
        return f"{BOOT}:{cursor.fetchone()[0]}"


def is_looked_up(run_pk: int, *, now: datetime) -> bool:
    """Whether this start of worker and database has looked the group up, not longer ago than an hour."""
    fresh = RunLookUp.objects.filter(run=run_pk, boot=boot_id(), at__gt=now - LOOK_UP_LASTS)
    return bool(fresh.exists())


def look_up_group(*, run_id: UUID | str, now: datetime) -> int:
    """
    Fetch every transfer of the run's group, adopt what is ours, settle what is unknown; return how many were found.

    Right when run twice or at the same time as a send: each item is decided under its own lock.

    :raises StripeUnavailable: if Stripe does not answer; then nothing has changed.
    """
    run: PayRun = PayRun.objects.get(public_id=run_id)
    # In this order: what was sent after `now` may be missing from the list, and is then too young to be absent.
    transfers = client.list_transfers(run.transfer_group)
    by_item: dict[str, list[Transfer]] = defaultdict(list)
    for transfer in transfers:
        by_item[transfer.metadata.get("item", "")].append(transfer)
    doubtful = run.items.filter(state__in=IN_DOUBT).filter(
        Q(state=ItemState.UNKNOWN) | Q(public_id__in=[key for key in by_item if key])
    )
    adopted = 0
    for pk, public_id in list(doubtful.order_by("pk").values_list("pk", "public_id")):
        adopted += settle_unknown(item_pk=pk, found=by_item.get(str(public_id), []), now=now)
    _note_look_up(run.pk, found=len(transfers), adopted=adopted, now=now)
    return len(transfers)


@transaction.atomic(durable=True)
def _note_look_up(run_pk: int, *, found: int, adopted: int, now: datetime) -> None:
    run: PayRun = PayRun.objects.locked().get(pk=run_pk)
    boot = boot_id()
    if not RunLookUp.objects.filter(run=run, boot=boot).exists():
        record(
            what="payouts.look_up_group", by=SYSTEM, about=run, now=now,
            after={"found": found, "adopted": adopted, "to_send": run.items.filter(state__in=IN_DOUBT).count()},
        )  # fmt: skip
    RunLookUp.objects.create(run=run, boot=boot, at=now, transfers_found=found, items_adopted=adopted)
    run.looked_up_at = now
    run.save(update_fields=["looked_up_at"])
    if run.state == RunState.EXECUTING and has_unknown(run):
        ring_job(PayoutJobKind.LOOK_UP, run, now=now, after=LOOK_UP_EVERY)


def has_unknown(run: PayRun) -> bool:
    """Whether an item waits for a look-up. One with an alarm waits for a person, and for the look-up of a resume."""
    return bool(run.items.filter(state=ItemState.UNKNOWN, failure_code="").exists())


def settle_unknown(*, item_pk: int, found: Sequence[Transfer], now: datetime) -> bool:
    """
    Decide one item by what a look-up found of it; return whether a transfer was adopted (rule 6).

    One that fits: adopted. More than one, or one that does not fit: alarm, a person reverses by hand. None, and the
    last send is older than a quarter of an hour: proved absent, the next attempt may begin. None, and younger: wait,
    and where no answer came at all, let the same key go again.
    """
    live = [transfer for transfer in found if transfer.amount_reversed_minor < transfer.amount_minor]
    if len(live) == 1:
        number = live[0].metadata.get("attempt", "")
        if record_sent(
            item_pk=item_pk,
            attempt_number=int(number) if number.isdigit() else 1,
            transfer=live[0],
            now=now,
            found=True,
        ):
            return True
    if found:
        raise_alarm(item_pk=item_pk, found=found, now=now)
    else:
        _settle_absent(item_pk=item_pk, now=now)
    return False


@transaction.atomic(durable=True)
def _settle_absent(*, item_pk: int, now: datetime) -> None:
    item: PayItem = PayItem.objects.with_people().locked().get(pk=item_pk)
    attempt = live_attempt(item)
    if item.state != ItemState.UNKNOWN or attempt is None:
        return
    if now - attempt.last_sent_at >= ABSENCE_AFTER:
        require_move(ATTEMPT_MOVES, current=attempt.state, target=AttemptState.PROVED_ABSENT, what="attempt")
        require_move(ITEM_MOVES, current=item.state, target=ItemState.QUEUED, what="pay item")
        attempt.state, attempt.finished_at = AttemptState.PROVED_ABSENT, now
        attempt.outcome = _("Not at Stripe a quarter of an hour after the last send")
        attempt.save(update_fields=["state", "finished_at", "outcome"])
        item.state, item.not_before, item.unknown_since = ItemState.QUEUED, now, None
        facts = {"item": str(item.public_id), "net_minor": item.net_minor, "key": attempt.key}
        record(what="payouts.prove_absent", by=SYSTEM, about=item.run, now=now, after=facts)
    elif (
        attempt.last_status == 0
        and attempt.sends < MAX_SENDS
        and now - attempt.first_sent_at < KEY_MAX_AGE
        and item.not_before is None
    ):
        item.not_before = now
    item.looked_up_at = now
    item.save(update_fields=["state", "not_before", "unknown_since", "looked_up_at"])


@transaction.atomic(durable=True)
def raise_alarm(*, item_pk: int, found: Sequence[Transfer], now: datetime) -> None:
    """Stop the run: Stripe has something of this item that we did not order, or has it twice."""
    run_pk = PayItem.objects.values_list("run_id", flat=True).get(pk=item_pk)
    run: PayRun = PayRun.objects.locked().get(pk=run_pk)
    item: PayItem = PayItem.objects.with_people().locked().get(pk=item_pk)
    code = "found_twice" if sum(fits(item, transfer) for transfer in found) > 1 else "found_different"
    item.looked_up_at = now
    if item.failure_code == code:
        item.save(update_fields=["looked_up_at"])
        return
    item.failure_code, item.not_before = code, None
    item.failure_message = ", ".join(transfer.id for transfer in found)[:300]
    item.save(update_fields=["failure_code", "failure_message", "not_before", "looked_up_at"])
    run.is_paused = True
    run.pause_words = _("Stripe has transfers of one item that do not fit: %(ids)s") % {"ids": item.failure_message}
    run.pause_words = run.pause_words[:300]
    run.save(update_fields=["is_paused", "pause_words"])
    logger.error("payouts.alarm", item=str(item.public_id), code=code, transfers=item.failure_message)
    facts = {"item": str(item.public_id), "code": code, "transfers": item.failure_message}
    record(what="payouts.raise_alarm", by=SYSTEM, about=run, now=now, after=facts)
