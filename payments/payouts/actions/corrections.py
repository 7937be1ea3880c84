"""
Movements at Stripe that our books do not know, entered by two people: a transfer that nobody here ordered, or one that
was taken back. Until they are entered, no pay run is drafted (reference C.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.enums import StaffRoleKind
from marketplace.accounts.models import User
from marketplace.accounts.queries import staff_with_role
from marketplace.audit.actions import record
from marketplace.kernel.errors import Conflict, Invalid
from marketplace.kernel.money import format_money
from marketplace.kernel.states import require_move
from marketplace.notices.actions import notify
from payments.gateway import client
from payments.gateway.errors import StripeRejected
from payments.gateway.shapes import BalanceTransaction, Transfer
from payments.ledger.actions import AccountRef, Move, post
from payments.ledger.enums import AccountCode, EntryKind
from payments.ledger.models import Entry
from payments.payouts import policies, queries
from payments.payouts.actions.holds import LEAST_WORDS
from payments.payouts.actions.recording import fits
from payments.payouts.actions.reversals import credit_reversals, reversed_move
from payments.payouts.enums import CORRECTION_MOVES, CorrectionKind, CorrectionState, ItemState, RunState
from payments.payouts.models import Correction, PayItem, PayoutAccount

KINDS: Final = {"transfer": CorrectionKind.TRANSFER, "transfer_refund": CorrectionKind.REVERSAL}
"""Stripe's types of movements that may be entered by hand. Deposits and their fees have a way of their own."""
WILL_BE_ADOPTED: Final = (ItemState.READY, ItemState.QUEUED, ItemState.SENDING, ItemState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Found:
    """What Stripe tells of a movement, fetched with no transaction open."""

    kind: CorrectionKind
    movement: BalanceTransaction
    transfer: Transfer


def ask_for_correction(*, movement_id: str, payee: User | None, reason: str, by: User, now: datetime) -> Correction:
    """
    Ask for a movement to be entered: a transfer from its payee's payable, or what was taken back to it again.

    :param movement_id: Stripe's id of the balance transaction, "txn_...".
    :param payee: whose money it was, where the transfer went to an account that is nobody's here; else None.
    :raises NotAllowed: if `by` does not prepare runs.
    :raises Invalid: if there is no such movement, it is no transfer, nobody is its payee, or the reason is too short.
    :raises Conflict: if the movement is in our books, is asked for already, or a run will take it up.
    :raises StripeUnavailable: if Stripe does not answer.
    """
    policies.require(policies.can_prepare(by), _("Only the finance staff who prepare runs may ask for a correction."))
    if len(reason.strip()) < LEAST_WORDS:
        raise Invalid(_("Say why in at least %(n)s characters.") % {"n": LEAST_WORDS}, field="reason")
    return _ask(_look(movement_id.strip()), payee=payee, reason=reason.strip(), by=by, now=now)


def _look(movement_id: str) -> Found:
    try:
        movement = client.retrieve_balance_transaction(movement_id)
    except StripeRejected as refusal:
        if refusal.stripe_status != 404:
            raise
        raise Invalid(_("Stripe has no movement with this id."), field="movement") from refusal
    if movement.type not in KINDS or not movement.transfer_id:
        raise Invalid(_("Only transfers and what was taken back of them are entered by hand."), field="movement")
    return Found(KINDS[movement.type], movement, client.retrieve_transfer(movement.transfer_id))


@transaction.atomic(durable=True)
def _ask(found: Found, *, payee: User | None, reason: str, by: User, now: datetime) -> Correction:
    movement = found.movement
    _require_unknown(found)
    if Correction.objects.exclude(state=CorrectionState.DECLINED).filter(balance_transaction=movement.id).exists():
        raise Conflict(_("Somebody has asked for this movement already."))
    correction: Correction = Correction.objects.create(
        kind=found.kind,
        balance_transaction=movement.id,
        stripe_transfer_id=found.transfer.id,
        payee=_payee(found, named=payee),
        amount_minor=abs(movement.net_minor),
        currency=movement.currency,
        moved_at=movement.created_at,
        reason=reason[:300],
        asked_at=now,
        asked_by=by,
    )
    record(what="payouts.ask_for_correction", by=by, about=correction, now=now, after=_facts(correction))
    for colleague in staff_with_role(StaffRoleKind.FINANCE_APPROVER):
        if policies.can_post_correction(colleague, correction):
            notify(
                user=colleague,
                kind="pay_runs",
                title=_("A correction waits for a second person"),
                body=_("%(kind)s over %(amount)s, %(person)s. %(reason)s")
                % {
                    "kind": correction.get_kind_display(),
                    "amount": format_money(correction.amount_minor, correction.currency),
                    "person": correction.payee,
                    "reason": correction.reason,
                },
                path="/finance/corrections/",
                now=now,
            )
    return correction


def _require_unknown(found: Found) -> None:
    """
    Make sure that nothing else enters this movement, or has. Needs an open transaction.

    :raises Conflict: if it is in our books, a run will take it up, or the transfer itself has to be entered first.
    """
    if Entry.objects.filter(key=f"bt:{found.movement.id}").exists():
        raise Conflict(_("This movement is in our books already."))
    if found.kind == CorrectionKind.REVERSAL:
        if queries.payee_of_transfer(found.transfer.id) is None:
            raise Conflict(
                _("Enter the transfer %(id)s itself first. What was taken back of it then follows by itself.")
                % {"id": found.transfer.id}
            )
        return
    item = _item_of(found.transfer)
    if item is not None and item.state in WILL_BE_ADOPTED and fits(item, found.transfer):
        raise Conflict(
            _("Pay run %(run)s has ordered this transfer. It is found by the look-up before sending.")
            % {"run": item.run}
        )


def _item_of(transfer: Transfer) -> PayItem | None:
    """Return the item that a transfer names, locked: a look-up decides about it under the same lock."""
    try:
        named = UUID(transfer.metadata.get("item", ""))
    except ValueError:
        return None
    items = PayItem.objects.with_people().locked().exclude(run__state=RunState.CANCELLED)
    item: PayItem | None = items.filter(public_id=named).first()
    return item


def _payee(found: Found, *, named: User | None) -> User:
    """
    Return whose money it was: who paid for the transfer, who owns its account, or whom finance has named.

    :raises Invalid: if that is nobody, or somebody else than was named.
    """
    if found.kind == CorrectionKind.REVERSAL:
        known = queries.payee_of_transfer(found.transfer.id)
    else:
        account = PayoutAccount.objects.filter(stripe_account_id=found.transfer.destination).select_related("user")
        known = next((one.user for one in account), None)
    if known is None and named is None:
        raise Invalid(
            _("The money went to an account of nobody here. Name the person it was meant for."), field="email"
        )
    if known is not None and named is not None and known != named:
        raise Invalid(_("This account belongs to %(person)s.") % {"person": known}, field="email")
    payee = known or named
    assert payee is not None  # noqa: S101 -- refused above
    return payee


def post_correction(*, correction_id: UUID | str, by: User, now: datetime) -> Correction:
    """
    Enter the movement as the second person. What was taken back of an entered transfer follows at once.

    :raises NotAllowed: if `by` does not approve, or has asked for it.
    :raises WrongState: if it was decided already.
    :raises Conflict: if the movement came into our books in another way meanwhile.
    :raises StripeUnavailable: if Stripe does not answer.
    """
    correction: Correction = Correction.objects.get(public_id=correction_id)
    _require_second(by, correction)
    found = _look(correction.balance_transaction)
    correction = _post(correction.pk, found=found, by=by, now=now)
    if correction.kind == CorrectionKind.TRANSFER and found.transfer.amount_reversed_minor:
        credit_reversals(transfer_id=found.transfer.id, now=now)
    return correction


def _require_second(by: User, correction: Correction) -> None:
    policies.require(
        policies.can_post_correction(by, correction),
        _("A correction is entered by somebody who approves runs and has not asked for it."),
    )


@transaction.atomic(durable=True)
def _post(correction_pk: int, *, found: Found, by: User, now: datetime) -> Correction:
    correction: Correction = Correction.objects.with_people().locked().get(pk=correction_pk)
    _require_second(by, correction)
    _decide(correction, CorrectionState.POSTED, by=by, now=now)
    _require_unknown(found)
    record(what="payouts.post_correction", by=by, about=correction, now=now, after=_facts(correction))
    taken_back = reversed_move(correction.payee, correction.amount_minor, correction.currency)
    is_transfer = correction.kind == CorrectionKind.TRANSFER
    post(
        key=f"bt:{correction.balance_transaction}",
        kind=EntryKind.TRANSFER if is_transfer else EntryKind.TRANSFER_REVERSED,
        moves=[_made_move(correction) if is_transfer else taken_back],
        effective_on=correction.moved_at.date(),
        memo=correction.reason[:200],
        by=by,
        now=now,
    )
    return correction


def _made_move(correction: Correction) -> Move:
    """From what we owe a person out through Stripe. Their payable may fall below zero: later runs make up for it."""
    return Move(
        debit=AccountRef(AccountCode.EXPERT_PAYABLE, correction.payee.public_id, correction.currency),
        credit=AccountRef(AccountCode.STRIPE_CLEARING, currency=correction.currency),
        amount_minor=correction.amount_minor,
    )


@transaction.atomic(durable=True)
def decline_correction(*, correction_id: UUID | str, by: User, now: datetime) -> Correction:
    """
    Leave a movement out of our books for now; it may be asked for again.

    :raises NotAllowed: if `by` is not finance staff.
    :raises WrongState: if it was decided already.
    """
    correction: Correction = Correction.objects.locked().get(public_id=correction_id)
    policies.require(policies.can_send(by), _("Only finance staff may decline a correction."))
    _decide(correction, CorrectionState.DECLINED, by=by, now=now)
    record(what="payouts.decline_correction", by=by, about=correction, now=now, after=_facts(correction))
    return correction


def _decide(correction: Correction, target: CorrectionState, *, by: User, now: datetime) -> None:
    require_move(CORRECTION_MOVES, current=correction.state, target=target, what="correction")
    correction.state, correction.decided_by, correction.decided_at = target, by, now
    correction.save(update_fields=["state", "decided_by", "decided_at"])


def _facts(correction: Correction) -> dict[str, object]:
    return {
        "movement": correction.balance_transaction,
        "transfer": correction.stripe_transfer_id,
        "payee": str(correction.payee.public_id),
        "amount_minor": correction.amount_minor,
        "reason": correction.reason,
    }
