"""The end of sending: settle the run, try a rejected item again, close a run that partly failed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.errors import Conflict, WrongState
from marketplace.kernel.money import format_money
from marketplace.kernel.states import require_move
from marketplace.notices.actions import notify
from payments.gateway import client
from payments.gateway.shapes import Balance
from payments.ledger.actions import Posting, post_many
from payments.ledger.enums import AccountCode, EntryKind
from payments.ledger.queries import balance_minor
from payments.payouts import policies, queries, tasks
from payments.payouts.actions.approval import set_aside_move
from payments.payouts.actions.ringing import SYSTEM, ring_job
from payments.payouts.enums import (
    ITEM_MOVES,
    OPEN_ITEM_STATES,
    RUN_MOVES,
    ItemState,
    PayoutAccountState,
    PayoutJobKind,
    RunState,
)
from payments.payouts.models import PayItem, PayoutAccount, PayRun


def settle_if_done(*, run_pk: int, now: datetime) -> bool:
    """Close the sending of a run that has no open item left; return whether this call did it."""
    running = PayRun.objects.filter(pk=run_pk, state=RunState.EXECUTING)
    if not running.exists() or PayItem.objects.filter(run=run_pk, state__in=OPEN_ITEM_STATES).exists():
        return False
    return _settle(run_pk, now=now)


@transaction.atomic(durable=True)
def _settle(run_pk: int, *, now: datetime) -> bool:
    run: PayRun = PayRun.objects.locked().get(pk=run_pk)
    if run.state != RunState.EXECUTING or run.items.filter(state__in=OPEN_ITEM_STATES).exists():
        return False
    rejected = run.items.filter(state=ItemState.REJECTED).count()
    target = RunState.PARTIALLY_FAILED if rejected else RunState.SETTLED
    require_move(RUN_MOVES, current=run.state, target=target, what="pay run")
    run.state, run.is_paused, run.pause_words = target, False, ""
    run.settled_at = None if rejected else now
    run.save(update_fields=["state", "is_paused", "pause_words", "settled_at"])
    record(what="payouts.settle_run", by=SYSTEM, about=run, now=now, after={"state": target, "rejected": rejected})
    if rejected:
        notify(
            user=run.created_by,
            kind="pay_runs",
            title=_("%(n)s items of pay run %(run)s were rejected") % {"n": rejected, "run": run},
            body=_("The money is back in payable. Try them again, or close the run: the next one pays them."),
            path=f"/finance/runs/{run.public_id}/?show=look",
            now=now,
        )
    else:
        ring_job(PayoutJobKind.RECONCILE, run, now=now)
    return True


@transaction.atomic(durable=True)
def close_run(*, run_id: UUID | str, by: User, now: datetime) -> PayRun:
    """
    Accept that some items were rejected: their money stays in payable, and the next run pays it.

    :raises NotAllowed: if `by` is not finance staff.
    :raises WrongState: if the run has not partly failed.
    """
    run: PayRun = PayRun.objects.locked().get(public_id=run_id)
    policies.require(policies.can_send(by), _("Only finance staff may close a run."))
    require_move(RUN_MOVES, current=run.state, target=RunState.SETTLED, what="pay run")
    run.state, run.settled_at = RunState.SETTLED, now
    run.save(update_fields=["state", "settled_at"])
    record(what="payouts.close_run", by=by, about=run, now=now)
    ring_job(PayoutJobKind.RECONCILE, run, now=now)
    return run


def retry_item(*, item_id: UUID | str, by: User, now: datetime) -> PayItem:
    """
    Try a rejected item again, under a new key. Only a person does this, and only after a look-up found nothing.

    :raises NotAllowed: if `by` is not finance staff.
    :raises WrongState: if the item is not rejected, or its run is settled.
    :raises Conflict: if Stripe has a transfer of it, its payee is on hold, the account is not ready, or the money is no
        longer owed.
    :raises StripeUnavailable: if Stripe does not answer.
    """
    policies.require(policies.can_send(by), _("Only finance staff may try an item again."))
    item: PayItem = PayItem.objects.with_people().get(public_id=item_id)
    _require_rejected(item)
    group = client.list_transfers(item.run.transfer_group)
    there = [transfer.id for transfer in group if transfer.metadata.get("item") == str(item.public_id)]
    if there:
        raise Conflict(
            _("Stripe has a transfer of this item already: %(ids)s. Do not send it again.") % {"ids": ", ".join(there)}
        )
    return _retry(item_id, balance=client.retrieve_balance(), by=by, now=now)


@transaction.atomic(durable=True)
def _retry(item_id: UUID | str, *, balance: Balance, by: User, now: datetime) -> PayItem:
    run_pk = PayItem.objects.values_list("run_id", flat=True).get(public_id=item_id)
    run: PayRun = PayRun.objects.locked().get(pk=run_pk)
    item: PayItem = PayItem.objects.with_people().locked().get(public_id=item_id)
    _require_rejected(item)
    if run.state != RunState.EXECUTING:
        require_move(RUN_MOVES, current=run.state, target=RunState.EXECUTING, what="pay run")
    require_move(ITEM_MOVES, current=item.state, target=ItemState.QUEUED, what="pay item")
    item.source_type = _source_for(item, balance)
    item.state, item.not_before = ItemState.QUEUED, now
    item.failure_code = item.failure_message = ""
    _require_payable(item, now=now)
    item.save(update_fields=["source_type", "state", "not_before", "failure_code", "failure_message"])
    run.state = RunState.EXECUTING
    run.save(update_fields=["state"])
    facts = {"item": str(item.public_id), "net_minor": item.net_minor}
    record(what="payouts.retry_item", by=by, about=run, now=now, after=facts)
    tasks.send_item.delay_on_commit(item_id=str(item.public_id))
    post_many(
        [
            Posting(
                key=f"item:{item.public_id}:retried:{item.releases}",
                kind=EntryKind.RUN_APPROVED,
                moves=[set_aside_move(item)],
                effective_on=now.date(),
            )
        ],
        by=by,
        now=now,
    )
    if balance_minor(AccountCode.EXPERT_PAYABLE, item.payee.public_id, item.currency) < 0:
        raise Conflict(_("We owe this person less than that by now. Close the run; the next one pays what is owed."))
    return item


def _require_rejected(item: PayItem) -> None:
    if item.state != ItemState.REJECTED:
        raise WrongState(_("Only a rejected item is tried again by hand. What is unknown is looked up by itself."))


def _require_payable(item: PayItem, *, now: datetime) -> None:
    """
    Make sure that this person can be paid now.

    :raises Conflict: if they are on hold, another item of theirs is open, or their payout account is not ready.
    """
    hold = queries.hold_of(item.payee, now=now)
    if hold is not None:
        raise Conflict(
            _("This person is on hold: %(reason)s. Release the hold first, or leave the item to the next run.")
            % {"reason": hold.get_reason_display()}
        )
    others = PayItem.objects.filter(payee=item.payee_id, currency=item.currency, state__in=OPEN_ITEM_STATES)
    if others.exists():
        raise Conflict(_("Another payout to this person is open. Wait until it is settled."))
    ready = PayoutAccount.objects.filter(
        user=item.payee_id, stripe_account_id=item.stripe_account_id, state=PayoutAccountState.READY
    )
    if not ready.exists():
        raise Conflict(_("The payout account of this person is not ready. Stripe would refuse again."))


def _source_for(item: PayItem, balance: Balance) -> str:
    sources = {source: minor for (code, source), minor in balance.available.items() if code == item.currency}
    if sources.get(item.source_type, 0) >= item.net_minor:
        return item.source_type
    best = max(sources, key=lambda name: sources[name], default="")
    if not best or sources[best] < item.net_minor:
        raise Conflict(
            _("Stripe has too little in %(currency)s for this item of %(amount)s.")
            % {"currency": item.currency, "amount": format_money(item.net_minor, item.currency)}
        )
    return best
