"""
How a lab treats experts, in figures (design 3.2, market E3.16). Each is counted from rows when the page is opened; nothing
is stored, nobody can set one, and too few facts give no figure instead of a false one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import (
    Aggregate,
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Min,
    OuterRef,
    Q,
    Subquery,
    Window,
)  # fmt: skip
from django.db.models.functions import Cast, Coalesce, Lag, Lead
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from payments.payouts.enums import HoldReason, ItemState
from payments.payouts.models import PayItem
from projects.hiring.enums import DECISION_DAYS, ApplicationState
from projects.hiring.models import Application, Offer
from projects.hours.enums import TimesheetState
from projects.hours.models import PayLine, Timesheet
from projects.labs.models import Lab
from projects.listings.enums import ProjectState
from projects.listings.models import ListingVersion, StatusChange
from projects.work.enums import ReviewDecision
from projects.work.models import Review

DAYS: Final = 365
NEEDED: Final = 5
"""So many facts it takes before a figure is one."""

ROUND_SHARE: Final = 0.05
OWN_REASONS: Final = (
    HoldReason.NO_PAYOUT_ACCOUNT, HoldReason.ACCOUNT_NOT_READY, HoldReason.DESTINATION_CHANGED, HoldReason.SCREENING,
)  # fmt: skip
"""Holds that have their reason with the expert's own account and say nothing about the lab."""


@dataclass(frozen=True, slots=True)
class Figure:
    """
    One figure: its code and name, the value in words and as a number, how many facts it rests on, and how it is computed.

    `value` is None where there is no figure; `words` then say why: too few facts, or nothing that could be counted.
    """

    code: str
    label: str
    words: str
    value: float | None
    unit: str
    facts: int | None
    how: str
    is_counted: bool = True

    @property
    def is_known(self) -> bool:
        return self.value is not None


class Median(Aggregate):
    """The middle of a column's values."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def fairness_of(lab: Lab, *, now: datetime) -> list[Figure]:
    """Return a lab's figures over the last year. Five queries, however large the lab is."""
    since = now - timedelta(days=DAYS)
    figures = [
        *_decisions(lab, since),
        _rejected(lab, since),
        _overturned(),
        _disputed(),
        _paid_on_time(lab, since, now=now),
        *_rate_changes(lab, since),
        _paused(lab, since, now=now),
    ]
    return [_coarse(figure) for figure in figures] if lab.is_anonymous else figures


def _figure(
    code: str, label: str, how: str, *, facts: int, unit: str, value: float | None, words: Callable[[float], str]
) -> Figure:
    """Return a figure, or that the facts are too few for one."""
    if facts < NEEDED or value is None:
        few = _("too few to say: %(facts)s of the %(needed)s it takes") % {"facts": facts, "needed": NEEDED}
        return Figure(code, label, few, None, unit, facts, how)
    return Figure(code, label, words(value), value, unit, facts, how)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None


def _percent(value: float) -> str:
    return f"{value * 100:.0f} %"


# ---------------------------------------------------------------------------------------------------------- decisions


def _decisions(lab: Lab, since: datetime) -> list[Figure]:
    first_offer = Offer.objects.filter(application=OuterRef("pk")).order_by().values("application")
    rows = (
        Application.objects.of_lab(lab)
        .annotate(
            answered_at=Coalesce(Subquery(first_offer.annotate(at=Min("sent_at")).values("at")), F("decided_at")),
        )
        .filter(answered_at__gte=since)
        .exclude(state=ApplicationState.WITHDRAWN)
    )
    waited = ExpressionWrapper(F("answered_at") - F("submitted_at"), output_field=DurationField())
    found: dict[str, Any] = rows.aggregate(
        median=Median(waited), number=Count("pk"), lapsed=Count("pk", filter=Q(state=ApplicationState.LAPSED))
    )
    days = round(found["median"].total_seconds() / 86_400, 1) if found["median"] is not None else None
    return [
        _figure(
            "days_to_decide",
            _("Days to decide on an application"),
            _(
                "The median of the time from handing in to the first offer or the decline. An application without a "
                "decision lapses after %(days)s days and counts with them. What the expert withdrew does not count."
            )
            % {"days": DECISION_DAYS},
            facts=found["number"],
            unit="days",
            value=days,
            words=lambda value: ngettext("%(n)s day", "%(n)s days", round(value)) % {"n": f"{value:g}"},
        ),
        _figure(
            "no_decision",
            _("Applications that got no decision"),
            _("Of all that were decided or lapsed, the share about which the lab said nothing for %(days)s days.")
            % {"days": DECISION_DAYS},
            facts=found["number"],
            unit="share",
            value=_share(found["lapsed"], found["number"]),
            words=_percent,
        ),
    ]


def _rejected(lab: Lab, since: datetime) -> Figure:
    final = Q(decision__in=[ReviewDecision.ACCEPT, ReviewDecision.REJECT])
    rows = Review.objects.filter(final, submission__assignment__task__project__lab=lab, decided_at__gte=since)
    found = rows.aggregate(number=Count("pk"), rejected=Count("pk", filter=Q(decision=ReviewDecision.REJECT)))
    return _figure(
        "work_rejected",
        _("Work that was rejected"),
        _(
            "Of all pieces of work that were accepted, by a reviewer or by silence, or rejected. Hours are paid either way."
        ),
        facts=found["number"],
        unit="share",
        value=_share(found["rejected"], found["number"]),
        words=_percent,
    )


def _overturned() -> Figure:
    return Figure(
        "overturned",
        _("Decisions that were overturned"),
        _("nothing to count"),
        None,
        "share",
        None,
        _("A lab’s decision on an application or on work is final here, so none can be overturned by somebody else."),
        is_counted=False,
    )


def _disputed() -> Figure:
    return Figure(
        "hours_disputed",
        _("Hours that were disputed"),
        _("nothing to count"),
        None,
        "share",
        None,
        _("A lab approves hours, by hand or by silence. It has no means to refuse or to take back hours."),
        is_counted=False,
    )


# ---------------------------------------------------------------------------------------------------------------- pay


def _paid_on_time(lab: Lab, since: datetime, *, now: datetime) -> Figure:
    """A week is due on the Friday after it ends, eleven days after its Monday."""
    due = now.date() - timedelta(days=12)
    weeks = Timesheet.objects.filter(contract__lab=lab, period__gte=since.date(), period__lte=due)
    worked = PayLine.objects.filter(timesheet=OuterRef("pk"), pay_minor__gt=0)
    items = PayItem.objects.filter(
        payee=OuterRef("contract__expert__user"),
        currency=OuterRef("contract__currency"),
        run__period=OuterRef("period"),
    )
    saturday = Cast(OuterRef("period") + timedelta(days=12), DateTimeField())
    on_time = items.filter(state=ItemState.SENT, sent_at__lt=saturday, run__computed_at__gte=OuterRef("approved_at"))
    held = items.filter(state=ItemState.HELD, held_reason__in=OWN_REASONS) | items.filter(state=ItemState.EXCLUDED)
    rows = weeks.filter(Exists(worked)).annotate(on_time=Exists(on_time), held=Exists(held))
    found = rows.filter(held=False).aggregate(
        number=Count("pk"), paid=Count("pk", filter=Q(on_time=True, state=TimesheetState.APPROVED))
    )
    return _figure(
        "paid_on_time",
        _("Weeks paid on time"),
        _(
            "Of all weeks with hours whose Friday has come: the lab approved in time for that Friday’s pay run and the "
            "money was sent by the end of the day. Weeks that waited for the expert’s own payout account, or stood below "
            "the smallest payout, do not count."
        ),
        facts=found["number"],
        unit="share",
        value=_share(found["paid"], found["number"]),
        words=_percent,
    )


def _rate_changes(lab: Lab, since: datetime) -> list[Figure]:
    """Every version counts whose range differs from the one before it in the same listing."""
    listed = ListingVersion.objects.filter(project__lab=lab)
    order: dict[str, Any] = {"partition_by": F("project"), "order_by": F("number").asc()}
    rows = listed.annotate(
        low_before=Window(Lag("rate_min_minor"), **order), high_before=Window(Lag("rate_max_minor"), **order)
    ).values_list("at", "rate_min_minor", "rate_max_minor", "low_before", "high_before", "project")
    raised = lowered = 0
    projects = set()
    for at, low, high, low_before, high_before, project in rows:
        projects.add(project)
        if high_before is None or at < since:
            continue
        lowered += low < low_before or high < high_before
        raised += (low > low_before or high > high_before) and not (low < low_before or high < high_before)
    how = _("Every change of the range that a published listing names, over the last year, whoever it was good for.")
    return [
        _count("rates_raised", _("Rates raised"), how, raised, len(projects)),
        _count(
            "rates_lowered",
            _("Rates lowered"),
            _("The same, where the lower or the higher end fell. Contracts keep the rate that was signed."),
            lowered,
            len(projects),
        ),
    ]


def _count(code: str, label: str, how: str, value: int, listings: int) -> Figure:
    """A count is known as soon as there is a listing that could have changed: no change then is a fact."""
    if not listings:
        return Figure(code, label, _("nothing published yet"), None, "changes", 0, how)
    words = ngettext("%(n)s in %(all)s listing", "%(n)s in %(all)s listings", listings) % {"n": value, "all": listings}
    return Figure(code, label, words, float(value), "changes", listings, how)


def _paused(lab: Lab, since: datetime, *, now: datetime) -> Figure:
    rows = StatusChange.objects.filter(project__lab=lab).annotate(
        until=Window(Lead("at"), partition_by=F("project"), order_by=[F("at").asc(), F("pk").asc()])
    )
    paused = listed = timedelta()
    for state, at, until in rows.values_list("state", "at", "until"):
        length = max(timedelta(), (until or now) - max(at, since))
        if state in {ProjectState.OPEN, ProjectState.PAUSED}:
            listed += length
            paused += length if state == ProjectState.PAUSED else timedelta()
    days, of = round(paused / timedelta(days=1), 1), round(listed / timedelta(days=1))
    how = _("All days on which a published listing of the lab was paused, of all days on which one was open or paused.")
    if of < NEEDED:
        few = _("too few to say: %(facts)s of the %(needed)s days it takes") % {"facts": of, "needed": NEEDED}
        return Figure("days_paused", _("Days paused"), few, None, "days", of, how)
    words = _("%(days)s of %(all)s days") % {"days": f"{days:g}", "all": of}
    return Figure("days_paused", _("Days paused"), words, days, "days", of, how)


# ---------------------------------------------------------------------------------------------------------- anonymity


def _coarse(figure: Figure) -> Figure:
    """
    Blunt a figure of a lab that stays anonymous: no numbers of facts, days in whole, shares in steps of five percent, and
    counts as “none”, “a few”, “many”, so that nobody tells by them which known lab this is.
    """
    if figure.value is None:
        words = figure.words if not figure.is_counted else _("too few to say")
        return replace(figure, facts=None, words=words)
    if figure.unit == "share":
        value = round(round(figure.value / ROUND_SHARE) * ROUND_SHARE, 2)
        return replace(figure, facts=None, value=value, words=_("about %(share)s") % {"share": _percent(value)})
    if figure.code == "days_to_decide":
        value = float(max(1, round(figure.value)))
        words = ngettext("about %(n)s day", "about %(n)s days", int(value)) % {"n": f"{value:g}"}
        return replace(figure, facts=None, value=value, words=words)
    few, many = (10, 10) if figure.code == "days_paused" else (3, 3)
    step = 0.0 if figure.value == 0 else float(few if figure.value <= few else many + 1)
    words = _("none") if step == 0 else _("a few") if step == few else _("many")
    return replace(figure, facts=None, value=step, words=words)
