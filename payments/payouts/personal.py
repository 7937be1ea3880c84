"""What payouts hold of a person: where they are paid, and what they were paid. Booking and tax law keep the second."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.conf import settings
from django.db.models import Max

from marketplace.accounts.models import User
from marketplace.kernel.money import format_money
from marketplace.kernel.personal import Blank, Keep, Obstacle, Person, Personal, Room
from payments.gateway.actions import forget_payloads
from payments.ledger.enums import AccountCode
from payments.ledger.models import LedgerAccount
from payments.payouts.enums import OPEN_ITEM_STATES
from payments.payouts.models import PayItem, PayoutAccount

BOOKED = "Pay runs are booking records: two people approved them as they stand. They name the pseudonym."
ACCOUNT = "Who was paid must be found again at Stripe, which holds the identity, for corrections and tax forms."


def money_first(user: User) -> Iterator[Obstacle]:
    """Whoever is owed money, or owes it, or is being paid, waits until that is settled."""
    rows = LedgerAccount.objects.filter(code=AccountCode.EXPERT_PAYABLE, owner_kind="user", owner_ref=user.public_id)
    for currency, balance in rows.order_by("currency").values_list("currency", "balance_minor"):
        minor = balance or 0
        if minor == 0:
            continue
        amount = format_money(abs(minor), currency)
        if minor > 0:
            yield Obstacle(f"We owe you {amount}. It must be paid out first; write to us if it is less than a payout.",
                           "/me/earnings/")  # fmt: skip
        else:
            yield Obstacle(f"{amount} were paid to you too much. Write to us to settle it.", "/me/earnings/")
    if PayItem.objects.filter(payee=user, state__in=OPEN_ITEM_STATES).exists():
        yield Obstacle("A payout to you is on its way. Wait until it has arrived.", "/me/earnings/")


def until_the_statutory_year(user: User) -> date | None:
    """Return the last day on which tax and booking law want to know who was paid; None for whoever never was."""
    last = PayItem.objects.filter(payee=user).aggregate(last=Max("run__period"))["last"]
    return date(last.year + settings.RETENTION_YEARS, 12, 31) if last else None


def forget_at_the_gateway(person: Person) -> None:
    """Empty the copies of Stripe's events that tell of the person."""
    known = PayoutAccount.objects.filter(user=person.user).values_list("stripe_account_id", flat=True)
    forget_payloads(accounts=[account for account in known if account], addresses=person.names)


ROOM = Room(
    name="payouts",
    label="Payouts",
    obstacles=money_first,
    also=forget_at_the_gateway,
    keep_until=until_the_statutory_year,
    acts=("payouts.PayRun", "payouts.Correction"),
    tables=(
        Personal("payouts.PayoutAccount",
                 Blank({"destination_label": "", "currently_due": [], "destination_hash": ""}, why=ACCOUNT), person="user",
                 title="Payout account", columns=("country", "state", "destination_label", "created_at")),
        Personal("payouts.PayItem", Keep(BOOKED), person="payee", title="Payouts",
                 columns=("run__period", "state", "gross_minor", "withheld_minor", "net_minor", "currency",
                          "destination_label", "sent_at")),
        Personal("payouts.Hold", Blank({"words": "Erased"}, why=BOOKED), person="payee", title="Times in which payouts waited",
                 columns=("placed_at", "expires_at", "released_at")),
    ),
)  # fmt: skip
