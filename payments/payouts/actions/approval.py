"""The second person: approve what was computed. Then start, pause and resume sending."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.actors import Actor
from marketplace.kernel.errors import Conflict, NotAllowed, Refused
from marketplace.kernel.money import format_money
from marketplace.kernel.states import require_move
from payments.gateway import client
from payments.gateway.shapes import Balance
from payments.ledger.actions import AccountRef, Move, Posting, post_many
from payments.ledger.enums import AccountCode, EntryKind
from payments.ledger.models import LedgerAccount
from payments.payouts import policies, queries
from payments.payouts.actions.ringing import ring_job
from payments.payouts.actions.runs import available_in
from payments.payouts.enums import (
    ITEM_MOVES,
    OPEN_ITEM_STATES,
    RUN_MOVES,
    ItemState,
    PayoutJobKind,
    RunState,
)
from payments.payouts.models import Hold, PayItem, PayRun


def approve_run(*, run_id: UUID | str, sha256: str, comment: str, by: User, now: datetime) -> PayRun:
    """
    Approve a computed run as the second person: its money moves from payable to in transit, its items are queued.

    Stripe's balance is asked first, with no transaction open. The caller has made sure that `by` has just confirmed
    who they are. Two people pressing together are safe: the second finds the run approved.

    :param sha256: of what `by` looked at; it must be what was computed and what the items are now.
    :raises NotAllowed: if `by` is not an approver, or had a hand in the run.
    :raises WrongState: if the run is not computed.
    :raises Conflict: if the items are not those that `by` saw, what we owe somebody has shrunk since, or somebody who
        would be paid is on hold.
    :raises Refused: if Stripe's balance does not cover the run.
    """
    run: PayRun = PayRun.objects.get(public_id=run_id)
    _require_approver(by, run)
    return _approve(run_id, sha256=sha256, comment=comment, balance=client.retrieve_balance(), by=by, now=now)


def _require_approver(by: User, run: PayRun) -> None:
    if by.pk in (run.created_by_id, run.compute_asked_by_id):
        raise NotAllowed(_("Who prepared a run can never approve it. Ask a colleague who approves."))
    policies.require(policies.can_approve(by, run), _("Only the finance staff who approve runs may approve one."))


@transaction.atomic(durable=True)
def _approve(run_id: UUID | str, *, sha256: str, comment: str, balance: Balance, by: User, now: datetime) -> PayRun:
    run: PayRun = PayRun.objects.locked().get(public_id=run_id)
    _require_approver(by, run)
    require_move(RUN_MOVES, current=run.state, target=RunState.APPROVED, what="pay run")
    if not sha256 == run.computed_sha256 == queries.sha256_of(run):
        raise Conflict(_("This run is not what you looked at any more. Look again before you approve."))
    ready = list(run.items.filter(state=ItemState.READY).select_related("payee").locked())
    _refuse_open_elsewhere(ready)
    _refuse_held(ready, now=now)
    require_move(ITEM_MOVES, current=ItemState.READY, target=ItemState.QUEUED, what="pay item")
    places = _allocate(ready, balance, run.currency)
    for source, pks in places.items():
        rows = run.items.filter(state=ItemState.READY) if len(places) == 1 else run.items.filter(pk__in=pks)
        rows.update(state=ItemState.QUEUED, not_before=now, source_type=source)
    run.state = RunState.APPROVED
    run.approved_at, run.approved_by = now, by
    run.approved_sha256, run.approval_comment = sha256, comment
    run.available_minor, run.available_at = available_in(balance, run.currency), now
    run.save(
        update_fields=["state", "approved_at", "approved_by", "approved_sha256", "approval_comment",
                       "available_minor", "available_at"]
    )  # fmt: skip
    facts = {"sha256": sha256, "total_minor": run.total_minor, "items": len(ready), "comment": comment}
    record(what="payouts.approve_run", by=by, about=run, now=now, after=facts)
    post_many([_set_aside(item, run, now=now) for item in ready], by=by, now=now)
    _refuse_overdrawn(ready, run.currency)
    return run


def _set_aside(item: PayItem, run: PayRun, *, now: datetime) -> Posting:
    """The entry that takes an item out of what we owe: `run:{period}:{currency}:{payee}` (reference B.3)."""
    again = f":{run.edition}" if run.edition else ""
    return Posting(
        key=f"run:{run.period}:{run.currency}:{item.payee.public_id}{again}",
        kind=EntryKind.RUN_APPROVED,
        moves=[set_aside_move(item)],
        effective_on=now.date(),
    )


def set_aside_move(item: PayItem) -> Move:
    """From payable to in transit."""
    return Move(
        debit=AccountRef(AccountCode.EXPERT_PAYABLE, item.payee.public_id, item.currency),
        credit=AccountRef(AccountCode.PAYOUT_IN_TRANSIT, item.public_id, item.currency),
        amount_minor=item.net_minor,
    )


def _refuse_open_elsewhere(ready: Sequence[PayItem]) -> None:
    """A payee has one open item over all runs; somebody may have retried an older one since this was computed."""
    payees = [item.payee_id for item in ready]
    currency = {item.currency for item in ready}
    there = PayItem.objects.filter(payee__in=payees, currency__in=currency, state__in=OPEN_ITEM_STATES).count()
    if there:
        raise Conflict(
            _("%(n)s people of this run have an earlier payout that is not settled. Settle it, or cancel this run.")
            % {"n": there}
        )


def _refuse_held(ready: Sequence[PayItem], *, now: datetime) -> None:
    """A hold takes its payee's item out when it is placed; this stands behind it."""
    held = Hold.objects.live(now).filter(payee__in=[item.payee_id for item in ready]).values("payee").distinct().count()
    if held:
        raise Conflict(_("%(n)s people of this run are on hold. Cancel it and draft it again.") % {"n": held})


def _refuse_overdrawn(ready: Sequence[PayItem], currency: str) -> None:
    """
    Make sure that nobody's payable fell below zero by this run. Called after posting, when the accounts are locked.

    :raises Conflict: if it did; then everything is rolled back.
    """
    below = LedgerAccount.objects.filter(
        code=AccountCode.EXPERT_PAYABLE,
        owner_kind="user",
        owner_ref__in=[item.payee.public_id for item in ready],
        currency=currency,
        balance_minor__lt=0,
    ).count()
    if below:
        raise Conflict(
            _("We owe %(n)s people less than when this run was computed. Cancel it and draft it again.") % {"n": below}
        )


def _allocate(ready: Sequence[PayItem], balance: Balance, currency: str) -> dict[str, list[int]]:
    """
    Say which part of our Stripe balance each item draws on; a transfer draws on one source type (reference 0.7).

    One source for all where one is enough, else the largest items first, each from where most is left.

    :raises Refused: if the items do not fit.
    """
    left = {source: minor for (code, source), minor in balance.available.items() if code == currency and minor > 0}
    total = sum(item.net_minor for item in ready)
    enough = [source for source, minor in sorted(left.items(), key=lambda pair: pair[1]) if minor >= total]
    if enough:
        chosen = "card" if "card" in enough else enough[0]
        return {chosen: [item.pk for item in ready]}
    places: dict[str, list[int]] = defaultdict(list)
    for item in sorted(ready, key=lambda item: (-item.net_minor, item.pk)):
        source = max(left, key=lambda name: left[name], default="")
        if not source or left[source] < item.net_minor:
            raise _too_little(total, balance.available, currency)
        left[source] -= item.net_minor
        places[source].append(item.pk)
    return places


def _too_little(total: int, available: Mapping[tuple[str, str], int], currency: str) -> Refused:
    has = sum(minor for (code, _source), minor in available.items() if code == currency)
    return Refused(
        _("The run needs %(needs)s and %(has)s is available at Stripe. Wait for deposits to settle, then approve.")
        % {"needs": format_money(total, currency), "has": format_money(has, currency)},
        needed_minor=total,
        available_minor=has,
    )


# ---------------------------------------------------------------------------------------------------------- sending


@transaction.atomic(durable=True)
def execute_run(*, run_id: UUID | str, by: User, now: datetime) -> PayRun:
    """
    Start sending. A worker looks the whole transfer group up first, then sends item by item.

    :raises NotAllowed: if `by` is not finance staff.
    :raises WrongState: if the run is not approved, or somebody has started it already.
    :raises Conflict: if the items are not those that were approved.
    """
    run: PayRun = PayRun.objects.locked().get(public_id=run_id)
    policies.require(policies.can_send(by), _("Only finance staff may start sending."))
    require_move(RUN_MOVES, current=run.state, target=RunState.EXECUTING, what="pay run")
    if run.state == RunState.PARTIALLY_FAILED:
        raise Conflict(_("Try the rejected items one by one, or close the run."))
    if queries.sha256_of(run) != run.approved_sha256:
        raise Conflict(_("The items of this run are not those that were approved. Nothing was sent."))
    run.state, run.executing_at = RunState.EXECUTING, now
    run.save(update_fields=["state", "executing_at"])
    record(what="payouts.execute_run", by=by, about=run, now=now, after={"total_minor": run.total_minor})
    ring_job(PayoutJobKind.BEGIN, run, now=now)
    return run


@transaction.atomic(durable=True)
def pause_run(*, run_id: UUID | str, words: str, by: Actor, now: datetime) -> PayRun:
    """
    Stop sending after the calls that are open now. Nothing is lost: items stay queued.

    :raises NotAllowed: if a person asks who is not finance staff.
    """
    run: PayRun = PayRun.objects.locked().get(public_id=run_id)
    if isinstance(by, User):
        policies.require(policies.can_send(by), _("Only finance staff may pause sending."))
    if run.state == RunState.EXECUTING and not run.is_paused:
        run.is_paused, run.pause_words = True, words[:300]
        run.save(update_fields=["is_paused", "pause_words"])
        record(what="payouts.pause_run", by=by, about=run, now=now, after={"words": words})
    return run


@transaction.atomic(durable=True)
def resume_run(*, run_id: UUID | str, by: User, now: datetime) -> PayRun:
    """
    Go on sending. A look-up of the whole group is rung; where one is not older than an hour, items do not wait for it.

    :raises NotAllowed: if `by` is not finance staff.
    """
    run: PayRun = PayRun.objects.locked().get(public_id=run_id)
    policies.require(policies.can_send(by), _("Only finance staff may resume sending."))
    if run.is_paused:
        run.is_paused, run.pause_words = False, ""
        run.save(update_fields=["is_paused", "pause_words"])
        record(what="payouts.resume_run", by=by, about=run, now=now)
        if run.state == RunState.EXECUTING:
            ring_job(PayoutJobKind.BEGIN, run, now=now)
    return run


def hold_ready_items(hold: Hold, *, now: datetime, by: Actor) -> int:
    """
    Take a payee's items out of runs that are computed and not approved. Needs an open transaction.

    The run gets a new SHA-256, so an approver who looked at the old one is asked to look again.
    """
    touched = 0
    for run in PayRun.objects.locked().filter(state=RunState.COMPUTED, items__payee=hold.payee_id):
        item = run.items.locked().filter(payee=hold.payee_id, state=ItemState.READY).first()
        if item is None:
            continue
        require_move(ITEM_MOVES, current=item.state, target=ItemState.HELD, what="pay item")
        item.state, item.held_reason = ItemState.HELD, hold.reason
        item.save(update_fields=["state", "held_reason"])
        run.total_minor -= item.net_minor
        run.computed_sha256 = queries.sha256_of(run)
        run.save(update_fields=["total_minor", "computed_sha256"])
        record(
            what="payouts.hold_item", by=by, about=run, now=now,
            after={"item": str(item.public_id), "reason": hold.reason, "sha256": run.computed_sha256},
        )  # fmt: skip
        touched += 1
    return touched
