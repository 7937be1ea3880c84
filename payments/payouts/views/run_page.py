"""What the page of one run shows, put together from a handful of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.utils.translation import gettext as _

from marketplace.accounts.enums import StaffRoleKind
from marketplace.accounts.models import User
from marketplace.accounts.queries import staff_with_role
from marketplace.kernel import clock
from payments.payouts import policies, queries
from payments.payouts.enums import OPEN_ITEM_STATES, ItemState, RunState
from payments.payouts.forms import ApproveForm
from payments.payouts.models import PayItem, PayRun
from payments.payouts.views.words import MEANING, PAINT, TONE_OF_ROW, line_of, reason_of

PAGE = 50
LATEST = 6
SHOWN_STATES = (
    ItemState.READY, ItemState.SENT, ItemState.SENDING, ItemState.QUEUED, ItemState.UNKNOWN, ItemState.REJECTED,
    ItemState.HELD, ItemState.EXCLUDED,
)  # fmt: skip
ALWAYS_SHOWN = frozenset(SHOWN_STATES) - {ItemState.READY}
TO_BE_SENT = (ItemState.SENT, ItemState.SENDING, ItemState.QUEUED, ItemState.UNKNOWN, ItemState.REJECTED)
STEPS = ("DRAFT", "COMPUTED", "APPROVED", "EXECUTING", "RECONCILED")
REACHED = {
    RunState.DRAFT: 0, RunState.COMPUTED: 1, RunState.APPROVED: 2, RunState.EXECUTING: 3,
    RunState.PARTIALLY_FAILED: 3, RunState.SETTLED: 4, RunState.RECONCILED: 5,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One node of the stepper."""

    state: str
    label: str
    hint: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StateLine:
    """One line of the table of states."""

    state: ItemState
    paint: str
    items: int
    minor: int
    meaning: str


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One line of the table of items."""

    item: PayItem
    reason: str
    since: datetime | None
    tone: str
    before: str
    jumped: bool


def is_moving(run: PayRun) -> bool:
    """Whether the page changes by itself: a worker is at work on this run, or about to be."""
    if run.state == RunState.DRAFT:
        return run.screened_at is None or run.compute_asked_at is not None
    return run.state == RunState.EXECUTING or (run.state == RunState.SETTLED and run.reconciled_at is None)


def live_context(run: PayRun, *, by: User, now: datetime) -> dict[str, Any]:
    """Return the part that changes by itself: state, steps, sending, log, approval, tie."""
    rows = queries.state_rows(run)
    approved = sum(rows[state].minor for state in TO_BE_SENT)
    to_send = sum(rows[state].items for state in TO_BE_SENT)
    left = sum(rows[state].items for state in OPEN_ITEM_STATES)
    is_sending = run.state == RunState.EXECUTING and not run.is_paused
    rate = queries.sending_rate(run, now=now) if is_sending else 0.0
    return {
        "door": "finance",
        "now": now,
        "run": run,
        "rows": rows,
        "last_day": clock.ends_at(run.period) - timedelta(seconds=1),
        "scope": queries.scope_of(run, now=now) if run.state == RunState.DRAFT else None,
        "steps": _steps(run),
        "moving": is_moving(run),
        "lines": [
            StateLine(state, PAINT[state], rows[state].items, rows[state].minor, str(MEANING[state]))
            for state in SHOWN_STATES
            if rows[state].items or state in ALWAYS_SHOWN
        ],
        "parts": [{"value": rows[state].minor, "paint": PAINT[state]} for state in TO_BE_SENT],
        "approved_minor": approved,
        "sent": rows[ItemState.SENT],
        "to_send": to_send,
        "rate": rate,
        "seconds_left": round(left / rate) if rate else None,
        "tie": queries.tie_of(run, rows),
        "latest": [line_of(event, run.currency) for event in queries.log_of(run)[:LATEST]],
        "parked": run.jobs.parked().order_by("pk").last(),
        "reconciliation": run.reconciliations.order_by("-at", "-pk").first(),
        **_decisions(run, by=by, rows=rows, now=now),
    }


def _decisions(run: PayRun, *, by: User, rows: dict[str, queries.StateRow], now: datetime) -> dict[str, Any]:
    """Return who may do what now, and who is asked."""
    prepares, sends = policies.can_prepare(by), policies.can_send(by)
    waits = run.state == RunState.COMPUTED
    asked = [person for person in staff_with_role(StaffRoleKind.FINANCE_APPROVER) if waits]
    return {
        "approve_form": ApproveForm(initial={"sha256": run.computed_sha256}),
        "asked": ", ".join(str(person) for person in asked if policies.can_approve(person, run)),
        "can_compute": prepares and run.state == RunState.DRAFT and run.compute_asked_at is None,
        "before_cutoff": now < run.cutoff_at,
        "can_approve": waits and policies.can_approve(by, run),
        "can_execute": sends and run.state == RunState.APPROVED,
        "can_pause": sends and run.state == RunState.EXECUTING,
        "can_cancel": prepares and run.state in (RunState.DRAFT, RunState.COMPUTED, RunState.APPROVED),
        "can_close": sends and run.state == RunState.PARTIALLY_FAILED,
        "can_reconcile": sends and run.state == RunState.SETTLED,
        "is_enough": run.available_minor is None or run.available_minor >= run.total_minor,
        "needs_a_look": sum(rows[state].items for state in queries.NEEDS_A_LOOK),
    }


def _steps(run: PayRun) -> list[Step]:
    """Return the five steps with what has happened, and in grey what is needed next."""
    if run.state == RunState.CANCELLED:
        return [Step("error", _("Cancelled"))]
    hints = (
        (run.created_at, _("screening") if run.screened_at is None else ""),
        (run.computed_at, _("frozen") if run.computed_at else _("after Wed 24:00 UTC")),
        (run.approved_at, _("two people") if run.approved_at else _("by a second person")),
        (run.executing_at, _("paused") if run.is_paused else ""),
        (run.reconciled_at, "" if run.reconciled_at else _("needs 0 unknown")),
    )
    labels = (_("Draft"), _("Computed"), _("Approved"), _("Executing"), _("Reconciled"))
    reached = REACHED[RunState(run.state)]
    steps = []
    for number, (label, (at, hint)) in enumerate(zip(labels, hints, strict=True)):
        state = "done" if number < reached else "current" if number == reached else "todo"
        failed = state == "current" and run.state == RunState.PARTIALLY_FAILED
        steps.append(Step("error", _("Partly failed"), hint, at) if failed else Step(state, label, hint, at))
    return steps


# ------------------------------------------------------------------------------------------------------------ items


def items_context(
    run: PayRun, wanted: dict[str, str], *, rows: dict[str, queries.StateRow], now: datetime
) -> dict[str, Any]:
    """Return one page of the items: filtered, what needs a look first, keyset by (rank, pk)."""
    shown = queries.ranked(run.items.select_related("payee"))
    if wanted["show"] == "look":
        shown = shown.filter(state__in=queries.NEEDS_A_LOOK)
    elif wanted["show"]:
        shown = shown.filter(state=wanted["show"])
    if wanted["q"]:
        shown = shown.filter(Q(payee__full_name__icontains=wanted["q"]) | Q(public_id__startswith=wanted["q"].lower()))
    if wanted["after"]:
        rank, pk = (int(part) for part in wanted["after"].split("-"))
        shown = shown.filter(Q(rank__gt=rank) | Q(rank=rank, pk__gt=pk))
    page = list(shown[: PAGE + 1])
    older = f"{page[PAGE - 1].rank}-{page[PAGE - 1].pk}" if len(page) > PAGE else ""  # type: ignore[attr-defined]
    page = page[:PAGE]
    kept = {name: wanted[name] for name in ("show", "q") if wanted[name]}
    before = queries.week_before(run, page)
    return {
        "items": [_item_line(item, before.get(item.payee_id), now=now) for item in page],
        "shown_minor": sum(item.net_minor for item in page),
        "show": wanted["show"],
        "q": wanted["q"],
        "chips": _chips(rows, wanted["show"]),
        "older": f"?{urlencode(kept | {'after': older})}" if older else "",
        "first": f"?{urlencode(kept)}" if wanted["after"] else "",
    }


def _chips(rows: dict[str, queries.StateRow], show: str) -> list[tuple[str, str, int, bool]]:
    """Return (value, label, count, chosen) of the filters that would show something."""
    look = sum(rows[state].items for state in queries.NEEDS_A_LOOK)
    states = [(state.value, str(state.label), rows[state].items) for state in SHOWN_STATES if rows[state].items]
    chips = [("", _("All"), sum(row.items for row in rows.values())), ("look", _("Needs a look"), look), *states]
    return [(value, label, count, value == show) for value, label, count in chips]


def _item_line(item: PayItem, before_minor: int | None, *, now: datetime) -> ItemLine:
    change = _("new") if not before_minor else f"{round(100 * (item.net_minor - before_minor) / before_minor):+d} %"
    return ItemLine(
        item=item,
        reason=reason_of(item),
        since=item.unknown_since or item.sent_at,
        tone=TONE_OF_ROW.get(ItemState(item.state), ""),
        before=change.replace("-", "\u2212"),
        jumped=bool(before_minor) and abs(item.net_minor - (before_minor or 0)) * 5 > abs(before_minor or 0),
    )
