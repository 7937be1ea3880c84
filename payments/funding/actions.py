"""
Deposits: what a lab pays in through Checkout.

The row stands before the payment page is opened, and the money counts only when Stripe says that it is paid. Nothing
depends on a webhook: open deposits are fetched again by a sweep.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel import events
from marketplace.kernel.actors import System
from marketplace.kernel.errors import Invalid
from marketplace.kernel.money import EXPONENTS, format_money
from marketplace.kernel.states import require_move
from marketplace.notices.actions import notify
from payments.funding import signals, tasks
from payments.funding.enums import DEPOSIT_MAX_MINOR, DEPOSIT_MIN_MINOR, DEPOSIT_MOVES, SESSION_LIFETIME, DepositState
from payments.funding.errors import PaymentDiffers, PaymentNotBooked
from payments.funding.models import Deposit, FundingEvent
from payments.gateway import client
from payments.gateway.errors import StripeRejected
from payments.gateway.shapes import BalanceTransaction, CheckoutSession
from payments.ledger.actions import AccountRef, Move, post
from payments.ledger.enums import AccountCode, EntryKind

STRIPE: Final = System("stripe")
SIGNALS: Final = {"deposit_settled": signals.deposit_settled}


# -------------------------------------------------------------------------------------------------------------- start


def start_deposit(
    *,
    lab_ref: UUID,
    lab_name: str,
    project_ref: UUID | None,
    amount_minor: int,
    currency: str,
    by: User,
    success_path: str,
    cancel_path: str,
    now: datetime,
) -> Deposit:
    """
    Write the deposit down, open Stripe's payment page for it, and return it with `checkout_url`.

    Two short transactions with the call between them; call it with none open. Whether `by` may spend the lab's money is
    asked by the caller, who knows labs. Nothing is credited here.

    :param amount_minor: DEPOSIT_MIN_MINOR to DEPOSIT_MAX_MINOR.
    :param success_path: where Stripe sends the person who paid; "{deposit}" in it becomes the deposit's public id.
    :raises Invalid: if the amount is out of range.
    :raises StripeRejected: if Stripe refuses to open the page; the deposit is then failed.
    :raises StripeUnavailable: if nothing is known; the deposit stays without a page, nobody can pay it, and it expires.
    """
    _require_amount(amount_minor, currency)
    deposit = _write_down(
        lab_ref=lab_ref,
        project_ref=project_ref,
        amount_minor=amount_minor,
        currency=currency,
        return_path=cancel_path,
        by=by,
        now=now,
    )
    try:
        session = client.create_checkout_session(
            deposit_public_id=deposit.public_id,
            amount_minor=amount_minor,
            currency=currency,
            lab_name=lab_name,
            success_url=_address(success_path, deposit),
            cancel_url=_address(cancel_path, deposit),
            customer_email=by.email,
            idempotency_key=f"deposit-{deposit.public_id}",
        )
    except StripeRejected as refusal:
        _give_up(deposit_id=deposit.pk, target=DepositState.FAILED, why=refusal.stripe_message, now=now)
        raise
    return _record_session(deposit_id=deposit.pk, session=session)


def _require_amount(amount_minor: int, currency: str) -> None:
    if currency not in EXPONENTS:
        raise Invalid(_("We do not take deposits in %(currency)s.") % {"currency": currency}, field="currency")
    if not DEPOSIT_MIN_MINOR <= amount_minor <= DEPOSIT_MAX_MINOR:
        sentence = _("A deposit is at least %(least)s and at most %(most)s.") % {
            "least": format_money(DEPOSIT_MIN_MINOR, currency),
            "most": format_money(DEPOSIT_MAX_MINOR, currency),
        }
        raise Invalid(sentence, field="amount")


def _address(path: str, deposit: Deposit) -> str:
    return settings.SITE_URL + path.replace("{deposit}", str(deposit.public_id))


@transaction.atomic(durable=True)
def _write_down(
    *,
    lab_ref: UUID,
    project_ref: UUID | None,
    amount_minor: int,
    currency: str,
    return_path: str,
    by: User,
    now: datetime,
) -> Deposit:
    deposit: Deposit = Deposit.objects.create(
        lab_ref=lab_ref,
        project_ref=project_ref,
        amount_minor=amount_minor,
        currency=currency,
        return_path=return_path,
        started_by=by,
        started_at=now,
    )
    after = {"amount_minor": amount_minor, "currency": currency, "lab": str(lab_ref), "project": str(project_ref or "")}
    record(what="funding.start_deposit", by=by, about=deposit, now=now, after=after)
    return deposit


@transaction.atomic(durable=True)
def _record_session(*, deposit_id: int, session: CheckoutSession) -> Deposit:
    deposit = _locked(Q(pk=deposit_id))
    deposit.stripe_session_id = session.id
    deposit.checkout_url = session.url
    deposit.save(update_fields=["stripe_session_id", "checkout_url"])
    return deposit


@transaction.atomic(durable=True)
def _give_up(*, deposit_id: int, target: DepositState, why: str, now: datetime) -> None:
    _end_without_money(_locked(Q(pk=deposit_id)), target=target, why=why, now=now)


# --------------------------------------------------------------------------------------------------------------- fold


def fold_checkout_session(*, session_id: str, now: datetime) -> Deposit | None:
    """
    Fetch a Checkout Session and bring its deposit to what Stripe says now; None if the session is not ours.

    Right when called twice, late or out of order: the session is fetched, never believed from an event, and the money
    is entered under the key of its balance transaction.

    :raises Deposit.DoesNotExist: if the session names a deposit that we do not have.
    :raises PaymentNotBooked: if it is paid and not booked yet; nothing was written.
    :raises PaymentDiffers: if another amount or currency came than the deposit says; nothing was written.
    :raises StripeUnavailable: if Stripe does not answer.
    """
    return _fold(session=client.retrieve_checkout_session(session_id), now=now)


def refetch_deposit(*, deposit_id: int, now: datetime) -> Deposit | None:
    """
    Ask Stripe about a deposit that is still open: what the sweep does for all of them.

    One whose page was never opened, or that Stripe no longer knows after a session's lifetime, expires: nobody can pay it.
    """
    deposit = Deposit.objects.open().filter(pk=deposit_id).first()
    if deposit is None:
        return None
    if deposit.stripe_session_id is None:
        _expire(deposit_id=deposit.pk, why=_("The payment page could not be opened."), now=now)
        return deposit
    try:
        return fold_checkout_session(session_id=deposit.stripe_session_id, now=now)
    except StripeRejected as refusal:
        if refusal.stripe_code != "resource_missing" or now < deposit.started_at + SESSION_LIFETIME:
            raise
        _expire(deposit_id=deposit.pk, why=_("Stripe no longer knows this payment page."), now=now)
        return deposit


@transaction.atomic(durable=True)
def _expire(*, deposit_id: int, why: str, now: datetime) -> None:
    deposit = _locked(Q(pk=deposit_id))
    if deposit.state == DepositState.STARTED:
        _end_without_money(deposit, target=DepositState.EXPIRED, why=why, now=now)


@transaction.atomic(durable=True)
def _fold(*, session: CheckoutSession, now: datetime) -> Deposit | None:
    public_id = _uuid(session.deposit_public_id)
    if public_id is None:
        return None
    deposit = _locked(Q(public_id=public_id))
    if deposit.state == DepositState.SETTLED:
        return deposit
    deposit.checked_at = now
    deposit.stripe_session_id = session.id
    deposit.save(update_fields=["checked_at", "stripe_session_id"])
    if session.is_paid:
        _settle(deposit, _booked(session, deposit), now=now)
    elif session.status == "expired" and deposit.state == DepositState.STARTED:
        _end_without_money(deposit, target=DepositState.EXPIRED, why=_("The payment page expired."), now=now)
    elif session.status == "complete":
        _fold_unpaid(deposit, session, now=now)
    return deposit


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _locked(which: Q) -> Deposit:
    deposit: Deposit = Deposit.objects.select_for_update(of=("self",), no_key=True).get(which)
    return deposit


def _booked(session: CheckoutSession, deposit: Deposit) -> BalanceTransaction:
    """Return the balance transaction of a paid session, if it is what the deposit says."""
    booked = session.payment.balance_transaction if session.payment else None
    if booked is None:
        raise PaymentNotBooked(_("Stripe has received the payment and has not booked it yet."))
    if (booked.amount_minor, booked.currency) != (deposit.amount_minor, deposit.currency):
        raise PaymentDiffers(
            f"Deposit {deposit.public_id} is over {format_money(deposit.amount_minor, deposit.currency)} and {booked.id} "
            f"brought {booked.amount_minor} {booked.currency}."
        )
    return booked


def _settle(deposit: Deposit, booked: BalanceTransaction, *, now: datetime) -> None:
    """Count the money: credit the lab, take Stripe's fee on us, tell the rooms above."""
    before = deposit.state
    require_move(DEPOSIT_MOVES, current=before, target=DepositState.SETTLED, what="deposit")
    deposit.state = DepositState.SETTLED
    deposit.balance_transaction = booked.id
    deposit.stripe_fee_minor = booked.fee_minor
    deposit.settled_at = now
    deposit.failure = ""
    deposit.save(update_fields=["state", "balance_transaction", "stripe_fee_minor", "settled_at", "failure"])
    after = {"state": deposit.state, "balance_transaction": booked.id, "fee_minor": booked.fee_minor}
    record(what="funding.settle_deposit", by=STRIPE, about=deposit, now=now, before={"state": before}, after=after)
    _tell(deposit, title=_("Your deposit of %(amount)s has arrived") % {"amount": _amount(deposit)}, now=now)
    events.announce(
        FundingEvent,
        name="deposit_settled",
        now=now,
        ring=tasks.deliver_event,
        deposit_id=str(deposit.public_id),
        lab_ref=str(deposit.lab_ref),
        project_ref=str(deposit.project_ref or ""),
        amount_minor=deposit.amount_minor,
        currency=deposit.currency,
    )
    clearing = AccountRef(AccountCode.STRIPE_CLEARING, None, deposit.currency)
    funds = AccountRef(AccountCode.LAB_FUNDS, deposit.lab_ref, deposit.currency)
    fees = AccountRef(AccountCode.STRIPE_FEES, None, deposit.currency)
    post(
        key=f"bt:{booked.id}",
        kind=EntryKind.FUNDING,
        moves=[
            Move(debit=clearing, credit=funds, amount_minor=booked.amount_minor),
            Move(debit=fees, credit=clearing, amount_minor=booked.fee_minor),
        ],
        effective_on=booked.created_at.date(),
        by=STRIPE,
        now=now,
        memo=f"Deposit {deposit.public_id}",
    )


def _fold_unpaid(deposit: Deposit, session: CheckoutSession, *, now: datetime) -> None:
    """Fold a session that a person finished and whose money is not there: a bank debit on its way, or returned."""
    status = session.payment.status if session.payment else ""
    if status == "processing" and deposit.state == DepositState.STARTED:
        _move(deposit, DepositState.PROCESSING, now=now)
    elif status in {"requires_payment_method", "canceled"} and deposit.state != DepositState.FAILED:
        why = session.payment.failure_message if session.payment else ""
        _end_without_money(deposit, target=DepositState.FAILED, why=why or _("The payment failed."), now=now)
        title = _("Your deposit of %(amount)s failed") % {"amount": _amount(deposit)}
        body = f"{deposit.failure}\n\n{_('Nothing was added to your project funds.')}"
        _tell(deposit, title=title, body=body, now=now)


def _end_without_money(deposit: Deposit, *, target: DepositState, why: str, now: datetime) -> None:
    deposit.failure = why[:300]
    deposit.save(update_fields=["failure"])
    _move(deposit, target, now=now)


def _move(deposit: Deposit, target: DepositState, *, now: datetime) -> None:
    before = deposit.state
    require_move(DEPOSIT_MOVES, current=before, target=target, what="deposit")
    deposit.state = target
    deposit.save(update_fields=["state"])
    after = {"state": target.value, "why": deposit.failure}
    record(what="funding.move_deposit", by=STRIPE, about=deposit, now=now, before={"state": before}, after=after)


def _amount(deposit: Deposit) -> str:
    return format_money(deposit.amount_minor, deposit.currency)


def _tell(deposit: Deposit, *, title: str, now: datetime, body: str = "") -> None:
    notify(
        user=deposit.started_by, kind="deposits", title=title, body=body, path=deposit.return_path, now=now,
        button=_("See the project funds"),
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------------- events


def deliver_event(*, event_id: int, now: datetime) -> bool:
    """Tell the rooms above what happened; return whether this call did it."""
    return events.deliver(FundingEvent, SIGNALS, event_id=event_id, now=now)
