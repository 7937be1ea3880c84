"""
Everything we ask of Stripe, as plain functions over plain values. No other room imports stripe.

Each function may raise StripeUnavailable, StripeBusy, StripeMisconfigured, StripeRejected; those with an
idempotency key also IdempotencyMismatch (payments.gateway.errors). Writes are sent once; reads are tried three times.
Sources: docs.stripe.com/api, version 2026-10-28.endive; the facts that shaped this are in reference 0 and C.7.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from marketplace.kernel.ids import new_public_id
from payments.gateway.connection import READ_RETRIES, our_errors, stripe_client
from payments.gateway.shapes import (
    AccountLink,
    Balance,
    BalanceTransaction,
    BankAccount,
    BankPayout,
    CheckoutSession,
    RecipientAccount,
    RemoteEvent,
    Reversal,
    Transfer,
)

PAGE: Final = 100
READ: Final[Any] = {"max_network_retries": READ_RETRIES}
PAYMENT_DETAILS: Final = ["payment_intent.latest_charge.balance_transaction"]
ACCOUNT_DETAILS: Final[Any] = ["configuration.recipient", "identity", "requirements"]
BANK_DEBIT_CURRENCIES: Final = frozenset({"USD"})


# -- deposits ----------------------------------------------------------------------------------------------------
def create_checkout_session(
    *,
    deposit_public_id: UUID | str,
    amount_minor: int,
    currency: str,
    lab_name: str,
    success_url: str,
    cancel_url: str,
    customer_email: str,
    idempotency_key: str,
) -> CheckoutSession:
    """
    Open Stripe's payment page for a deposit; send the person to `url`.

    The deposit's id travels as client_reference_id and as metadata of session and payment, so that each of them
    leads back to us. `success_url` may hold {CHECKOUT_SESSION_ID}.

    :param amount_minor: 50 to 99,999,999 minor units.
    """
    deposit = str(deposit_public_id)
    methods = ["card", "us_bank_account"] if currency in BANK_DEBIT_CURRENCIES else ["card"]
    line: Any = {
        "quantity": 1,
        "price_data": {
            "currency": currency.lower(),
            "unit_amount": amount_minor,
            "product_data": {
                "name": _("Project funds"),
                "description": _("Preceptor project funds of {lab}").format(lab=lab_name),
            },
        },
    }
    metadata = {"deposit": deposit}
    with our_errors():
        session = stripe_client().v1.checkout.sessions.create(
            {
                "mode": "payment",
                "line_items": [line],
                # payment_method_types cannot be written any more (reference 0.1).
                "allowed_payment_method_types": methods,
                "client_reference_id": deposit,
                "customer_email": customer_email,
                "metadata": metadata,
                "payment_intent_data": {"metadata": metadata, "transfer_group": f"deposit_{deposit}"},
                "success_url": success_url,
                "cancel_url": cancel_url,
            },
            {"idempotency_key": idempotency_key},
        )
        return CheckoutSession.read(session.to_dict())


def retrieve_checkout_session(session_id: str) -> CheckoutSession:
    """Fetch a session with its payment, charge, fee and balance transaction."""
    with our_errors():
        session = stripe_client().v1.checkout.sessions.retrieve(session_id, {"expand": PAYMENT_DETAILS}, READ)
        return CheckoutSession.read(session.to_dict())


def expire_checkout_session(session_id: str, *, idempotency_key: str) -> CheckoutSession:
    """Close an open payment page, so that nobody can pay a deposit that was withdrawn."""
    with our_errors():
        session = stripe_client().v1.checkout.sessions.expire(session_id, {}, {"idempotency_key": idempotency_key})
        return CheckoutSession.read(session.to_dict())


# -- experts' accounts -------------------------------------------------------------------------------------------
def create_recipient_account(*, email: str, country: str, display_name: str, idempotency_key: str) -> RecipientAccount:
    """
    Create the Stripe account that an expert is paid through; bank details are given on Stripe's own page.

    A v2 recipient with the express dashboard; the platform collects fees and carries losses, as separate charges
    and transfers need it (reference 0.2).

    :param country: two letters, of the person's residence; it cannot be changed later.
    """
    with our_errors():
        account = stripe_client().v2.core.accounts.create(
            {
                "contact_email": email,
                "display_name": display_name,
                "dashboard": "express",
                "identity": {"country": country.lower(), "entity_type": "individual"},
                "configuration": {
                    "recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}
                },
                "defaults": {"responsibilities": {"fees_collector": "application", "losses_collector": "application"}},
                "include": ACCOUNT_DETAILS,
            },
            {"idempotency_key": idempotency_key},
        )
        return RecipientAccount.read(account.to_dict())


def retrieve_account(account_id: str) -> RecipientAccount:
    """Fetch an account with its capability and what Stripe still asks for."""
    with our_errors():
        account = stripe_client().v2.core.accounts.retrieve(account_id, {"include": ACCOUNT_DETAILS}, READ)
        return RecipientAccount.read(account.to_dict())


def create_account_link(account_id: str, *, refresh_url: str, return_url: str) -> AccountLink:
    """
    Make a link to Stripe's onboarding page. Coming back does not mean done: retrieve the account.

    :param refresh_url: where Stripe sends a person whose link is used or too old; it should make a new one.
    """
    flow = {"refresh_url": refresh_url, "return_url": return_url}
    with our_errors():
        link = stripe_client().v2.core.account_links.create(
            {"account": account_id, "use_case": {"type": "account_onboarding", "account_onboarding": flow}},  # type: ignore[typeddict-item]
            # Each link is a new one on purpose: it works once.
            {"idempotency_key": f"account-link-{new_public_id()}"},
        )
        return AccountLink.read(link.to_dict(for_json=True))


def retrieve_bank_account(account_id: str) -> BankAccount | None:
    """Fetch what may be shown of the bank account that Stripe pays out to, or None when there is none yet."""
    with our_errors():
        banks = stripe_client().v1.accounts.external_accounts.list(
            account_id, {"object": "bank_account", "limit": 1}, READ
        )
        found = [BankAccount.read(bank.to_dict()) for bank in banks.data]
    return found[0] if found else None


def list_bank_payouts(account_id: str) -> list[BankPayout]:
    """Fetch Stripe's payouts from an expert's account to their bank, newest first, at most a hundred."""
    with our_errors():
        payouts = stripe_client().v1.payouts.list({"limit": PAGE}, READ | {"stripe_account": account_id})
        return [BankPayout.read(payout.to_dict(), account_id=account_id) for payout in payouts.data]


# -- transfers ---------------------------------------------------------------------------------------------------
def create_transfer(
    *,
    amount_minor: int,
    currency: str,
    destination: str,
    transfer_group: str,
    metadata: Mapping[str, str],
    idempotency_key: str,
    source_type: str | None = None,
) -> Transfer:
    """
    Send money to an expert's account. Commit the key and the attempt before the call (reference C.3, rule 2).

    :param source_type: "card" or "bank_account": which part of our balance to draw on; Stripe takes card when None.
    """
    params: Any = {
        "amount": amount_minor,
        "currency": currency.lower(),
        "destination": destination,
        "transfer_group": transfer_group,
        "metadata": dict(metadata),
    }
    if source_type is not None:
        params["source_type"] = source_type
    with our_errors():
        transfer = stripe_client().v1.transfers.create(params, {"idempotency_key": idempotency_key})
        return Transfer.read(transfer.to_dict())


def retrieve_transfer(transfer_id: str) -> Transfer:
    """Fetch one transfer."""
    with our_errors():
        return Transfer.read(stripe_client().v1.transfers.retrieve(transfer_id, {}, READ).to_dict())


def list_transfers(transfer_group: str) -> list[Transfer]:
    """Fetch every transfer of a group, newest first: the look-up that settles unknown outcomes (reference C.3, rule 6)."""
    with our_errors():
        first = stripe_client().v1.transfers.list({"transfer_group": transfer_group, "limit": PAGE}, READ)
        return [Transfer.read(transfer.to_dict()) for transfer in first.auto_paging_iter()]


def reverse_transfer(transfer_id: str, *, amount_minor: int, idempotency_key: str) -> Reversal:
    """Take a transfer back, in whole or in part; the expert's Stripe balance must still hold the money."""
    with our_errors():
        reversal = stripe_client().v1.transfers.reversals.create(
            transfer_id, {"amount": amount_minor}, {"idempotency_key": idempotency_key}
        )
        return Reversal.read(reversal.to_dict())


def list_reversals(transfer_id: str) -> list[Reversal]:
    """Fetch everything that was taken back of a transfer, newest first."""
    with our_errors():
        first = stripe_client().v1.transfers.reversals.list(transfer_id, {"limit": PAGE}, READ)
        return [Reversal.read(reversal.to_dict()) for reversal in first.auto_paging_iter()]


# -- reconciliation ----------------------------------------------------------------------------------------------
def retrieve_balance() -> Balance:
    """Fetch our balance by currency and source type."""
    with our_errors():
        return Balance.read(stripe_client().v1.balance.retrieve({}, READ).to_dict())


def retrieve_balance_transaction(transaction_id: str) -> BalanceTransaction:
    """Fetch one movement of our balance with what caused it."""
    with our_errors():
        transaction = stripe_client().v1.balance_transactions.retrieve(transaction_id, {"expand": ["source"]}, READ)
        return BalanceTransaction.read(transaction.to_dict())


def list_balance_transactions(
    *, created_gte: datetime, created_lt: datetime | None = None
) -> Iterator[BalanceTransaction]:
    """Fetch every movement of our balance in a window of time, newest first, page by page."""
    window: Any = {"gte": int(created_gte.timestamp())}
    if created_lt is not None:
        window["lt"] = int(created_lt.timestamp())
    with our_errors():
        first = stripe_client().v1.balance_transactions.list({"created": window, "limit": PAGE}, READ)
        for transaction in first.auto_paging_iter():
            yield BalanceTransaction.read(transaction.to_dict())


# -- events ------------------------------------------------------------------------------------------------------
def retrieve_event(event_id: str) -> RemoteEvent:
    """Fetch one v1 event; Stripe keeps them for 30 days."""
    with our_errors():
        return RemoteEvent.read(stripe_client().v1.events.retrieve(event_id, {}, READ).to_dict(for_json=True))


def list_undelivered_events(*, created_gte: datetime) -> Iterator[RemoteEvent]:
    """
    Fetch what Stripe could not deliver, and all thin events, since a time; newest first of each kind.

    Thin events cannot be listed by delivery, and they are few. Events of connected accounts are not among these:
    nothing depends on them alone, reconciliation asks the accounts themselves.
    """
    with our_errors():
        since: Any = {"gte": int(created_gte.timestamp())}
        snapshots = stripe_client().v1.events.list({"created": since, "delivery_success": False, "limit": PAGE}, READ)
        for event in snapshots.auto_paging_iter():
            yield RemoteEvent.read(event.to_dict(for_json=True))
        after: Any = {"gte": created_gte.isoformat()}
        thin = stripe_client().v2.core.events.list({"created": after, "limit": PAGE}, READ)
        for notification in thin.auto_paging_iter():
            yield RemoteEvent.read(notification.to_dict(for_json=True))
