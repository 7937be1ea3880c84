"""What an expert earned: purses by currency, weeks, and the payslip of one week, tied to the ledger."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from marketplace.accounts.models import User
from marketplace.kernel import clock
from payments.ledger.enums import AccountCode, EntryKind
from payments.ledger.models import LedgerAccount, Transfer
from payments.payouts.enums import OPEN_ITEM_STATES, ItemState
from payments.payouts.models import PayItem
from projects.hours.enums import PayLineState
from projects.hours.models import PayLine, Timesheet

Key = tuple[date, str]


@dataclass(frozen=True, slots=True)
class Purse:
    """Where an expert's money of one currency is, in minor units."""

    currency: str
    payable_minor: int
    in_transit_minor: int
    paid_minor: int


def purses_of(user: User) -> list[Purse]:
    """Return the person's money by currency, at least in US dollars; two queries."""
    accounts = LedgerAccount.objects.filter(code=AccountCode.EXPERT_PAYABLE, owner_ref=user.public_id)
    payable = {currency: minor or 0 for currency, minor in accounts.values_list("currency", "balance_minor")}
    items = PayItem.objects.visible_to(user).filter(payee=user)
    sums: dict[str, dict[str, int]] = defaultdict(dict)
    for currency, state, minor in items.order_by().values_list("currency", "state").annotate(minor=Sum("net_minor")):
        sums[currency][state] = minor
    currencies = sorted(set(payable) | set(sums) or {"USD"})
    open_states = (ItemState.QUEUED, ItemState.SENDING, ItemState.UNKNOWN)
    return [
        Purse(
            currency,
            payable.get(currency, 0),
            sum(sums[currency].get(state, 0) for state in open_states),
            sums[currency].get(ItemState.SENT, 0),
        )
        for currency in currencies
    ]


@dataclass(frozen=True, slots=True)
class WeekPay:
    """One week of earnings in one currency: what the lines come to, and where they stand."""

    period: date
    label: str
    currency: str
    seconds: int
    pay_minor: int
    states: frozenset[str]
    item: PayItem | None


def earnings_by_week(user: User, *, before: date | None = None, count: int = 26) -> tuple[list[WeekPay], date | None]:
    """
    Return the expert's weeks with lines, the newest first, each with its pay item where there is one.

    :param before: the week where the page before ended.
    :return: the weeks, and where the next page begins, or None at the end. Four queries.
    """
    own = PayLine.objects.filter(timesheet__contract__expert__user=user).order_by("-timesheet__period")
    if before is not None:
        own = own.filter(timesheet__period__lt=before)
    periods = list(own.values_list("timesheet__period", flat=True).distinct()[: count + 1])
    shown = periods[:count]
    rows = own.filter(timesheet__period__in=shown).values_list("timesheet__period", "currency")
    sums = rows.annotate(seconds=Sum("seconds"), pay=Sum("pay_minor")).order_by("-timesheet__period", "currency")
    states, items = _states_of(user, shown), _items_of(user, shown)
    weeks = [
        WeekPay(
            period, clock.period_label(period), currency, seconds, pay,
            frozenset(states[period, currency]), items.get((period, currency)),
        )
        for period, currency, seconds, pay in sums
    ]  # fmt: skip
    return weeks, shown[-1] if len(periods) > count else None


def _states_of(user: User, periods: list[date]) -> dict[Key, set[str]]:
    states: dict[Key, set[str]] = defaultdict(set)
    sheets = Timesheet.objects.of_expert(user).filter(period__in=periods)
    for period, currency, state in sheets.values_list("period", "contract__currency", "state"):
        states[period, currency].add(state)
    return states


def _items_of(user: User, periods: list[date]) -> dict[Key, PayItem]:
    """Return the person's pay items by week and currency; there is one run for each pair."""
    items = PayItem.objects.visible_to(user).filter(payee=user, run__period__in=periods).with_people().order_by("pk")
    return {(item.run.period, item.currency): item for item in items}


@dataclass(frozen=True, slots=True)
class Payslip:
    """
    What a Friday paid in one currency: the lines of its week, what came from earlier weeks, and the transfer.

    `ledger_minor` is what the books credited to the person for these lines, `rewards_minor` what referrals brought since
    the payment before.
    """

    period: date
    label: str
    currency: str
    lines: list[PayLine]
    item: PayItem | None
    ledger_minor: int
    rewards_minor: int = 0

    @property
    def minutes(self) -> int:
        return sum(line.minutes for line in self.lines)

    @property
    def pay_minor(self) -> int:
        return sum(line.pay_minor for line in self.lines)

    @property
    def approved_minor(self) -> int:
        return sum(line.pay_minor for line in self.lines if line.state == PayLineState.APPROVED)

    @property
    def in_review_minor(self) -> int:
        return self.pay_minor - self.approved_minor

    @property
    def ties(self) -> bool:
        """Whether every line is approved and the books say the same sum."""
        return self.in_review_minor == 0 and self.ledger_minor == self.pay_minor and bool(self.lines)

    @property
    def carried_minor(self) -> int:
        """What the item pays beyond this week's approved lines and rewards: earlier weeks that were carried or held."""
        return self.item.gross_minor - self.approved_minor - self.rewards_minor if self.item else 0

    @property
    def is_paid(self) -> bool:
        return self.item is not None and self.item.state == ItemState.SENT

    @property
    def is_final(self) -> bool:
        """Whether a pay run took this week up."""
        return self.item is not None


def payslips_of(user: User, period: date) -> list[Payslip]:
    """Return the payslip of a week in each currency, also while it is a draft; none if nothing was worked or paid."""
    lines: dict[str, list[PayLine]] = defaultdict(list)
    rows = PayLine.objects.filter(timesheet__contract__expert__user=user, timesheet__period=period)
    for line in rows.select_related("timesheet__contract__project__lab").order_by("timesheet__contract_id", "day"):
        lines[line.currency].append(line)
    items = {currency: item for (_period, currency), item in _items_of(user, [period]).items()}
    label = clock.period_label(period)
    return [
        Payslip(
            period, label, currency, lines[currency], items.get(currency), _credited(user, lines[currency]),
            _rewards(user, items[currency]) if currency in items else 0,
        )
        for currency in sorted({*lines, *items})
    ]  # fmt: skip


def _credited(user: User, lines: list[PayLine]) -> int:
    """Return what the ledger credited to the person for the lines, by the keys of the approvals."""
    keys = [f"approval:{line.public_id}:{line.timesheet.revision}" for line in lines]
    credited = Transfer.objects.filter(
        credit__code=AccountCode.EXPERT_PAYABLE,
        credit__owner_ref=user.public_id,
        entry__kind=EntryKind.APPROVAL,
        entry__key__in=keys,
        entry__reversed_by__isnull=True,
    )
    return int(credited.aggregate(minor=Sum("amount_minor"))["minor"] or 0)


def _rewards(user: User, item: PayItem) -> int:
    """Return what referrals brought between the run that paid the person before this one, and this one; less corrections."""
    earlier = PayItem.objects.filter(payee=user, currency=item.currency, run__period__lt=item.run.period)
    paid = earlier.filter(state__in=[*OPEN_ITEM_STATES, ItemState.SENT]).order_by("-run__computed_at")
    since = paid.values_list("run__computed_at", flat=True).first()
    moved = Transfer.objects.filter(entry__posted_at__lte=item.run.computed_at)
    if since is not None:
        moved = moved.filter(entry__posted_at__gt=since)
    own = {"code": AccountCode.EXPERT_PAYABLE, "owner_ref": user.public_id, "currency": item.currency}
    account = LedgerAccount.objects.filter(**own)
    booked = moved.filter(credit__in=account, entry__kind=EntryKind.REFERRAL)
    undone = moved.filter(debit__in=account, entry__reverses__kind=EntryKind.REFERRAL)
    total = Sum("amount_minor", default=0)
    return int(booked.aggregate(minor=total)["minor"]) - int(undone.aggregate(minor=total)["minor"])
