"""
Our books beside Stripe's (reference C.5): transfers of the group and items sent, one to one; every movement of the
Stripe balance and its entry, joined by the key `bt:{transaction}`; account 1010 and Stripe's balance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, Q, Sum, When
from django.utils.translation import gettext as _

from marketplace.accounts.enums import FINANCE_ROLES
from marketplace.accounts.models import User
from marketplace.accounts.queries import staff_with_role
from marketplace.audit.actions import record
from marketplace.kernel.money import format_money
from marketplace.kernel.states import require_move
from marketplace.notices.actions import notify
from payments.gateway import client
from payments.gateway.shapes import Balance, BalanceTransaction, Transfer
from payments.ledger import queries as ledger
from payments.ledger.enums import AccountCode
from payments.ledger.models import Entry
from payments.ledger.models import Transfer as LedgerTransfer
from payments.payouts import policies
from payments.payouts.actions.recording import fits
from payments.payouts.actions.reversals import credit_reversals
from payments.payouts.actions.ringing import SYSTEM, ring_job
from payments.payouts.enums import (
    DAILY,
    ON_ITS_WAY,
    RECONCILE_OVERLAP,
    RUN_MOVES,
    ItemState,
    PayoutJobKind,
    RunState,
)
from payments.payouts.models import PayRun, Reconciliation

LOOK_BACK = timedelta(days=3)
PREFIX = "bt:"
MOST_WORDS = 50


@dataclass(frozen=True, slots=True)
class AtStripe:
    """What Stripe told, fetched with no transaction open."""

    transfers: Sequence[Transfer]  # of the run's group; empty for the daily comparison
    movements: Sequence[BalanceTransaction]
    balance: Balance


def reconcile_run(*, run_id: UUID | str, now: datetime) -> Reconciliation:
    """
    Compare a run with Stripe; without a difference a settled run becomes reconciled. What was taken back of its
    transfers is credited to the payees first, in case its webhook was lost.

    :raises StripeUnavailable: if Stripe does not answer; then nothing has changed.
    """
    run: PayRun = PayRun.objects.get(public_id=run_id)
    since = run.executing_at or run.created_at
    transfers = client.list_transfers(run.transfer_group)
    for one in transfers:
        if one.amount_reversed_minor:
            credit_reversals(transfer_id=one.id, now=now)
    at_stripe = AtStripe(
        transfers=transfers,
        movements=list(client.list_balance_transactions(created_gte=since - RECONCILE_OVERLAP)),
        balance=client.retrieve_balance(),
    )
    return _write(run.currency, at_stripe, since=since, run_pk=run.pk, now=now)


def reconcile_all(*, now: datetime) -> list[Reconciliation]:
    """Compare the last days in every currency; the daily sweep."""
    since = now - LOOK_BACK
    movements = list(client.list_balance_transactions(created_gte=since - RECONCILE_OVERLAP))
    at_stripe = AtStripe(transfers=(), movements=movements, balance=client.retrieve_balance())
    return [_write(currency, at_stripe, since=since, run_pk=None, now=now) for currency in ledger.currencies()]


@transaction.atomic(durable=True)
def _write(currency: str, at_stripe: AtStripe, *, since: datetime, run_pk: int | None, now: datetime) -> Reconciliation:
    run: PayRun | None = PayRun.objects.locked().get(pk=run_pk) if run_pk else None
    differences = list(_of_group(run, at_stripe.transfers)) if run else []
    explained, others = _of_movements(currency, at_stripe, since=since, now=now)
    differences += others
    clearing = ledger.balance_minor(AccountCode.STRIPE_CLEARING, currency=currency)
    there = at_stripe.balance.total(currency)
    gap = there - clearing - explained
    if gap:
        words = _("Stripe's balance is %(there)s and account 1010 says %(ours)s: %(gap)s is not explained.")
        differences.append(words % {"there": format_money(there, currency), "ours": format_money(clearing, currency),
                                    "gap": format_money(gap, currency)})  # fmt: skip
    sent = run.items.filter(state=ItemState.SENT) if run else None
    row: Reconciliation = Reconciliation.objects.create(
        run=run,
        currency=currency,
        at=now,
        transfers_at_stripe=len(at_stripe.transfers),
        total_at_stripe_minor=sum(one.amount_minor - one.amount_reversed_minor for one in at_stripe.transfers),
        items_sent=sent.count() if sent is not None else 0,
        total_sent_minor=int(sent.aggregate(minor=Sum("net_minor", default=0))["minor"]) if sent is not None else 0,
        clearing_minor=clearing,
        stripe_balance_minor=there,
        differences=differences[:MOST_WORDS],
    )
    if run is not None:
        _conclude(run, row, now=now)
    elif differences:
        _tell_finance(row, path="/finance/", now=now)
    return row


def _conclude(run: PayRun, row: Reconciliation, *, now: datetime) -> None:
    record(what="payouts.reconcile_run", by=SYSTEM, about=run, now=now, after={"differences": row.differences})
    if row.differences:
        _tell_finance(row, path=f"/finance/runs/{run.public_id}/", now=now)
    elif run.state == RunState.SETTLED:
        require_move(RUN_MOVES, current=run.state, target=RunState.RECONCILED, what="pay run")
        run.state, run.reconciled_at = RunState.RECONCILED, now
        run.save(update_fields=["state", "reconciled_at"])


def _tell_finance(row: Reconciliation, *, path: str, now: datetime) -> None:
    for person in staff_with_role(*FINANCE_ROLES):
        notify(
            user=person,
            kind="pay_runs",
            title=_("Our books and Stripe differ in %(n)s places") % {"n": len(row.differences)},
            body="\n\n".join(row.differences[:5]),
            path=path,
            now=now,
        )


# ------------------------------------------------------------------------------------------------------- comparing


def _of_group(run: PayRun, transfers: Sequence[Transfer]) -> Iterator[str]:
    """
    Give a sentence for each item sent without its transfer, and for each transfer without its item (c).

    One that was taken back whole, or entered by two people, needs no item; its movements are compared like all others.
    """
    ours = set(run.items.filter(state=ItemState.SENT).values_list("stripe_transfer_id", flat=True))
    keys = [PREFIX + one.balance_transaction_id for one in transfers if one.id not in ours]
    entered = set(Entry.objects.filter(key__in=keys).values_list("key", flat=True))
    by_item: dict[str, list[Transfer]] = defaultdict(list)
    for one in transfers:
        is_whole = one.amount_reversed_minor < one.amount_minor
        if one.id in ours or (is_whole and PREFIX + one.balance_transaction_id not in entered):
            by_item[one.metadata.get("item", "")].append(one)
    for item in run.items.filter(state=ItemState.SENT).order_by("pk").iterator(chunk_size=2000):
        found = by_item.pop(str(item.public_id), [])
        ids = [one.id for one in found]
        if ids != [item.stripe_transfer_id]:
            yield _("Item %(item)s was sent as %(ours)s, Stripe has: %(theirs)s.") % {
                "item": item.public_id, "ours": item.stripe_transfer_id, "theirs": ", ".join(ids) or _("nothing"),
            }  # fmt: skip
        elif not fits(item, found[0]):
            yield _("Transfer %(id)s differs from item %(item)s in amount, currency or destination.") % {
                "id": found[0].id, "item": item.public_id,
            }  # fmt: skip
    for item_id, orphans in by_item.items():
        for one in orphans:
            yield _("Transfer %(id)s over %(amount)s belongs to no item that was sent (item %(item)s).") % {
                "id": one.id, "amount": format_money(one.amount_minor, one.currency), "item": item_id or _("none"),
            }  # fmt: skip


def _of_movements(currency: str, at_stripe: AtStripe, *, since: datetime, now: datetime) -> tuple[int, list[str]]:
    """
    Join Stripe's movements with our entries (b).

    :return: by how much Stripe's balance may stand above 1010 because of what was named, and the differences.
    """
    theirs = {one.id: one for one in at_stripe.movements if one.currency == currency}
    ours = _entries({PREFIX + txn for txn in theirs}, currency, since=since)
    explained, differences = 0, []
    for txn, one in theirs.items():
        entered = ours.pop(PREFIX + txn, None)
        explained += one.net_minor - (entered or 0)
        facts = {"id": txn, "type": one.type, "amount": format_money(one.net_minor, currency)}
        if entered is None and (one.type == "transfer" or now - one.created_at >= ON_ITS_WAY):
            differences.append(_("Movement %(id)s (%(type)s, %(amount)s) is at Stripe only.") % facts)
        elif entered is not None and entered != one.net_minor:
            words = _("Movement %(id)s (%(type)s) is %(amount)s at Stripe and %(ours)s in our books.")
            differences.append(words % (facts | {"ours": format_money(entered, currency)}))
    known = {PREFIX + one.balance_transaction_id for one in at_stripe.transfers}
    for key, entered in ours.items():
        if key not in known:
            explained -= entered
            words = _("Entry %(key)s over %(amount)s is in our books only.")
            differences.append(words % {"key": key, "amount": format_money(entered, currency)})
    return explained, differences


def _entries(keys: set[str], currency: str, *, since: datetime) -> dict[str, int]:
    """
    Return what each entry did to 1010: those with these keys, and all that were posted since for movements since; one
    entered late by two people is about a movement that Stripe's list no longer reaches back to.
    """
    clearing = Q(debit__code=AccountCode.STRIPE_CLEARING) | Q(credit__code=AccountCode.STRIPE_CLEARING)
    late = Q(entry__posted_at__gte=since, entry__effective_on__gte=since.astimezone(UTC).date())
    wanted = Q(entry__key__in=keys) | Q(late, entry__key__startswith=PREFIX)
    effect = Case(When(debit__code=AccountCode.STRIPE_CLEARING, then=F("amount_minor")), default=-F("amount_minor"))
    moves = LedgerTransfer.objects.filter(clearing, wanted, currency=currency)
    return {key: int(minor) for key, minor in moves.order_by().values_list("entry__key").annotate(minor=Sum(effect))}


# ------------------------------------------------------------------------------------------------------------ sweep


@transaction.atomic(durable=True)
def ring_daily(*, now: datetime) -> int:
    """Have everything compared once a day, and settled runs again until they are reconciled; return how many rang."""
    rung = 0
    if not Reconciliation.objects.filter(run__isnull=True, at__gt=now - DAILY).exists():
        ring_job(PayoutJobKind.RECONCILE, None, now=now)
        rung += 1
    for run in PayRun.objects.filter(state=RunState.SETTLED).order_by("pk"):
        if not run.reconciliations.filter(at__gt=now - DAILY).exists():
            ring_job(PayoutJobKind.RECONCILE, run, now=now)
            rung += 1
    return rung


@transaction.atomic(durable=True)
def ask_to_reconcile(*, run_id: UUID | str, by: User, now: datetime) -> None:
    """
    Have a settled run compared now, because somebody has explained or repaired a difference.

    :raises NotAllowed: if `by` is not finance staff.
    :raises WrongState: if the run is not settled.
    """
    run: PayRun = PayRun.objects.locked().get(public_id=run_id)
    policies.require(policies.can_send(by), _("Only finance staff may have a run compared with Stripe."))
    require_move(RUN_MOVES, current=run.state, target=RunState.RECONCILED, what="pay run")
    record(what="payouts.ask_to_reconcile", by=by, about=run, now=now)
    ring_job(PayoutJobKind.RECONCILE, run, now=now)
