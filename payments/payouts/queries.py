"""Questions about payouts: what other rooms ask, and what the pages of finance show."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Concat
from django.urls import reverse

from marketplace.accounts.models import User
from marketplace.audit.models import AuditEvent
from marketplace.kernel import clock
from marketplace.kernel.registry import PALETTE_ROWS
from payments.ledger.enums import AccountCode
from payments.ledger.models import Entry, LedgerAccount, Transfer
from payments.payouts.enums import (
    LIVE_RUN_STATES,
    OPEN_ITEM_STATES,
    PAYOUT_MINIMUM_MINOR,
    CorrectionKind,
    CorrectionState,
    ItemState,
    PayoutAccountState,
    RunState,
)
from payments.payouts.models import Correction, Hold, PayItem, PayoutAccount, PayRun

APPROVED_RUNS = frozenset(RunState) - {RunState.DRAFT, RunState.COMPUTED, RunState.CANCELLED}
NEEDS_A_LOOK = (ItemState.UNKNOWN, ItemState.REJECTED, ItemState.HELD)
STATE_ORDER = (
    ItemState.UNKNOWN,
    ItemState.REJECTED,
    ItemState.HELD,
    ItemState.EXCLUDED,
    ItemState.SENDING,
    ItemState.QUEUED,
    ItemState.READY,
    ItemState.SENT,
)
RATE_WINDOW = timedelta(seconds=10)


# ------------------------------------------------------------------------------------------------ for other rooms


def account_of(user: User) -> PayoutAccount | None:
    """Return where this person is paid, or None before they have begun to set it up."""
    return PayoutAccount.objects.filter(user=user).first()


def payout_account_ready(user: User) -> bool:
    """Whether money can be sent to this person: Stripe's capability is active."""
    return PayoutAccount.objects.filter(user=user, state=PayoutAccountState.READY).exists()


def items_of_payee(user: User) -> QuerySet[PayItem]:
    """Return what a person got or is about to get, from runs that two people approved, the newest week first."""
    items: QuerySet[PayItem] = PayItem.objects.filter(payee=user, run__state__in=APPROVED_RUNS)
    return items.select_related("run").order_by("-run__period", "currency")


def item_of(user: User, period: date, currency: str = "USD") -> PayItem | None:
    """Return a person's item of one week, or None while there is none that was approved."""
    return items_of_payee(user).filter(run__period=period, currency=currency).first()


def payees_in_scope(run_id: UUID | str) -> QuerySet[User]:
    """Return the people whom we owe anything, or who owe us, in the currency of a run: those to be screened."""
    run: PayRun = PayRun.objects.get(public_id=run_id)
    return User.objects.filter(public_id__in=_payable(run.currency).values("owner_ref")).order_by("pk")


def _payable(currency: str) -> QuerySet[LedgerAccount]:
    accounts: QuerySet[LedgerAccount] = LedgerAccount.objects.filter(
        code=AccountCode.EXPERT_PAYABLE, owner_kind="user", currency=currency
    ).exclude(balance_minor=0)
    return accounts


# ------------------------------------------------------------------------------------------------------- computing


def candidates(run: PayRun) -> QuerySet[User]:
    """
    Return everybody with a balance in 2200 and what decides about them, in one statement and so in one snapshot.

    Annotated: `payable` (minor units), `control` (account 2200 as a whole), `open_items` in earlier runs;
    `payout_account` is loaded. Holds are looked at later, when the items are written.
    """
    of_person = _payable(run.currency).filter(owner_ref=OuterRef("public_id")).values("balance_minor")
    whole = _payable(run.currency).order_by().values("code").annotate(sum=Sum("balance_minor")).values("sum")
    earlier = PayItem.objects.filter(payee=OuterRef("pk"), currency=run.currency, state__in=OPEN_ITEM_STATES)
    open_items = earlier.order_by().values("payee").annotate(n=Count("pk")).values("n")
    people: QuerySet[User] = (
        User.objects.filter(public_id__in=_payable(run.currency).values("owner_ref"))
        .annotate(payable=Subquery(of_person), control=Subquery(whole))
        .annotate(open_items=Subquery(open_items))
        .select_related("payout_account")
        .order_by("public_id")
    )
    return people


def sha256_of(run: PayRun) -> str:
    """
    Return the SHA-256 over the frozen facts of all items, sorted by their ids: what two people agree on.

    The reasons for being held or left out are part of it, the progress of sending is not, so the value can be
    recomputed at any time. Whose money was given back after approval was not held when the two people agreed.
    """
    reason = Case(When(releases=0, then=F("held_reason")), default=Value(""))
    facts = run.items.order_by("public_id").values_list(
        "public_id", "payee__public_id", reason, "excluded_reason", "gross_minor", "withheld_minor",
        "net_minor", "currency", "country", "stripe_account_id", "destination_label",
    )  # fmt: skip
    digest = hashlib.sha256(f"{run.public_id}|{run.period}|{run.currency}\n".encode())
    for item, payee, *rest in facts.iterator(chunk_size=2000):
        digest.update(json.dumps([str(item), str(payee), *rest]).encode() + b"\n")
    return digest.hexdigest()


# ---------------------------------------------------------------------------------------------------- pages of a run


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run would be about if it were computed now."""

    people: int
    minor: int
    holds: int


def scope_of(run: PayRun, *, now: datetime) -> Scope:
    """Return how many people are owed how much in the run's currency, and how many live holds there are."""
    owed = _payable(run.currency).filter(balance_minor__gt=0).aggregate(n=Count("pk"), minor=Sum("balance_minor"))
    return Scope(people=owed["n"], minor=int(owed["minor"] or 0), holds=holds_waiting(now=now))


@dataclass(frozen=True, slots=True)
class StateRow:
    """The items of a run in one state."""

    state: ItemState
    items: int
    minor: int


def state_rows(run: PayRun) -> dict[str, StateRow]:
    """Return count and net sum of the items by state; states without items are there with zeros."""
    found = run.items.order_by().values_list("state").annotate(n=Count("pk"), minor=Sum("net_minor"))
    sums = {state: (n, minor) for state, n, minor in found}
    return {state: StateRow(state, *sums.get(state, (0, 0))) for state in ItemState}


@dataclass(frozen=True, slots=True)
class Tie:
    """What the ledger says of a run beside what the run says; all in minor units."""

    paid_minor: int
    in_transit_minor: int
    payable_minor: int
    sent_minor: int
    open_minor: int
    computed_minor: int

    @property
    def ledger_minor(self) -> int:
        return self.paid_minor + self.in_transit_minor + self.payable_minor

    @property
    def difference_minor(self) -> int:
        """The largest of the differences, with its sign; 0 when everything ties."""
        gaps = (
            self.ledger_minor - self.computed_minor,
            self.paid_minor - self.sent_minor,
            self.in_transit_minor - self.open_minor,
        )
        return max(gaps, key=abs)


def tie_of(run: PayRun, rows: dict[str, StateRow]) -> Tie:
    """Ask the ledger what became of a run's money: from 2200 as it was computed, through 2300, out of 1010 or back."""
    accounts = LedgerAccount.objects.filter(
        code=AccountCode.PAYOUT_IN_TRANSIT, owner_kind="pay_item", owner_ref__in=run.items.values("public_id")
    )
    out = Transfer.objects.filter(debit__in=accounts).aggregate(
        paid=Sum("amount_minor", filter=Q(credit__code=AccountCode.STRIPE_CLEARING), default=0),
        back=Sum("amount_minor", filter=Q(credit__code=AccountCode.EXPERT_PAYABLE), default=0),
    )
    into = Transfer.objects.filter(credit__in=accounts).aggregate(minor=Sum("amount_minor", default=0))
    transit = accounts.aggregate(minor=Sum("balance_minor", default=0))
    return Tie(
        paid_minor=int(out["paid"]),
        in_transit_minor=int(transit["minor"]),
        payable_minor=run.payable_minor - int(into["minor"]) + int(out["back"]),
        sent_minor=rows[ItemState.SENT].minor,
        open_minor=sum(rows[state].minor for state in OPEN_ITEM_STATES),
        computed_minor=sum(row.minor for row in rows.values()),
    )


def sending_rate(run: PayRun, *, now: datetime) -> float:
    """Return how many transfers a second were confirmed in the last ten seconds."""
    count: int = run.items.filter(sent_at__gt=now - RATE_WINDOW, sent_at__lte=now).count()
    return count / RATE_WINDOW.total_seconds()


def ranked(items: QuerySet[PayItem]) -> QuerySet[PayItem]:
    """Order items by what needs a look first; `rank` and pk make the key of a page."""
    whens = [When(state=state, then=Value(rank)) for rank, state in enumerate(STATE_ORDER)]
    rank: Any = Case(*whens, default=Value(len(STATE_ORDER)), output_field=IntegerField())
    return items.annotate(rank=rank).order_by("rank", "pk")


def log_of(run: PayRun) -> QuerySet[AuditEvent]:
    """Return what was done to a run, the newest first."""
    events: QuerySet[AuditEvent] = AuditEvent.objects.about("payrun", run.public_id)
    return events


def periods_to_draft(*, now: datetime, how_many: int = 6) -> list[date]:
    """Return the latest weeks that have ended, the newest first."""
    this_week = clock.period_of(now)
    return [this_week - timedelta(weeks=back) for back in range(1, how_many + 1)]


def week_before(run: PayRun, items: list[PayItem]) -> dict[int, int]:
    """Return what each payee of these items got in the run of the week before, by primary key of the payee."""
    earlier = PayItem.objects.filter(
        run__period=run.period - timedelta(weeks=1),
        currency=run.currency,
        payee__in=[item.payee_id for item in items],
        run__state__in=APPROVED_RUNS,
    )
    return dict(earlier.values_list("payee_id", "net_minor"))


def runs_waiting() -> int:
    """Count the runs that wait for a person or are on their way."""
    return int(PayRun.objects.filter(state__in=LIVE_RUN_STATES).count())


# ---------------------------------------------------------------------------------------- transfers and corrections


def item_of_transfer(stripe_transfer_id: str) -> PayItem | None:
    """Return the item that was sent as this transfer, or None."""
    item: PayItem | None = PayItem.objects.with_people().filter(stripe_transfer_id=stripe_transfer_id).first()
    return item


def payee_of_transfer(stripe_transfer_id: str) -> User | None:
    """Return whose money a transfer in our books was: of its item, or of the correction that entered it; else None."""
    item = item_of_transfer(stripe_transfer_id)
    if item is not None:
        return item.payee
    entered = Correction.objects.filter(
        stripe_transfer_id=stripe_transfer_id, kind=CorrectionKind.TRANSFER, state=CorrectionState.POSTED
    )
    correction = entered.select_related("payee").first()
    return correction.payee if correction else None


def corrections_waiting() -> int:
    """Count the corrections that wait for a second person."""
    return int(Correction.objects.waiting().count())


# -------------------------------------------------------------------------------------------------------------- holds


def hold_of(user: User, *, now: datetime) -> Hold | None:
    """Return the live hold of a person that lasts longest, or None."""
    live = Hold.objects.live(now).filter(payee=user)
    hold: Hold | None = live.order_by(F("expires_at").desc(nulls_first=True), "pk").first()
    return hold


def holds_waiting(*, now: datetime) -> int:
    """Count the live holds."""
    return int(Hold.objects.live(now).count())


def unpayable_people(limit: int = 20) -> list[User]:
    """Return people whom we owe the minimum or more and whose payout account is missing or not ready; most owed first."""
    owed = LedgerAccount.objects.filter(
        code=AccountCode.EXPERT_PAYABLE, owner_kind="user", balance_minor__gte=PAYOUT_MINIMUM_MINOR
    )
    of_person = owed.filter(owner_ref=OuterRef("public_id")).order_by("-balance_minor")
    people = (
        User.objects.filter(public_id__in=owed.values("owner_ref"))
        .exclude(payout_account__state=PayoutAccountState.READY)
        .annotate(
            payable=Subquery(of_person.values("balance_minor")[:1]), currency=Subquery(of_person.values("currency")[:1])
        )
    )
    return list(people.select_related("payout_account").order_by("-payable", "pk")[:limit])


# ------------------------------------------------------------------------------------------------------- invariants


def transit_off() -> list[str]:
    """Compare account 2300 of each item with its state; one sentence for each that differs."""
    accounts = LedgerAccount.objects.filter(code=AccountCode.PAYOUT_IN_TRANSIT, owner_kind="pay_item")
    of_item = accounts.filter(owner_ref=OuterRef("public_id")).values("balance_minor")
    is_open = Q(state__in=OPEN_ITEM_STATES)
    looked_at = is_open | Q(public_id__in=accounts.exclude(balance_minor=0).values("owner_ref"))
    items = PayItem.objects.filter(looked_at).annotate(transit=Coalesce(Subquery(of_item), Value(0)))
    wrong = items.filter(is_open & ~Q(transit=F("net_minor")) | ~is_open & ~Q(transit=0)).order_by("pk")
    return [
        f"Item {item.public_id} of {item.net_minor} is {item.state.lower()}, but 2300 holds {item.transit} for it."
        for item in wrong[:100]
    ]


def sent_without_entry() -> list[str]:
    """Look for sent items whose transfer is not in the books; one sentence for each."""
    entries = Entry.objects.filter(key=Concat(Value("bt:"), OuterRef("balance_transaction")))
    missing = PayItem.objects.filter(~Exists(entries), state=ItemState.SENT).order_by("pk")
    return [f"Item {item.public_id} was sent as {item.stripe_transfer_id} without an entry." for item in missing[:100]]


def found_runs(user: User, text: str) -> list[tuple[str, str, str]]:
    """Return the newest pay runs whose week, such as 2026-W47, holds the text, for finance staff."""
    recent = PayRun.objects.visible_to(user).newest_first()[:104]
    named = [run for run in recent if text.upper() in clock.period_label(run.period)]
    return [
        (
            clock.period_label(run.period),
            f"{run.currency}, {run.get_state_display()}",
            reverse("payouts:run", args=[run.public_id]),
        )
        for run in named[:PALETTE_ROWS]
    ]
