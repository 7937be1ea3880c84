"""
What Stripe told us, as frozen values of our own.

No StripeObject leaves the gateway: since SDK 15 it is no dict (reference 0.3). Amounts are whole minor units;
currencies are upper case on our side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

Raw = Mapping[str, Any]


def moment(seconds: int) -> datetime:
    """Return Stripe's seconds since 1970 as a time."""
    return datetime.fromtimestamp(seconds, tz=UTC)


def id_of(value: Any) -> str:
    """Return the id of a field that holds an id or, where it was expanded, an object."""
    return str(value["id"] if isinstance(value, Mapping) else value or "")


@dataclass(frozen=True, slots=True)
class BalanceTransaction:
    """
    One movement of our Stripe balance. Ledger entries that touch Stripe clearing have the key `bt:{id}`.

    `transfer_id` is the transfer that was made or taken back by it; of a reversal it is known where the source was
    expanded.
    """

    id: str
    type: str
    amount_minor: int
    fee_minor: int
    net_minor: int
    currency: str
    source_id: str
    transfer_id: str
    status: str
    available_at: datetime
    created_at: datetime

    @classmethod
    def read(cls, raw: Raw) -> Self:
        source = raw.get("source")
        of_reversal = source.get("transfer") if isinstance(source, Mapping) else None
        return cls(
            id=raw["id"],
            type=raw["type"],
            amount_minor=raw["amount"],
            fee_minor=raw["fee"],
            net_minor=raw["net"],
            currency=raw["currency"].upper(),
            source_id=id_of(source),
            transfer_id=id_of(source if raw["type"] == "transfer" else of_reversal),
            status=raw["status"],
            available_at=moment(raw["available_on"]),
            created_at=moment(raw["created"]),
        )


@dataclass(frozen=True, slots=True)
class Payment:
    """How a Checkout Session was paid, or why it was not. `method` is "card", "us_bank_account" or another of Stripe's."""

    intent_id: str
    status: str
    charge_id: str
    method: str
    balance_transaction: BalanceTransaction | None
    failure_code: str
    failure_message: str

    @classmethod
    def read(cls, raw: Raw) -> Self:
        charge = raw.get("latest_charge")
        charge = charge if isinstance(charge, Mapping) else {}
        transaction = charge.get("balance_transaction")
        error = raw.get("last_payment_error") or {}
        return cls(
            intent_id=raw["id"],
            status=raw["status"],
            charge_id=charge.get("id", ""),
            method=(charge.get("payment_method_details") or {}).get("type", ""),
            balance_transaction=BalanceTransaction.read(transaction) if isinstance(transaction, Mapping) else None,
            failure_code=error.get("code") or "",
            failure_message=error.get("message") or "",
        )


@dataclass(frozen=True, slots=True)
class CheckoutSession:
    """
    A Checkout Session. `status` is open, complete or expired; complete does not mean paid (reference C.7).

    `payment` is there when the session was retrieved and somebody has tried to pay.
    """

    id: str
    url: str
    status: str
    payment_status: str
    amount_minor: int
    currency: str
    deposit_public_id: str
    expires_at: datetime
    payment: Payment | None = None

    @property
    def is_paid(self) -> bool:
        """Return whether the money is ours: only then may a deposit be credited."""
        return self.payment_status == "paid"

    @classmethod
    def read(cls, raw: Raw) -> Self:
        intent = raw.get("payment_intent")
        return cls(
            id=raw["id"],
            url=raw.get("url") or "",
            status=raw.get("status") or "",
            payment_status=raw["payment_status"],
            amount_minor=raw["amount_total"],
            currency=raw["currency"].upper(),
            deposit_public_id=raw.get("client_reference_id") or "",
            expires_at=moment(raw["expires_at"]),
            payment=Payment.read(intent) if isinstance(intent, Mapping) else None,
        )


@dataclass(frozen=True, slots=True)
class RecipientAccount:
    """The Stripe account of an expert. `transfers_status` is active, pending, restricted or unsupported."""

    id: str
    email: str
    country: str
    display_name: str
    transfers_status: str
    currently_due: tuple[str, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Return whether money can be sent: the one test of readiness (reference 0.2)."""
        return self.transfers_status == "active"

    @classmethod
    def read(cls, raw: Raw) -> Self:
        recipient = (raw.get("configuration") or {}).get("recipient") or {}
        balance = (recipient.get("capabilities") or {}).get("stripe_balance") or {}
        entries = (raw.get("requirements") or {}).get("entries") or []
        return cls(
            id=raw["id"],
            email=raw.get("contact_email") or "",
            country=((raw.get("identity") or {}).get("country") or "").upper(),
            display_name=raw.get("display_name") or "",
            transfers_status=(balance.get("stripe_transfers") or {}).get("status", "unsupported"),
            currently_due=tuple(entry["description"] for entry in entries),
        )


@dataclass(frozen=True, slots=True)
class AccountLink:
    """A link to Stripe's onboarding page: works once, for a few minutes; never store it."""

    url: str
    expires_at: datetime

    @classmethod
    def read(cls, raw: Raw) -> Self:
        return cls(url=raw["url"], expires_at=datetime.fromisoformat(raw["expires_at"]))


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Where Stripe pays an expert's money out to: what may be shown of it."""

    id: str
    bank_name: str
    last4: str
    country: str
    currency: str
    status: str
    fingerprint: str = ""  # the same for the same account, whoever gives it; Stripe's, for comparing only

    @property
    def label(self) -> str:
        """Return "First Harbor ··4417"."""
        return f"{self.bank_name} ··{self.last4}".strip()

    @classmethod
    def read(cls, raw: Raw) -> Self:
        return cls(
            id=raw["id"],
            bank_name=raw.get("bank_name") or "",
            last4=raw["last4"],
            country=raw["country"],
            currency=raw["currency"].upper(),
            status=raw["status"],
            fingerprint=raw.get("fingerprint") or "",
        )


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money sent from our balance to an expert's account."""

    id: str
    amount_minor: int
    amount_reversed_minor: int
    currency: str
    destination: str
    transfer_group: str
    source_type: str
    balance_transaction_id: str
    created_at: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, raw: Raw) -> Self:
        return cls(
            id=raw["id"],
            amount_minor=raw["amount"],
            amount_reversed_minor=raw["amount_reversed"],
            currency=raw["currency"].upper(),
            destination=id_of(raw["destination"]),
            transfer_group=raw.get("transfer_group") or "",
            source_type=raw.get("source_type") or "",
            balance_transaction_id=id_of(raw["balance_transaction"]),
            created_at=moment(raw["created"]),
            metadata=dict(raw["metadata"]),
        )


@dataclass(frozen=True, slots=True)
class Reversal:
    """A transfer taken back, in whole or in part."""

    id: str
    transfer_id: str
    amount_minor: int
    currency: str
    balance_transaction_id: str
    created_at: datetime

    @classmethod
    def read(cls, raw: Raw) -> Self:
        return cls(
            id=raw["id"],
            transfer_id=id_of(raw["transfer"]),
            amount_minor=raw["amount"],
            currency=raw["currency"].upper(),
            balance_transaction_id=id_of(raw["balance_transaction"]),
            created_at=moment(raw["created"]),
        )


@dataclass(frozen=True, slots=True)
class Balance:
    """Our Stripe balance in minor units by (currency, source type). A transfer draws on one source type (reference 0.7)."""

    available: Mapping[tuple[str, str], int]
    pending: Mapping[tuple[str, str], int]

    def available_in(self, currency: str, source_type: str = "card") -> int:
        return self.available.get((currency, source_type), 0)

    def total(self, currency: str) -> int:
        """Return available and pending together: what Stripe clearing in the ledger must equal."""
        both = (*self.available.items(), *self.pending.items())
        return sum(amount for (code, _), amount in both if code == currency)

    @classmethod
    def read(cls, raw: Raw) -> Self:
        return cls(available=_by_source(raw["available"]), pending=_by_source(raw["pending"]))


def _by_source(amounts: list[Any]) -> dict[tuple[str, str], int]:
    return {
        (entry["currency"].upper(), source_type): amount
        for entry in amounts
        for source_type, amount in (entry.get("source_types") or {}).items()
        if amount is not None
    }


@dataclass(frozen=True, slots=True)
class BankPayout:
    """Stripe's payout from an expert's account to their bank. It may fail days after it was `paid`."""

    id: str
    account_id: str
    amount_minor: int
    currency: str
    status: str
    arrival_at: datetime
    failure_code: str
    failure_message: str
    trace_id: str

    @classmethod
    def read(cls, raw: Raw, *, account_id: str) -> Self:
        return cls(
            id=raw["id"],
            account_id=account_id,
            amount_minor=raw["amount"],
            currency=raw["currency"].upper(),
            status=raw["status"],
            arrival_at=moment(raw["arrival_date"]),
            failure_code=raw.get("failure_code") or "",
            failure_message=raw.get("failure_message") or "",
            trace_id=(raw.get("trace_id") or {}).get("value") or "",
        )


@dataclass(frozen=True, slots=True)
class RemoteEvent:
    """An event as Stripe sent or listed it: a v1 snapshot, or a thin v2 notification."""

    id: str
    type: str
    object_id: str
    account: str
    is_thin: bool
    livemode: bool
    created_at: datetime
    payload: Mapping[str, Any] = field(repr=False)

    @classmethod
    def read(cls, raw: Raw) -> Self:
        """Read either kind; of a snapshot only the object's id is used, because the object is fetched again."""
        if raw["object"] == "v2.core.event":
            return cls(
                id=raw["id"],
                type=raw["type"],
                object_id=(raw.get("related_object") or {}).get("id", ""),
                account=raw.get("context") or "",
                is_thin=True,
                livemode=bool(raw.get("livemode")),
                created_at=datetime.fromisoformat(raw["created"]),
                payload=raw,
            )
        return cls(
            id=raw["id"],
            type=raw["type"],
            object_id=str(raw["data"]["object"].get("id", "")),
            account=raw.get("account") or "",
            is_thin=False,
            livemode=bool(raw["livemode"]),
            created_at=moment(raw["created"]),
            payload=raw,
        )
