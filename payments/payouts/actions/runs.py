"""A run from nothing to computed: draft, screening, the frozen items; and cancelling."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Max, OuterRef, Subquery, Sum
from django.utils.translation import gettext as _

from marketplace.accounts.enums import StaffRoleKind
from marketplace.accounts.models import User
from marketplace.accounts.queries import staff_with_role
from marketplace.audit.actions import record
from marketplace.kernel import clock, registry
from marketplace.kernel.errors import Conflict, Invalid, WrongState
from marketplace.kernel.events import announce
from marketplace.kernel.ids import PAY_ITEM_NAMESPACE, PAY_RUN_NAMESPACE, named_id
from marketplace.kernel.money import EXPONENTS, format_money
from marketplace.kernel.states import require_move
from marketplace.notices.actions import notify
from payments.gateway import client
from payments.gateway.errors import StripeBusy, StripeUnavailable
from payments.gateway.shapes import Balance, BalanceTransaction
from payments.ledger.actions import AccountRef, Move, Posting, post_many
from payments.ledger.enums import AccountCode, EntryKind
from payments.ledger.models import Entry
from payments.payouts import policies, queries, tasks
from payments.payouts.actions.gate import close_gate
from payments.payouts.actions.ringing import SYSTEM, ring_job
from payments.payouts.enums import (
    CUTOFF_AFTER,
    ITEM_MOVES,
    PAYOUT_MINIMUM_MINOR,
    RECONCILE_OVERLAP,
    RUN_MOVES,
    UNMATCHED_LOOK_BACK,
    ExcludedReason,
    HoldReason,
    ItemState,
    PayoutAccountState,
    PayoutJobKind,
    RunState,
)
from payments.payouts.models import Attempt, Hold, PayItem, PayoutAccount, PayoutEvent, PayRun

BATCH = 1000


def create_run(*, period: date, currency: str, by: User, now: datetime) -> PayRun:
    """
    Draft the run of one week and currency; its screening begins.

    Stripe is asked first, with no transaction open, whether it has transfers that our books do not know: then a
    worker or a backup has lost something, and nothing new is paid before that is understood (reference C.2). What
    this very run has sent, before it was lost in a restore, is no reason: the look-up before sending takes it up.

    :param period: the Monday of a week that has ended.
    :raises NotAllowed: if `by` does not prepare runs.
    :raises Invalid: if the week is no week, has not ended, or the currency is unknown.
    :raises Conflict: if the run is there already, transfers are unmatched, or an invariant is red.
    :raises StripeUnavailable: if Stripe does not answer.
    """
    policies.require(policies.can_prepare(by), _("Only the finance staff who prepare runs may draft one."))
    if period.weekday() != 0 or currency not in EXPONENTS:
        raise Invalid(_("A run is for one week, named by its Monday, and one currency."), field="period")
    if now < clock.ends_at(period):
        raise Invalid(_("This week has not ended yet."), field="period")
    unmatched = unmatched_transfers(period=period, currency=currency, now=now)
    if unmatched:
        raise Conflict(
            _(
                "Stripe has %(n)s transfers that our books do not know, the newest is %(id)s (%(txn)s). Two people enter "
                "them under Corrections before anybody is paid."
            )
            % {"n": len(unmatched), "id": unmatched[0].source_id, "txn": unmatched[0].id},
            transfers=[transaction.source_id for transaction in unmatched],
        )
    red = registry.check_invariants()
    if red:
        name, violations = next(iter(red.items()))
        raise Conflict(_("A check of the books is red: %(name)s. %(first)s") % {"name": name, "first": violations[0]})
    return _draft(period=period, currency=currency, by=by, now=now)


@transaction.atomic(durable=True)
def _draft(*, period: date, currency: str, by: User, now: datetime) -> PayRun:
    """Write the run, or take up the cancelled one again: week and currency are its identity (rule 1)."""
    label = clock.period_label(period)
    _only_one(period, currency)
    run = PayRun.objects.locked().filter(period=period, currency=currency).first()
    if run is None:
        run = PayRun(public_id=named_id(PAY_RUN_NAMESPACE, period, currency), period=period, currency=currency)
    elif run.state != RunState.CANCELLED:
        raise Conflict(
            _("The run of %(week)s in %(currency)s is there already.") % {"week": label, "currency": currency}
        )
    else:
        require_move(RUN_MOVES, current=run.state, target=RunState.DRAFT, what="pay run")
        run.items.all().delete()
        run.edition += 1
    run.state = RunState.DRAFT
    run.cutoff_at = clock.ends_at(period) + CUTOFF_AFTER
    run.created_at, run.created_by = now, by
    run.screened_at = run.compute_asked_at = run.compute_asked_by = run.computed_at = run.approved_at = None
    run.approved_by = run.available_minor = run.available_at = None
    run.computed_sha256 = run.approved_sha256 = run.approval_comment = run.pause_words = ""
    run.items_count = run.total_minor = run.payable_minor = 0
    run.is_paused = False
    run.save()
    record(what="payouts.create_run", by=by, about=run, now=now, after={"period": label, "edition": run.edition})
    announce(
        PayoutEvent, name="run_drafted", now=now, ring=tasks.deliver_event,
        run_id=str(run.public_id), period=period.isoformat(), currency=currency,
    )  # fmt: skip
    return run


def _only_one(period: date, currency: str) -> None:
    """Let two people who draft or compute the same run wait for each other, even before there is a row to lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"run:{period}:{currency}"])


def unmatched_transfers(*, period: date, currency: str, now: datetime) -> list[BalanceTransaction]:
    """
    Return what Stripe has sent since the currency's last run and our books do not know, the newest first.

    Left out is what was sent for an item of the run of this week and currency itself. Another currency's transfers
    stand in the way of its own runs: what we owe is kept apart.
    """
    runs = PayRun.objects.filter(currency=currency).exclude(state=RunState.CANCELLED)
    last = runs.aggregate(at=Max("created_at"))["at"]
    since = last - RECONCILE_OVERLAP if last else now - UNMATCHED_LOOK_BACK
    moved = client.list_balance_transactions(created_gte=since)
    made = [one for one in moved if one.type == "transfer" and one.currency == currency]
    keys = [f"bt:{one.id}" for one in made]
    known = set(Entry.objects.filter(key__in=keys).values_list("key", flat=True))
    unmatched = [one for one in made if f"bt:{one.id}" not in known]
    if unmatched:
        run = PayRun(public_id=named_id(PAY_RUN_NAMESPACE, period, currency))
        group = client.list_transfers(run.transfer_group)
        ordered = {one.balance_transaction_id for one in group if one.metadata.get("item")}
        unmatched = [one for one in unmatched if one.id not in ordered]
    return unmatched


# -------------------------------------------------------------------------------------------------------- screening


@transaction.atomic(durable=True)
def finish_screening(*, run_id: UUID | str, now: datetime) -> PayRun:
    """Let the run be computed: everybody in scope has been screened and holds stand. Twice is once."""
    run: PayRun = PayRun.objects.locked().get(public_id=run_id)
    if run.state == RunState.DRAFT and run.screened_at is None:
        run.screened_at = now
        run.save(update_fields=["screened_at"])
        record(what="payouts.finish_screening", by=SYSTEM, about=run, now=now)
        if run.compute_asked_at:
            ring_job(PayoutJobKind.COMPUTE, run, now=now)
    return run


@transaction.atomic(durable=True)
def ask_to_compute(*, run_id: UUID | str, by: User, now: datetime) -> PayRun:
    """
    Have the run computed by a worker as soon as screening is finished.

    :raises NotAllowed: if `by` does not prepare runs.
    :raises WrongState: if somebody has asked already, it is computed, or the cut-off has not come.
    """
    run: PayRun = PayRun.objects.locked().get(public_id=run_id)
    policies.require(policies.can_prepare(by), _("Only the finance staff who prepare runs may have one computed."))
    require_move(RUN_MOVES, current=run.state, target=RunState.COMPUTED, what="pay run")
    if run.compute_asked_at is not None:  # Who asked may not approve: a second asking would make them forgotten.
        raise WrongState(_("Somebody has asked for this already. It is computed as soon as screening is finished."))
    if now < run.cutoff_at:
        raise WrongState(_("Labs may still review hours of this week. Compute after the cut-off, Wednesday 24:00 UTC."))
    run.compute_asked_at, run.compute_asked_by = now, by
    run.save(update_fields=["compute_asked_at", "compute_asked_by"])
    record(what="payouts.ask_to_compute", by=by, about=run, now=now)
    if run.screened_at:
        ring_job(PayoutJobKind.COMPUTE, run, now=now)
    return run


# -------------------------------------------------------------------------------------------------------- computing


def compute_run(*, run_id: UUID | str, now: datetime) -> None:
    """
    Freeze who is paid what: one item for each payee with a balance in 2200, and a SHA-256 over all of them.

    Right when run twice or after a crash: everything is one transaction, and a computed run is left alone.
    """
    _compute(run_id, balance=_balance_or_none(), now=now)


def _balance_or_none() -> Balance | None:
    """Return our balance at Stripe. Computing needs it only to show it, so a silent Stripe does not stop it."""
    try:
        return client.retrieve_balance()
    except (StripeUnavailable, StripeBusy):
        return None


@transaction.atomic(durable=True)
def _compute(run_id: UUID | str, *, balance: Balance | None, now: datetime) -> None:
    _only_one(*PayRun.objects.values_list("period", "currency").get(public_id=run_id))
    run: PayRun = PayRun.objects.locked().get(public_id=run_id)
    # A job of an edition that was cancelled may come late: it computes nothing that nobody has asked for anew.
    if run.state != RunState.DRAFT or run.screened_at is None or run.compute_asked_at is None:
        return
    # One statement is one snapshot, which is all that REPEATABLE READ would give here, without its retries.
    people = list(queries.candidates(run))
    items = list(_items(run, people))
    control = people[0].control if people else 0  # type: ignore[attr-defined]  # annotated
    computed = sum(item.gross_minor for item in items)
    if computed != control:
        raise RuntimeError(f"Run {run}: items sum to {computed} but account 2200 holds {control}.")
    PayItem.objects.bulk_create(items, batch_size=BATCH)
    _take_out_held(run, now=now)
    ready = run.items.filter(state=ItemState.READY).aggregate(items=Count("pk"), minor=Sum("net_minor", default=0))
    require_move(RUN_MOVES, current=run.state, target=RunState.COMPUTED, what="pay run")
    run.state = RunState.COMPUTED
    run.computed_at = now
    run.computed_sha256 = queries.sha256_of(run)
    run.items_count, run.total_minor, run.payable_minor = len(items), int(ready["minor"]), control
    if balance is not None:
        run.available_minor, run.available_at = available_in(balance, run.currency), now
    run.save(
        update_fields=["state", "computed_at", "computed_sha256", "items_count", "total_minor", "payable_minor",
                       "available_minor", "available_at"]
    )  # fmt: skip
    facts = {
        "items": len(items),
        "ready": ready["items"],
        "total_minor": run.total_minor,
        "sha256": run.computed_sha256,
    }
    record(what="payouts.compute_run", by=SYSTEM, about=run, now=now, after=facts)
    _ask_for_approval(run, now=now)


def _take_out_held(run: PayRun, *, now: datetime) -> None:
    """
    Leave out who is on hold, as the last thing and behind the gate: writing the items of a large run takes long, and
    a hold that is placed meanwhile finds nothing yet to take out.
    """
    close_gate()
    require_move(ITEM_MOVES, current=ItemState.READY, target=ItemState.HELD, what="pay item")
    live = Hold.objects.live(now)
    oldest = live.filter(payee=OuterRef("payee")).order_by("placed_at", "pk").values("reason")[:1]
    held = run.items.filter(state=ItemState.READY, payee__in=live.values("payee"))
    held.update(state=ItemState.HELD, held_reason=Subquery(oldest))


def available_in(balance: Balance, currency: str) -> int:
    """Return what can be spent in a currency, over all source types."""
    return sum(minor for (code, _source), minor in balance.available.items() if code == currency)


def _items(run: PayRun, people: list[User]) -> Iterator[PayItem]:
    for person in people:
        payable: int = person.payable  # type: ignore[attr-defined]  # annotated
        account: PayoutAccount | None = getattr(person, "payout_account", None)
        held, excluded = _verdict(person, account)
        state = ItemState.HELD if held else ItemState.EXCLUDED if excluded else ItemState.READY
        yield PayItem(
            public_id=named_id(PAY_ITEM_NAMESPACE, run.period, run.currency, person.public_id),
            run=run,
            payee=person,
            state=state,
            held_reason=held,
            excluded_reason=excluded,
            gross_minor=payable,
            net_minor=payable,
            currency=run.currency,
            country=account.country if account else "",
            stripe_account_id=(account.stripe_account_id or "") if account else "",
            destination_label=account.destination_label if account else "",
        )


def _verdict(person: User, account: PayoutAccount | None) -> tuple[str, str]:
    """Return (reason to hold, reason to leave out), at most one of them not empty. Placed holds come later."""
    payable: int = person.payable  # type: ignore[attr-defined]  # annotated
    if payable <= 0:
        return "", ExcludedReason.NOTHING_TO_PAY
    if payable < PAYOUT_MINIMUM_MINOR:
        return "", ExcludedReason.BELOW_MINIMUM
    if account is None or not account.stripe_account_id:
        return HoldReason.NO_PAYOUT_ACCOUNT, ""
    if account.state != PayoutAccountState.READY:
        return HoldReason.ACCOUNT_NOT_READY, ""
    if person.open_items:  # type: ignore[attr-defined]  # annotated
        return HoldReason.EARLIER_OPEN, ""
    return "", ""


def _ask_for_approval(run: PayRun, *, now: datetime) -> None:
    for approver in staff_with_role(StaffRoleKind.FINANCE_APPROVER):
        if policies.can_approve(approver, run):
            notify(
                user=approver,
                kind="pay_runs",
                title=_("Pay run %(run)s waits for your approval") % {"run": run},
                body=_("%(total)s to %(n)s people were computed. Look at what is held, then approve.")
                % {"total": format_money(run.total_minor, run.currency), "n": run.items_count},
                path=f"/finance/runs/{run.public_id}/",
                now=now,
            )


# ------------------------------------------------------------------------------------------------------- cancelling


@transaction.atomic(durable=True)
def cancel_run(*, run_id: UUID | str, words: str, by: User, now: datetime) -> PayRun:
    """
    Give a run up before anything was sent; what had been set aside goes back to the payees.

    :raises NotAllowed: if `by` does not prepare runs.
    :raises WrongState: if sending has begun.
    """
    run: PayRun = PayRun.objects.locked().get(public_id=run_id)
    policies.require(policies.can_prepare(by), _("Only the finance staff who prepare runs may cancel one."))
    require_move(RUN_MOVES, current=run.state, target=RunState.CANCELLED, what="pay run")
    if Attempt.objects.filter(item__run=run).exists():
        raise WrongState(_("An item of this run has been sent to Stripe, so it cannot be cancelled any more."))
    set_aside = list(run.items.filter(state=ItemState.QUEUED).select_related("payee").order_by("pk"))
    before = run.state
    require_move(ITEM_MOVES, current=ItemState.QUEUED, target=ItemState.READY, what="pay item")
    run.items.filter(state=ItemState.QUEUED).update(state=ItemState.READY, not_before=None, source_type="")
    run.state = RunState.CANCELLED
    run.approved_by = run.approved_at = None
    run.approved_sha256 = run.approval_comment = ""
    run.save(update_fields=["state", "approved_by", "approved_at", "approved_sha256", "approval_comment"])
    record(what="payouts.cancel_run", by=by, about=run, now=now, before={"state": before}, after={"words": words})
    post_many(
        [
            Posting(
                key=f"item:{item.public_id}:cancelled:{run.edition}",
                kind=EntryKind.ITEM_RELEASED,
                moves=[
                    Move(
                        debit=AccountRef(AccountCode.PAYOUT_IN_TRANSIT, item.public_id, item.currency),
                        credit=AccountRef(AccountCode.EXPERT_PAYABLE, item.payee.public_id, item.currency),
                        amount_minor=item.net_minor,
                    )
                ],
                effective_on=now.date(),
            )
            for item in set_aside
        ],
        by=by,
        now=now,
    )
    return run
