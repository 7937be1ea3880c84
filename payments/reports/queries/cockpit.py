"""What the cockpit of finance shows: what waits, what is next, what went wrong, and whether the books are sound."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.accounts.enums import StaffRoleKind
from marketplace.accounts.models import User
from marketplace.kernel import clock, registry
from marketplace.kernel.money import format_money
from payments.funding.enums import DepositState
from payments.funding.models import Deposit
from payments.ledger import queries as books
from payments.ledger.enums import AccountCode
from payments.ledger.queries import TrialRow
from payments.payouts.enums import LIVE_RUN_STATES, ItemState, RunState
from payments.payouts.models import Correction, PayItem, PayRun, Reconciliation
from payments.payouts.queries import state_rows
from payments.reports.models import InvariantCheck
from payments.reports.queries.parked import count_parked

CHECK_EVERY: Final = timedelta(hours=1)
EXCEPTIONS: Final = (ItemState.UNKNOWN, ItemState.REJECTED, ItemState.HELD)
MOST_ROWS: Final = 12


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits for the reader, with the page where it is done."""

    title: str
    words: str
    url: str
    button: str
    tone: str = "warning"


@dataclass(frozen=True, slots=True)
class NextRun:
    """The run that is under way, or the week that has none yet."""

    period: date
    run: PayRun | None
    owed_minor: int
    url: str
    sent_items: int = 0
    sent_minor: int = 0

    @property
    def label(self) -> str:
        return clock.period_label(self.period)


@dataclass(frozen=True, slots=True)
class Balance:
    """What stands on one code of the chart, over all its owners."""

    row: TrialRow
    url: str


@dataclass(slots=True)
class Cockpit:
    """Everything on the page."""

    waiting: list[Waiting]
    next_run: NextRun
    exceptions: list[tuple[PayItem, str]]  # with the page of its run
    exceptions_count: int
    balances: list[Balance]
    reconciliation: Reconciliation | None
    checks: list[InvariantCheck]
    on_its_way_minor: int
    deposits_on_their_way: int
    currency: str = "USD"
    red: list[InvariantCheck] = field(init=False)

    def __post_init__(self) -> None:
        self.red = [check for check in self.checks if not check.is_green]

    @property
    def checked_at(self) -> datetime | None:
        return min((check.checked_at for check in self.checks), default=None)

    @property
    def trial_is_zero(self) -> bool:
        return sum(balance.row.closing_minor for balance in self.balances) == 0


def cockpit_of(user: User, *, now: datetime, currency: str = "USD") -> Cockpit:
    """Read the cockpit of one person; what waits depends on their roles."""
    runs = list(PayRun.objects.filter(state__in=LIVE_RUN_STATES).order_by("period", "currency"))
    reconciliation = Reconciliation.objects.order_by("-at", "-pk").first()
    exceptions = _exceptions()
    on_its_way = Deposit.objects.filter(state=DepositState.PROCESSING, currency=currency)
    deposits = list(on_its_way.values_list("amount_minor", flat=True))
    checks = current_checks()
    rows = books.trial_balance(currency)
    next_run = _next_run(runs, rows, now=now, currency=currency)
    return Cockpit(
        waiting=[
            *_red(checks),
            *_runs_waiting(user, runs),
            *_not_drafted(user, next_run),
            *_differences(reconciliation),
            *_corrections(user),
            *_parked(),
        ],
        next_run=next_run,
        exceptions=[
            (item, page_of_run(item.run)) for item in exceptions.with_people().order_by("-state", "pk")[:MOST_ROWS]
        ],
        exceptions_count=exceptions.count(),
        balances=[Balance(row, reverse("reports:accounts", args=[row.code])) for row in rows],
        reconciliation=reconciliation,
        checks=checks,
        on_its_way_minor=sum(deposits),
        deposits_on_their_way=len(deposits),
        currency=currency,
    )


def _exceptions() -> Any:
    """Unknown first, then rejected, then held: which is the alphabet backwards."""
    return PayItem.objects.filter(state__in=EXCEPTIONS, run__state__in=LIVE_RUN_STATES)


def _runs_waiting(user: User, runs: list[PayRun]) -> list[Waiting]:
    return [waiting for run in runs if (waiting := _run_waiting(user, run)) is not None]


def _run_waiting(user: User, run: PayRun) -> Waiting | None:
    """Say what this person can do for a run now; None when it waits for somebody else or for nobody."""
    url, roles = page_of_run(run), user.staff_roles
    prepared = {run.created_by_id, run.compute_asked_by_id}
    if run.state == RunState.COMPUTED and StaffRoleKind.FINANCE_APPROVER in roles and user.pk not in prepared:
        words = _("%(n)s items, %(sum)s. Prepared by somebody else, so it waits for you.") % {
            "n": run.items_count,
            "sum": format_money(run.total_minor, run.currency),
        }
        return Waiting(_("Approve pay run %(run)s") % {"run": run}, words, url, _("Review and approve"))
    if run.state == RunState.DRAFT and StaffRoleKind.FINANCE_PREPARER in roles:
        return Waiting(_("Compute pay run %(run)s") % {"run": run}, _("It is drafted and not frozen."), url, _("Open"))
    if run.state == RunState.APPROVED:
        words = _("Two people approved it. Nothing is sent before somebody starts it.")
        return Waiting(_("Start sending pay run %(run)s") % {"run": run}, words, url, _("Open"))
    if run.state == RunState.PARTIALLY_FAILED:
        words = _("Some items were refused and went back to payable.")
        return Waiting(_("Pay run %(run)s failed in part") % {"run": run}, words, url, _("Look"), "danger")
    if run.state == RunState.EXECUTING and run.is_paused:
        words = run.pause_words or _("Sending is paused.")
        return Waiting(_("Pay run %(run)s is paused") % {"run": run}, words, url, _("Open"))
    return None


def _not_drafted(user: User, next_run: NextRun) -> list[Waiting]:
    if next_run.run or not next_run.owed_minor or StaffRoleKind.FINANCE_PREPARER not in user.staff_roles:
        return []
    words = _("%(sum)s is payable to experts.") % {"sum": format_money(next_run.owed_minor)}
    title = _("Week %(week)s has no pay run") % {"week": next_run.label}
    return [Waiting(title, words, next_run.url, _("Draft it"))]


def _differences(reconciliation: Reconciliation | None) -> list[Waiting]:
    if reconciliation is None or not reconciliation.differences:
        return []
    count = len(reconciliation.differences)
    title = ngettext("%(n)s difference to Stripe", "%(n)s differences to Stripe", count) % {"n": count}
    return [
        Waiting(title, str(reconciliation.differences[0]), reverse("reports:report", args=["stripe-clearing"]),
                _("Compare"), "danger")
    ]  # fmt: skip


def _corrections(user: User) -> list[Waiting]:
    """Movements that somebody else has asked this person to enter."""
    asked = Correction.objects.waiting().exclude(asked_by=user)
    count = asked.count() if StaffRoleKind.FINANCE_APPROVER in user.staff_roles else 0
    if not count:
        return []
    title = ngettext("%(n)s correction waits for you", "%(n)s corrections wait for you", count) % {"n": count}
    words = _("A movement at Stripe that our books do not know. No pay run is drafted before it is entered.")
    return [Waiting(title, words, reverse("payouts:corrections"), _("Look"))]


def _parked() -> list[Waiting]:
    """Jobs that failed too often and wait for a person."""
    count = count_parked()
    if not count:
        return []
    title = ngettext("%(n)s money job is parked", "%(n)s money jobs are parked", count) % {"n": count}
    words = _("Each had eight attempts. Look at the last error, repair the cause, and try it again.")
    return [Waiting(title, words, reverse("reports:parked"), _("Look"), "danger")]


def _red(checks: list[InvariantCheck]) -> list[Waiting]:
    return [
        Waiting(
            _("Not true: %(name)s") % {"name": check.name}, str(check.violations[0]), "#proofs", _("See all"), "danger"
        )
        for check in checks
        if not check.is_green
    ]


def _next_run(runs: list[PayRun], rows: list[TrialRow], *, now: datetime, currency: str) -> NextRun:
    owed = next(row.balance_minor for row in rows if row.code == AccountCode.EXPERT_PAYABLE)
    # The newest: an older one that failed in part stands under "Waits for you" and is not what goes out next.
    live = next((run for run in reversed(runs) if run.currency == currency), None)
    if live:
        sent = state_rows(live)[ItemState.SENT]
        return NextRun(live.period, live, owed, page_of_run(live), sent.items, sent.minor)
    return NextRun(clock.period_of(now) - timedelta(weeks=1), None, owed, _page_of_runs())


def page_of_run(run: PayRun) -> str:
    """Return the address of a run's own page."""
    return _reverse("payouts:run", run.public_id) or _page_of_runs()


def _page_of_runs() -> str:
    return _reverse("payouts:runs") or reverse("reports:cockpit")


def _reverse(name: str, *args: object) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


# -------------------------------------------------------------------------------------------------------------- proofs


def current_checks() -> list[InvariantCheck]:
    """Return the last result of every invariant that is registered now, red ones first."""
    checks = InvariantCheck.objects.filter(name__in=list(registry.invariants)).order_by("name")
    return sorted(checks, key=lambda check: check.is_green)


def checks_are_due(now: datetime) -> bool:
    """Whether an invariant was never proved, or the proofs are an hour old."""
    fresh = InvariantCheck.objects.filter(name__in=list(registry.invariants), checked_at__gt=now - CHECK_EVERY)
    return fresh.count() < len(registry.invariants)


def red_checks(_request: HttpRequest) -> int:
    """Count the red invariants, for the navigation."""
    return InvariantCheck.objects.filter(name__in=list(registry.invariants)).exclude(violations=[]).count()
