"""What Stripe took back of a transfer is owed again (reference B.3): 1010 to 2200, under the key of its own movement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.enums import FINANCE_ROLES
from marketplace.accounts.models import User
from marketplace.accounts.queries import staff_with_role
from marketplace.audit.actions import record
from marketplace.kernel.money import format_money
from marketplace.notices.actions import notify
from payments.gateway import client
from payments.gateway.shapes import Reversal, Transfer
from payments.ledger.actions import AccountRef, Move, Posting, post_many
from payments.ledger.enums import AccountCode, EntryKind
from payments.ledger.models import Entry
from payments.payouts import queries
from payments.payouts.actions.ringing import SYSTEM


def credit_reversals(*, transfer_id: str, now: datetime) -> int:
    """
    Owe the payee again what was taken back of a transfer; return how many reversals were new. Twice is once.

    A transfer that is not in our books is left alone: two people of finance enter it first.

    :raises StripeUnavailable: if Stripe does not answer; then nothing has changed.
    """
    transfer = client.retrieve_transfer(transfer_id)
    if not transfer.amount_reversed_minor or queries.payee_of_transfer(transfer.id) is None:
        return 0
    return _credit(transfer, client.list_reversals(transfer_id), now=now)


@transaction.atomic(durable=True)
def _credit(transfer: Transfer, reversals: Sequence[Reversal], *, now: datetime) -> int:
    payee = queries.payee_of_transfer(transfer.id)
    assert payee is not None  # noqa: S101 -- whoever has paid for a transfer stays the one who has
    # Two deliveries of one event come one after the other, and the second finds nothing new to tell.
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=payee.pk)
    keys = [f"bt:{one.balance_transaction_id}" for one in reversals]
    standing = set(Entry.objects.filter(key__in=keys).values_list("key", flat=True))
    fresh = [one for one in reversals if f"bt:{one.balance_transaction_id}" not in standing]
    if not fresh:
        return 0
    minor = sum(one.amount_minor for one in fresh)
    item = queries.item_of_transfer(transfer.id)
    facts = {"transfer": transfer.id, "net_minor": minor, "item": str(item.public_id) if item else ""}
    record(what="payouts.credit_reversal", by=SYSTEM, about=item.run if item else payee, now=now, after=facts)
    _tell(payee, format_money(minor, transfer.currency), now=now)
    post_many([_posting(one, payee) for one in fresh], by=SYSTEM, now=now)
    return len(fresh)


def _posting(reversal: Reversal, payee: User) -> Posting:
    return Posting(
        key=f"bt:{reversal.balance_transaction_id}",
        kind=EntryKind.TRANSFER_REVERSED,
        moves=[reversed_move(payee, reversal.amount_minor, reversal.currency)],
        effective_on=reversal.created_at.date(),
    )


def reversed_move(payee: User, amount_minor: int, currency: str) -> Move:
    """From Stripe's side back to what we owe a person."""
    return Move(
        debit=AccountRef(AccountCode.STRIPE_CLEARING, currency=currency),
        credit=AccountRef(AccountCode.EXPERT_PAYABLE, payee.public_id, currency),
        amount_minor=amount_minor,
    )


def _tell(payee: User, amount: str, *, now: datetime) -> None:
    notify(
        user=payee,
        kind="payouts",
        title=_("%(amount)s was taken back from your payout account") % {"amount": amount},
        body=_("It counts as not paid again. If you do not know why, answer this message before the next pay day."),
        path="/me/earnings/",
        now=now,
    )
    for colleague in staff_with_role(*FINANCE_ROLES):
        notify(
            user=colleague,
            kind="pay_runs",
            title=_("A transfer to %(person)s was taken back") % {"person": payee},
            body=_("%(amount)s is owed again, and the next run pays it. If it should not, place a hold.")
            % {"amount": amount},
            path="/finance/holds/",
            now=now,
        )
